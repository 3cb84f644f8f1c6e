package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"errors"
	"fmt"
)

// ErrSealed is returned for what was not sealed with the same key, for the
// same place.
var ErrSealed = errors.New("this was not sealed here")

// Sealer encrypts the little that a database has to hold and that nobody shall
// read there. Its methods may be called from several goroutines at once.
type Sealer struct {
	aead cipher.AEAD
}

// NewSealer returns a Sealer. The key comes from [Secrets.Key] and has 32
// bytes.
func NewSealer(key []byte) (*Sealer, error) {
	if len(key) != minKeyLen {
		return nil, fmt.Errorf("the key for sealing has %d bytes, %d are needed", len(key), minKeyLen)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return &Sealer{aead}, nil
}

// Seal encrypts a text for a place: in another it does not open.
func (s *Sealer) Seal(text []byte, place string) []byte {
	return s.aead.Seal(nil, nil, text, []byte(place)) //nolint:gosec // it makes a nonce of its own
}

// Open returns the text that was sealed for a place, or [ErrSealed].
func (s *Sealer) Open(sealed []byte, place string) ([]byte, error) {
	text, err := s.aead.Open(nil, nil, sealed, []byte(place))
	if err != nil {
		return nil, ErrSealed
	}
	return text, nil
}
