package model

import (
	"errors"
	"net/mail"
	"strings"
	"time"
)

// Account is a person who can log in, or a pipeline's stand-in for one.
type Account struct {
	ID           int64
	Email        string  // lower case, unique
	Name         *string // what people call it; nil where nobody has said
	PasswordHash string  // PHC string, see package auth; empty: it cannot log in
	Admin        bool
	Active       bool // one that is not can do nothing
	CreatedAt    time.Time
	// TokensFrom ends the login tokens of logins before it. It is a whole
	// second, and zero where none were ended.
	TokensFrom  time.Time
	LastLoginAt *time.Time // nil: never
}

// Invited tells whether the account has no password yet: it was made for
// someone who has not used the link to set one.
func (a Account) Invited() bool { return a.PasswordHash == "" }

// MaxEmail is the longest e-mail address in bytes (RFC 5321).
const MaxEmail = 254

// ErrEmail says that a text is no e-mail address.
var ErrEmail = errors.New("this is not an e-mail address")

// NormalEmail is an e-mail address as accounts have it: in lower case. What is
// no plain address is [ErrEmail].
func NormalEmail(email string) (string, error) {
	addr, err := mail.ParseAddress(email)
	if err != nil || addr.Address != email || len(email) > MaxEmail {
		return "", ErrEmail
	}
	return strings.ToLower(email), nil
}

// Scope is what an API key may be used for.
type Scope string

// The scopes of API keys. Each includes the one before it.
const (
	ScopeRead   Scope = "read"   // reads what its owner may see
	ScopeUpload Scope = "upload" // creates runs and images, and uploads into them, as well
	ScopeWrite  Scope = "write"  // does to objects whatever its owner may do
	ScopeAdmin  Scope = "admin"  // has its owner's rights as an administrator, too
)

// Scopes lists the scopes in rising order.
func Scopes() []Scope { return []Scope{ScopeRead, ScopeUpload, ScopeWrite, ScopeAdmin} }

// Includes reports whether a key of this scope may do what needs the other
// one. A scope that does not exist includes none, and none includes it.
func (s Scope) Includes(need Scope) bool {
	rank := func(s Scope) int {
		for i, known := range Scopes() {
			if s == known {
				return i
			}
		}
		return -1
	}
	return rank(need) >= 0 && rank(s) >= rank(need)
}

// APIKey is what a program proves itself with in its owner's name. Its text,
// "mibi_<id>_<secret>", is kept nowhere: see package auth.
type APIKey struct {
	ID           int64
	AccountID    int64
	AccountEmail string
	Name         string // what it is for, as its owner says
	Scope        Scope
	SecretSHA256 string // lower-case hex
	CreatedAt    time.Time
	ExpiresAt    *time.Time // nil: never
	LastUsedAt   *time.Time // to the minute; nil: never
	RevokedAt    *time.Time
	Active       bool // not revoked
}

// Alive reports whether the key may be used at a time. Its account has to be
// active as well.
func (k APIKey) Alive(at time.Time) bool {
	return k.Active && (k.ExpiresAt == nil || at.Before(*k.ExpiresAt))
}

// LinkKind is what a link to set a password was made for.
type LinkKind string

// The kinds of link.
const (
	LinkInvite LinkKind = "invite" // a new account's first password
	LinkReset  LinkKind = "reset"  // a forgotten one
)

// Lifetime is how long a link of the kind can be used.
func (k LinkKind) Lifetime() time.Duration {
	if k == LinkInvite {
		return 7 * 24 * time.Hour
	}
	return 24 * time.Hour
}
