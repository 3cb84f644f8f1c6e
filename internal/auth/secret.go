package auth

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"errors"
	"strconv"
	"strings"
)

// KeyPrefix begins the text of every API key: programs that look for secrets
// left in source code find it by that.
const KeyPrefix = "mibi_"

// ErrKey is returned for what has not the form of an API key.
var ErrKey = errors.New("this is not an API key")

const (
	secretBytes = 25                  // of randomness: 200 bits
	secretLen   = secretBytes * 8 / 5 // letters of base32
	maxKeyID    = 19                  // digits of an int64
)

// secretAlphabet is base32 in lower case. A secret is text that a double click
// selects and that no URL escapes.
const secretAlphabet = "abcdefghijklmnopqrstuvwxyz234567"

// NewSecret returns a random secret of 200 bits for an API key or a link, as
// text, and what is kept of it: its SHA-256, see [HashSecret]. No salt and no
// slow hash is needed: nobody guesses 200 bits.
func NewSecret() (text, hash string) {
	var b [secretBytes]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program instead
	text = base32.NewEncoding(secretAlphabet).WithPadding(base32.NoPadding).EncodeToString(b[:])
	return text, HashSecret(text)
}

// HashSecret is what is kept of a secret: its SHA-256 in lower-case hex.
func HashSecret(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// SameSecret reports whether a secret is the one of a hash, in a time that
// does not depend on where they differ.
func SameSecret(text, hash string) bool {
	return subtle.ConstantTimeCompare([]byte(HashSecret(text)), []byte(hash)) == 1
}

// FormatKey returns the text of an API key: "mibi_<id>_<secret>", its id in the
// database and its secret of [NewSecret].
func FormatKey(id int64, secret string) string {
	return KeyPrefix + strconv.FormatInt(id, 10) + "_" + secret
}

// ParseKey returns the id and the secret of an API key's text; what
// [FormatKey] could not have made is [ErrKey], which does not tell the text.
func ParseKey(text string) (id int64, secret string, err error) {
	rest, found := strings.CutPrefix(text, KeyPrefix)
	if !found || len(rest) > maxKeyID+1+secretLen {
		return 0, "", ErrKey
	}
	digits, secret, _ := strings.Cut(rest, "_")
	if id, err = strconv.ParseInt(digits, 10, 64); err != nil || id < 1 || strconv.FormatInt(id, 10) != digits {
		return 0, "", ErrKey
	}
	if !IsSecret(secret) {
		return 0, "", ErrKey
	}
	return id, secret, nil
}

// IsSecret reports whether a text has the form of what [NewSecret] returns.
func IsSecret(text string) bool {
	return len(text) == secretLen && strings.Trim(text, secretAlphabet) == ""
}
