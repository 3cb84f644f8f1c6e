package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

const (
	// MinPasswordLen is the shortest password accepted, in characters.
	MinPasswordLen = 8
	// MaxPasswordLen is the longest password accepted, in bytes.
	MaxPasswordLen = 1024
)

// Errors of [Hasher].
var (
	// ErrPasswordShort is returned for a new password under [MinPasswordLen].
	ErrPasswordShort = fmt.Errorf("the password is too short: at least %d characters are needed", MinPasswordLen)
	// ErrPasswordLong is returned for a new password over [MaxPasswordLen].
	ErrPasswordLong = fmt.Errorf("the password is too long: at most %d bytes are allowed", MaxPasswordLen)
	// ErrPasswordText is returned for a new password that no login could carry.
	ErrPasswordText = errors.New("the password is not text: it has to be UTF-8 without NUL characters")
	// ErrHash is returned for a stored hash that cannot be read.
	ErrHash = errors.New("the stored password hash is broken; set a new password")
)

// Hasher hashes passwords with argon2id. A hash costs 19 MiB and about 50 ms,
// so only a few are computed at once: the others wait their turn. All methods
// may be called from several goroutines at once.
type Hasher struct {
	turns chan struct{}
	cost  params
	salt  []byte // of the hash computed for accounts that do not exist
}

// NewHasher returns a Hasher that computes at most limit hashes at once; a
// limit under 1 means one for each processor.
func NewHasher(limit int) *Hasher {
	if limit < 1 {
		limit = runtime.GOMAXPROCS(0)
	}
	// The least that OWASP's password storage guidance asks of argon2id.
	cost := params{memory: 19 * 1024, time: 2, threads: 1}
	return &Hasher{turns: make(chan struct{}, limit), cost: cost, salt: newSalt()}
}

// HashPassword returns the hash of a new password in PHC string form, with a
// salt of its own: "$argon2id$v=19$m=19456,t=2,p=1$SALT$HASH". It returns
// [ErrPasswordShort], [ErrPasswordLong], [ErrPasswordText], or the context's error if that ends
// while it waits for its turn.
func (h *Hasher) HashPassword(ctx context.Context, password string) (string, error) {
	if utf8.RuneCountInString(password) < MinPasswordLen {
		return "", ErrPasswordShort
	}
	if len(password) > MaxPasswordLen {
		return "", ErrPasswordLong
	}
	if !utf8.ValidString(password) || strings.ContainsRune(password, 0) {
		return "", ErrPasswordText
	}
	hash := phc{params: h.cost, salt: newSalt()}
	var err error
	if hash.sum, err = h.derive(ctx, password, hash.params, hash.salt, sumLen); err != nil {
		return "", err
	}
	return hash.String(), nil
}

// VerifyPassword reports whether password is the one that encoded was made of.
//
// For an account that does not exist (or has no password) call it with an
// empty encoded: it answers false after the same work, so that the time taken
// does not tell which accounts exist. The error is [ErrHash], or the context's
// if that ends while it waits for its turn.
func (h *Hasher) VerifyPassword(ctx context.Context, password, encoded string) (bool, error) {
	if len(password) > MaxPasswordLen {
		return false, nil // no account has such a one; said before anything is looked at
	}
	hash := phc{params: h.cost, salt: h.salt, sum: make([]byte, sumLen)}
	if encoded != "" {
		var err error
		if hash, err = parsePHC(encoded); err != nil {
			return false, err
		}
	}
	sum, err := h.derive(ctx, password, hash.params, hash.salt, uint32(len(hash.sum)))
	if err != nil {
		return false, err
	}
	equal := subtle.ConstantTimeCompare(sum, hash.sum) == 1
	return equal && encoded != "", nil
}

// derive computes a hash when it is its turn.
func (h *Hasher) derive(ctx context.Context, password string, cost params, salt []byte, size uint32) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	select {
	case h.turns <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-h.turns }()
	return argon2.IDKey([]byte(password), salt, cost.time, cost.memory, cost.threads, size), nil
}

func newSalt() []byte {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails: it ends the program instead
	return salt
}
