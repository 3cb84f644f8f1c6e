package auth

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Errors of [Tokens]. Every one of them also is [ErrToken].
var (
	// ErrToken is what all errors about a token wrap.
	ErrToken = errors.New("invalid token")
	// ErrTokenMalformed is returned for what is no token, or lacks a claim.
	ErrTokenMalformed = fmt.Errorf("%w: malformed", ErrToken)
	// ErrTokenAlgorithm is returned for a token that names another algorithm
	// than HS256, "none" above all.
	ErrTokenAlgorithm = fmt.Errorf("%w: not signed with HS256", ErrToken)
	// ErrTokenSignature is returned for a token that was altered or signed
	// with another key.
	ErrTokenSignature = fmt.Errorf("%w: wrong signature", ErrToken)
	// ErrTokenNoExpiry is returned for a token that would be valid for ever.
	ErrTokenNoExpiry = fmt.Errorf("%w: it has no expiry", ErrToken)
	// ErrTokenExpired is returned for a token past its expiry.
	ErrTokenExpired = fmt.Errorf("%w: signature has expired", ErrToken)
	// ErrTokenTooOld is returned by Refresh when the login lies too long back.
	ErrTokenTooOld = fmt.Errorf("%w: the login is too old to be refreshed", ErrToken)
)

const (
	// DefaultLifetime is how long a token is valid.
	DefaultLifetime = 24 * time.Hour
	// DefaultMaxAge is how long after the login a token can be refreshed.
	DefaultMaxAge = 7 * 24 * time.Hour

	minKeyLen   = 32   // bytes: the output of SHA-256
	maxTokenLen = 4096 // bytes
)

// Identity is whom a token is issued to.
type Identity struct {
	UserID   int64
	Username string
	Email    string
}

// Claims is what a valid token says.
type Claims struct {
	Identity
	// LoginAt is when the password was given (orig_iat). Refresh keeps it, so
	// a token from before a change of password can be told by it.
	LoginAt time.Time
	// ExpiresAt is when the token ends (exp).
	ExpiresAt time.Time
}

// Tokens issues and checks login tokens: JWTs signed with HS256, with the
// claims of the contract (section Authentication). Set the fields before the
// first use; the methods may be called from several goroutines at once.
type Tokens struct {
	// Lifetime is how long a token is valid.
	Lifetime time.Duration
	// MaxAge is how long after the login tokens may be valid at all, however
	// often they are refreshed.
	MaxAge time.Duration
	// Now tells the time.
	Now func() time.Time

	key []byte
}

// NewTokens returns Tokens with the default durations and the system's clock.
// The key comes from [Secrets.Key]; one under 32 bytes is refused.
func NewTokens(key []byte) (*Tokens, error) {
	if len(key) < minKeyLen {
		return nil, fmt.Errorf("the key for tokens has %d bytes, at least %d are needed", len(key), minKeyLen)
	}
	return &Tokens{Lifetime: DefaultLifetime, MaxAge: DefaultMaxAge, Now: time.Now, key: key}, nil
}

// wireClaims is the token's JSON. Times are whole seconds.
type wireClaims struct {
	Username string           `json:"username"`
	Email    string           `json:"email"`
	UserID   int64            `json:"user_id"`
	OrigIat  *jwt.NumericDate `json:"orig_iat"`
	jwt.RegisteredClaims
}

// Issue returns a token for someone who just gave the right password.
func (t *Tokens) Issue(who Identity) (string, Claims, error) {
	return t.sign(who, t.Now())
}

// IssueFrom is Issue for a login at a time. It must not lie after the moment
// at which the password was looked up: see [TokenCounts]. Of the time and the
// account's from the later one is the token's LoginAt.
func (t *Tokens) IssueFrom(who Identity, login, from time.Time) (string, Claims, error) {
	if login.Before(from) {
		login = from
	}
	return t.sign(who, login)
}

// TokenCounts reports whether a valid token is of a login that an account
// still lets in: one that does not lie before from, which each change that
// ends the account's tokens sets to a later whole second. Tokens know whole
// seconds as well, so a login that had read the account before such a change
// has a time before from, and is out.
func TokenCounts(c Claims, from time.Time) bool { return !c.LoginAt.Before(from) }

// Refresh returns a new token for a valid one. It keeps the time of the login,
// and refuses with [ErrTokenTooOld] once that is MaxAge back; no token lives
// beyond that time. Its other errors are those of Verify.
func (t *Tokens) Refresh(token string) (string, Claims, error) {
	old, err := t.Verify(token)
	if err != nil {
		return "", Claims{}, err
	}
	if !t.Now().Before(old.LoginAt.Add(t.MaxAge)) {
		return "", Claims{}, ErrTokenTooOld
	}
	return t.sign(old.Identity, old.LoginAt)
}

func (t *Tokens) sign(who Identity, login time.Time) (string, Claims, error) {
	login = login.UTC().Truncate(time.Second)
	expires := t.Now().UTC().Add(t.Lifetime).Truncate(time.Second)
	if end := login.Add(t.MaxAge); expires.After(end) {
		expires = end
	}
	claims := Claims{Identity: who, LoginAt: login, ExpiresAt: expires}
	wire := wireClaims{
		Username: who.Username, Email: who.Email, UserID: who.UserID, OrigIat: jwt.NewNumericDate(login),
		RegisteredClaims: jwt.RegisteredClaims{ExpiresAt: jwt.NewNumericDate(expires)},
	}
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, wire).SignedString(t.key)
	if err != nil {
		return "", Claims{}, fmt.Errorf("sign a token: %w", err)
	}
	return token, claims, nil
}

// Verify returns what a token says if it is ours and has not expired. Whether
// the account still exists is for the caller to look up.
func (t *Tokens) Verify(token string) (Claims, error) {
	if len(token) > maxTokenLen {
		return Claims{}, ErrTokenMalformed
	}
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}),
		jwt.WithExpirationRequired(),
		jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(t.Now),
	)
	var wire wireClaims
	parsed, err := parser.ParseWithClaims(token, &wire, func(*jwt.Token) (any, error) { return t.key, nil })
	if err != nil {
		return Claims{}, tokenError(parsed, err)
	}
	if wire.UserID <= 0 || wire.OrigIat == nil {
		return Claims{}, ErrTokenMalformed
	}
	return Claims{
		Identity:  Identity{UserID: wire.UserID, Username: wire.Username, Email: wire.Email},
		LoginAt:   wire.OrigIat.UTC(),
		ExpiresAt: wire.ExpiresAt.UTC(),
	}, nil
}

// tokenError is our error for one of the JWT library.
func tokenError(token *jwt.Token, err error) error {
	switch {
	case token != nil && token.Header["alg"] != nil && token.Header["alg"] != jwt.SigningMethodHS256.Alg():
		return ErrTokenAlgorithm
	case errors.Is(err, jwt.ErrTokenSignatureInvalid):
		return ErrTokenSignature
	case errors.Is(err, jwt.ErrTokenRequiredClaimMissing):
		return ErrTokenNoExpiry
	case errors.Is(err, jwt.ErrTokenExpired):
		return ErrTokenExpired
	case errors.Is(err, jwt.ErrTokenMalformed), errors.Is(err, jwt.ErrTokenUnverifiable):
		return ErrTokenMalformed
	default:
		return fmt.Errorf("%w: %w", ErrToken, err)
	}
}
