package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// ErrNoKey says that there is no API key of that number.
var ErrNoKey = errors.New("there is no such API key")

// What the API allows of keys holds here, too.
const (
	maxKeyName  = 255 // characters
	maxKeyYears = 5
	maxKeys     = 100 // of one account that are not revoked
)

// Key is an API key, for whoever has the data folder at hand.
type Key struct {
	ID        int64
	Name      string // what it is for
	UserID    int64  // whose it is
	Email     string // its owner's address
	Scope     string // what it may do: one of [KeyScopes]
	CreatedAt time.Time
	ExpiresAt *time.Time // nil: never
	LastUsed  *time.Time // to the minute; nil: never
	RevokedAt *time.Time // nil: it is not revoked
}

func keyOf(k model.APIKey) Key {
	return Key{
		ID: k.ID, Name: k.Name, UserID: k.AccountID, Email: k.AccountEmail, Scope: string(k.Scope), CreatedAt: k.CreatedAt,
		ExpiresAt: k.ExpiresAt, LastUsed: k.LastUsedAt, RevokedAt: k.RevokedAt,
	}
}

// KeyScopes lists what an API key may be for, in rising order.
func KeyScopes() []string {
	var names []string
	for _, s := range model.Scopes() {
		names = append(names, string(s))
	}
	return names
}

// NewKey is what an API key is made of.
type NewKey struct {
	Name      string     // what it is for
	Email     string     // whose it is to be
	Scope     string     // one of [KeyScopes]
	ExpiresAt *time.Time // nil: never
}

// CreateKey makes an API key, and its text: that is a secret, kept nowhere.
//
// Errors: [ErrInput], [ErrNoData], [ErrNoUser], and [ErrUserState] for an
// account that is disabled, has too many keys, or is no administrator and
// cannot have a key that is one.
func CreateKey(ctx context.Context, dataDir string, n NewKey) (key Key, text string, err error) {
	now := time.Now()
	email, err := n.check(now)
	if err != nil {
		return Key{}, "", err
	}
	secret, hash := auth.NewSecret()
	err = withDatabase(ctx, dataDir, func(db *store.Store) error {
		return db.WriteAs(ctx, commandLine(), func(t *store.Tx) error {
			a, err := findUser(ctx, t.Queries, dataDir, email)
			switch {
			case err != nil:
				return err
			case !a.Active:
				return fmt.Errorf("%s is disabled: %w; enable it first", a.Email, ErrUserState)
			case n.Scope == string(model.ScopeAdmin) && !a.Admin:
				return fmt.Errorf("%s is no administrator, and cannot have a key that is one: %w", a.Email, ErrUserState)
			}
			living, err := t.Keys(ctx)
			if err != nil {
				return err
			}
			living = slices.DeleteFunc(living, func(k model.APIKey) bool { return k.AccountID != a.ID || !k.Active })
			if len(living) >= maxKeys {
				return fmt.Errorf("%s has %d API keys: %w; revoke those that are not used", a.Email, len(living), ErrUserState)
			}
			id, err := t.AddKey(ctx, model.APIKey{
				AccountID: a.ID, Name: n.Name, Scope: model.Scope(n.Scope), SecretSHA256: hash, CreatedAt: now, ExpiresAt: n.ExpiresAt,
			})
			if err != nil {
				return err
			}
			made, err := t.Key(ctx, id)
			key, text = keyOf(made), auth.FormatKey(id, secret)
			return err
		})
	})
	if err != nil {
		return Key{}, "", err
	}
	return key, text, nil
}

// check refuses what cannot be a key, and gives the owner's address as
// accounts have it.
func (n NewKey) check(now time.Time) (email string, err error) {
	switch {
	case strings.TrimSpace(n.Name) == "" || utf8.RuneCountInString(n.Name) > maxKeyName || !utf8.ValidString(n.Name) ||
		strings.ContainsFunc(n.Name, unicode.IsControl):
		return "", fmt.Errorf("the key's name %.40q: %w: give it 1 to %d printable characters that say what the key is for", n.Name, ErrInput, maxKeyName)
	case !slices.Contains(KeyScopes(), n.Scope):
		return "", fmt.Errorf("the scope %q: %w: it is one of %s", n.Scope, ErrInput, strings.Join(KeyScopes(), ", "))
	case n.ExpiresAt != nil && !n.ExpiresAt.After(now):
		return "", fmt.Errorf("the key's end %s: %w: it is over", n.ExpiresAt.Format(time.RFC3339), ErrInput)
	case n.ExpiresAt != nil && n.ExpiresAt.After(now.AddDate(maxKeyYears, 0, 1)):
		return "", fmt.Errorf("the key's end %s: %w: a key that ends is good for at most %d years", n.ExpiresAt.Format(time.RFC3339), ErrInput, maxKeyYears)
	}
	return userEmail(n.Email)
}

// Keys lists the API keys of a data folder, the ended ones too, in the order
// they were made: of one account, or of all where email is empty.
//
// Errors: [ErrInput], [ErrNoData], [ErrNoUser].
func Keys(ctx context.Context, dataDir, email string) (keys []Key, err error) {
	if email != "" {
		if email, err = userEmail(email); err != nil {
			return nil, err
		}
	}
	err = withDatabase(ctx, dataDir, func(db *store.Store) error {
		if email != "" {
			if _, err := findUser(ctx, db.Queries, dataDir, email); err != nil {
				return err
			}
		}
		all, err := db.Keys(ctx)
		for _, k := range all {
			if email == "" || k.AccountEmail == email {
				keys = append(keys, keyOf(k))
			}
		}
		return err
	})
	return keys, err
}

// RevokeKey ends an API key for good, at once. It reports whether the key was
// not revoked before.
//
// Errors: [ErrNoData], [ErrNoKey].
func RevokeKey(ctx context.Context, dataDir string, id int64) (key Key, changed bool, err error) {
	err = withDatabase(ctx, dataDir, func(db *store.Store) error {
		return db.WriteAs(ctx, commandLine(), func(t *store.Tx) error {
			before, err := t.Key(ctx, id)
			if errors.Is(err, store.ErrNotFound) {
				return fmt.Errorf("%w: %d, in the data folder %s", ErrNoKey, id, dataDir)
			}
			if err != nil {
				return err
			}
			changed = before.Active
			if err := t.RevokeKey(ctx, id, time.Now()); err != nil {
				return err
			}
			after, err := t.Key(ctx, id)
			key = keyOf(after)
			return err
		})
	})
	return key, changed, err
}
