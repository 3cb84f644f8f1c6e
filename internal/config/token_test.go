package config

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// follow resolves the settings of the default profile as a program does, and
// follows their token.
func follow(t *testing.T, s *Store) *ProfileToken {
	t.Helper()
	used, err := resolve(t.Context(), Flags{}, func(string) string { return "" }, func(func(string) string) (*Store, error) { return s, nil })
	if err != nil {
		t.Fatal(err)
	}
	p, ok := s.Token(used)
	if !ok {
		t.Fatal("the token is no profile's")
	}
	return p
}

func loaded(t *testing.T, p *ProfileToken) string {
	t.Helper()
	token, got, err := p.Load(t.Context())
	if err != nil || token != "" && time.Since(got) > time.Minute {
		t.Errorf("Load: got %v, %v", got, err)
	}
	return token
}

func TestProfileToken(t *testing.T) {
	t.Parallel()
	for _, keyring := range []Keyring{nil, newRing()} {
		s := twoLogins(t, keyring)
		a, b := follow(t, s), follow(t, s)
		keep := func(p *ProfileToken, token, want string) {
			t.Helper()
			if err := p.Save(t.Context(), "", token); err != nil {
				t.Fatal(err)
			}
			if got := loaded(t, follow(t, s)); got != want {
				t.Errorf("after %s the profile holds %q, want %q", token, got, want)
			}
		}
		keep(a, "newer", "newer")
		keep(a, "newest", "newest")
		keep(b, "late", "newest") // b has not seen a's
		if got := loaded(t, b); got != "newest" {
			t.Errorf("b sees %q", got)
		}
		keep(b, "of b", "of b")
		keep(a, "late", "of b")
		// A new login is seen, and stays until it was.
		if _, err := s.Save(t.Context(), DefaultProfile, Profile{URL: urlA, Email: "Ann@example.org"}, "login"); err != nil {
			t.Fatal(err)
		}
		keep(b, "late", "login")
		if got := loaded(t, a); got != "login" {
			t.Errorf("a sees %q", got)
		}
		staging, err := resolve(t.Context(), Flags{Profile: "staging"}, func(string) string { return "" },
			func(func(string) string) (*Store, error) { return s, nil })
		if err != nil || staging.Token != "token-b" {
			t.Errorf("the other profile: %+v, %v", staging, err)
		}
		// Another account, another server, no profile: nothing of theirs is taken
		// or changed.
		for _, p := range []Profile{{URL: urlA, Email: "bob@example.org"}, {URL: urlB, Email: "ann@example.org"}} {
			if _, err := s.Save(t.Context(), DefaultProfile, p, "foreign"); err != nil {
				t.Fatal(err)
			}
			if got := loaded(t, a); got != "" {
				t.Errorf("a sees %q of %+v", got, p)
			}
			keep(a, "mine", "foreign")
		}
		if _, err := s.Remove(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		if err := a.Save(t.Context(), "", "mine"); err != nil || loaded(t, a) != "" {
			t.Errorf("a profile that is gone came back: %v", err)
		}
	}
}

// Programs that share a profile change it in turn.
func TestProfileTokenOfMany(t *testing.T) {
	t.Parallel()
	s := twoLogins(t, nil)
	var wg sync.WaitGroup
	for program := range 4 {
		p := follow(t, s)
		wg.Go(func() {
			for i := range 10 {
				if _, _, err := p.Load(t.Context()); err != nil {
					t.Error(err)
				}
				if err := p.Save(t.Context(), "", fmt.Sprintf("%d.%d", program, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if got := loaded(t, follow(t, s)); !strings.Contains(got, ".") {
		t.Errorf("the profile holds %q", got)
	}
}

func TestProfileTokenWithoutOne(t *testing.T) {
	t.Parallel()
	ring := newRing()
	s := twoLogins(t, ring)
	if _, ok := s.Token(Settings{URL: urlA, Token: "of the environment"}); ok {
		t.Error("a token that is no profile's is followed")
	}
	p := follow(t, s)
	ring.broken = errors.New("locked")
	if _, _, err := p.Load(t.Context()); !errors.Is(err, ring.broken) {
		t.Errorf("a locked keyring: %v", err)
	}
	s.Keyring = nil
	if _, _, err := p.Load(t.Context()); err == nil {
		t.Error("no keyring, and no error")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := p.Save(ctx, "", "late"); !errors.Is(err, context.Canceled) {
		t.Errorf("Save after the end: %v", err)
	}
}
