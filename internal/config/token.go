package config

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"
)

// ProfileToken is the token of the profile that settings came from, for as long
// as a program runs: it keeps newer ones, and sees those that other programs
// keep. It is a store of tokens as package mibitracker wants one.
type ProfileToken struct {
	store *Store
	used  Settings

	mu      sync.Mutex
	renewed time.Time // of the token that was last seen or kept
}

// Token follows the token of the settings' profile. Settings whose token is not
// a profile's have none to follow: ok is false.
func (s *Store) Token(used Settings) (token *ProfileToken, ok bool) {
	if used.Renewed.IsZero() {
		return nil, false
	}
	return &ProfileToken{store: s, used: used, renewed: used.Renewed}, true
}

// Load gives the token that the profile holds now, and when it was got. It is
// empty where the profile is gone, or another server's or account's by now.
func (p *ProfileToken) Load(ctx context.Context) (token string, got time.Time, err error) {
	f, err := p.store.Load()
	if err != nil {
		return "", time.Time{}, err
	}
	profile, ok := f.Profiles[p.used.Profile]
	if !ok || !p.same(profile) {
		return "", time.Time{}, nil
	}
	token = profile.Token
	if profile.Keyring {
		if p.store.Keyring == nil {
			return "", time.Time{}, errors.New("the profile's token is in the system's keyring, which is not here")
		}
		if token, err = p.store.Keyring.Get(ctx, service(profile.URL), p.used.Profile); err != nil {
			return "", time.Time{}, err
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.renewed = profile.Renewed
	return token, profile.Renewed, nil
}

// Save keeps a newer token. A profile that is gone, that is another server's or
// account's by now, or whose token another program has replaced, stays as it is.
func (p *ProfileToken) Save(ctx context.Context, _, token string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	renewed := p.renewed
	err := p.store.change(ctx, func(f *File) error {
		profile, ok := f.Profiles[p.used.Profile]
		if !ok || !p.same(profile) || !profile.Renewed.Equal(p.renewed) {
			return nil
		}
		if err := p.store.keep(ctx, p.used.Profile, &profile, token); err != nil {
			return err
		}
		f.Profiles[p.used.Profile], renewed = profile, profile.Renewed
		return nil
	})
	if err == nil {
		p.renewed = renewed
	}
	return err
}

// same says whether a profile is still that of the same account at the same
// server. Not every server tells the account.
func (p *ProfileToken) same(profile Profile) bool {
	return profile.URL == p.used.URL && (profile.Email == "" || strings.EqualFold(profile.Email, p.used.Email))
}
