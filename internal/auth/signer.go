package auth

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Errors of [Signer.Verify].
var (
	// ErrSignature is returned for a token that we did not sign, whatever else
	// is wrong with it.
	ErrSignature = errors.New("the signed URL is not valid")
	// ErrExpired is returned for a signed URL past its time.
	ErrExpired = errors.New("the signed URL has expired")
	// ErrMethod is returned for a request with a method that was not granted.
	ErrMethod = errors.New("the signed URL is for another method")
)

// Grant is what a signed URL allows its bearer until it expires: to read one
// object, or to write one.
type Grant struct {
	// Method is GET (which allows HEAD as well) or PUT.
	Method string
	// Key is the object's key in the blob store.
	Key string
	// FileName is what a browser should save the object as; may be empty.
	FileName string
	// ContentType is the object's media type. On PUT the request has to have it.
	ContentType string
	// Size is the object's length in bytes; on PUT the most that may be sent.
	Size int64
	// ETag is the version of the object that is meant; may be empty.
	ETag string
	// UploadID names the upload that a PUT belongs to; empty on GET.
	UploadID string
	// Expires is when the grant ends, in whole seconds.
	Expires time.Time
}

// Signer makes and checks the tokens of signed URLs. Its methods may be called
// from several goroutines at once.
type Signer struct {
	key []byte
}

// NewSigner returns a Signer. The key comes from [Secrets.Key]; one under 32
// bytes is refused.
func NewSigner(key []byte) (*Signer, error) {
	if len(key) < minKeyLen {
		return nil, fmt.Errorf("the key for signed URLs has %d bytes, at least %d are needed", len(key), minKeyLen)
	}
	return &Signer{key: key}, nil
}

const (
	methodGet  = "GET"
	methodHead = "HEAD"
	methodPut  = "PUT"
)

// grantLabel starts what is authenticated, so that no MAC made with this key
// for another purpose or another layout of the grant is taken for one of ours.
const grantLabel = "openmibi signed url 1\x00"

// Sign returns a token for the grant: the grant and its HMAC-SHA256, in
// base64url without padding. The grant can be read by whoever holds the token.
// Verify refuses a grant for any method but GET and PUT.
func (s *Signer) Sign(g Grant) string {
	body := g.encode()
	return base64.RawURLEncoding.EncodeToString(append(body, s.mac(body)...))
}

// Verify returns the grant of a token that we signed, if it allows the
// request's method and has not expired at now.
func (s *Signer) Verify(token, method string, now time.Time) (Grant, error) {
	// The decoder skips line breaks; a token has one spelling only.
	if len(token) > maxTokenLen || strings.ContainsAny(token, "\r\n") {
		return Grant{}, ErrSignature
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || len(data) < sha256.Size {
		return Grant{}, ErrSignature
	}
	body, mac := data[:len(data)-sha256.Size], data[len(data)-sha256.Size:]
	if !hmac.Equal(mac, s.mac(body)) {
		return Grant{}, ErrSignature
	}
	g, err := decodeGrant(body)
	if err != nil {
		return Grant{}, err
	}
	if !now.Before(g.Expires) {
		return Grant{}, ErrExpired
	}
	switch {
	case g.Method == methodGet && (method == methodGet || method == methodHead):
	case g.Method == methodPut && method == methodPut:
	default:
		return Grant{}, ErrMethod
	}
	return g, nil
}

func (s *Signer) mac(body []byte) []byte {
	h := hmac.New(sha256.New, s.key)
	h.Write([]byte(grantLabel))
	h.Write(body)
	return h.Sum(nil)
}

// encode writes every text with its length before it, so that two different
// grants never have the same bytes.
func (g Grant) encode() []byte {
	var b []byte
	for _, text := range []string{g.Method, g.Key, g.FileName, g.ContentType, g.ETag, g.UploadID} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	b = binary.AppendVarint(b, g.Size)
	return binary.AppendVarint(b, g.Expires.Unix())
}

func decodeGrant(b []byte) (Grant, error) {
	var g Grant
	for _, field := range []*string{&g.Method, &g.Key, &g.FileName, &g.ContentType, &g.ETag, &g.UploadID} {
		size, n := binary.Uvarint(b)
		if n <= 0 || size > uint64(len(b)-n) {
			return Grant{}, ErrSignature
		}
		*field, b = string(b[n:n+int(size)]), b[n+int(size):]
	}
	size, n := binary.Varint(b)
	if n <= 0 {
		return Grant{}, ErrSignature
	}
	g.Size = size
	expires, m := binary.Varint(b[n:])
	if m <= 0 || n+m != len(b) {
		return Grant{}, ErrSignature
	}
	g.Expires = time.Unix(expires, 0).UTC()
	return g, nil
}
