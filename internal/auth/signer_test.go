package auth

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	grantTime = time.Unix(1772366400, 0)
	readGrant = Grant{
		Method: "GET", Key: "runs/26/summed_image.tiff", FileName: "HLA class 1 A, B, and C é.tiff",
		ContentType: "image/tiff", Size: 1 << 40, ETag: "abc", Expires: grantTime.Add(time.Minute),
	}
	writeGrant = Grant{
		Method: "PUT", Key: "staging/u1", ContentType: "image/tiff", Size: 1 << 30, UploadID: "u1",
		Expires: grantTime.Add(time.Hour),
	}
)

func newSigner(t testing.TB, fill byte) *Signer {
	t.Helper()
	s, err := NewSigner(testKey(fill))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSignRoundTrip(t *testing.T) {
	t.Parallel()
	s := newSigner(t, 1)
	for _, g := range []Grant{readGrant, writeGrant, {Method: "GET", Size: -1, Expires: grantTime.Add(time.Second)}} {
		token := s.Sign(g)
		got, err := s.Verify(token, g.Method, grantTime)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(g, got); diff != "" {
			t.Errorf("(-signed +verified):\n%s", diff)
		}
		if strings.Trim(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") != "" {
			t.Errorf("%q needs escaping in a URL", token)
		}
		if s.Sign(g) != token {
			t.Error("the same grant gives another token")
		}
	}
}

func TestSignedMethods(t *testing.T) {
	t.Parallel()
	s := newSigner(t, 1)
	for _, method := range []string{"GET", "HEAD", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "get", ""} {
		for _, g := range []Grant{readGrant, writeGrant} {
			allowed := g.Method == method || g.Method == "GET" && method == "HEAD"
			_, err := s.Verify(s.Sign(g), method, grantTime)
			if allowed && err != nil || !allowed && !errors.Is(err, ErrMethod) {
				t.Errorf("%q with a grant for %s: %v", method, g.Method, err)
			}
		}
	}
	for _, method := range []string{"", "POST", "HEAD", "DELETE"} {
		g := readGrant
		g.Method = method
		if _, err := s.Verify(s.Sign(g), method, grantTime); !errors.Is(err, ErrMethod) {
			t.Errorf("a grant for %q can be used: %v", method, err)
		}
	}
}

func TestSignedExpiry(t *testing.T) {
	t.Parallel()
	s := newSigner(t, 1)
	token := s.Sign(readGrant)
	if _, err := s.Verify(token, "GET", readGrant.Expires.Add(-time.Nanosecond)); err != nil {
		t.Errorf("just before its end: %v", err)
	}
	for _, late := range []time.Duration{0, time.Second, 1000 * time.Hour} {
		if _, err := s.Verify(token, "GET", readGrant.Expires.Add(late)); !errors.Is(err, ErrExpired) {
			t.Errorf("%v after its end: %v", late, err)
		}
	}
	if _, err := s.Verify(s.Sign(Grant{Method: "GET"}), "GET", grantTime); !errors.Is(err, ErrExpired) {
		t.Error("a grant without an end is valid for ever")
	}
}

// Every single changed bit, and every cut, makes the token invalid.
func TestSignedTampered(t *testing.T) {
	t.Parallel()
	s := newSigner(t, 1)
	data, err := base64.RawURLEncoding.DecodeString(s.Sign(readGrant))
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(data) * 8 {
		changed := append([]byte(nil), data...)
		changed[i/8] ^= 1 << (i % 8)
		if _, err := s.Verify(base64.RawURLEncoding.EncodeToString(changed), "GET", grantTime); !errors.Is(err, ErrSignature) {
			t.Fatalf("bit %d changed: %v", i, err)
		}
	}
	for i := range data {
		for _, cut := range [][]byte{data[:i], data[i+1:]} {
			if _, err := s.Verify(base64.RawURLEncoding.EncodeToString(cut), "GET", grantTime); !errors.Is(err, ErrSignature) {
				t.Fatalf("cut at %d: %v", i, err)
			}
		}
	}
	token := s.Sign(readGrant)
	for _, bad := range []string{"", "=", token + "=", token + "A", token + "\n", " " + token, "*" + token[1:], strings.Repeat("A", 1<<20)} {
		if _, err := s.Verify(bad, "GET", grantTime); !errors.Is(err, ErrSignature) {
			t.Errorf("%.40q: %v", bad, err)
		}
	}
}

// Base64 of some lengths leaves bits unused: a second spelling of a token must not pass.
func TestSignedOneSpelling(t *testing.T) {
	t.Parallel()
	s := newSigner(t, 1)
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for _, name := range []string{"", "a", "ab"} { // each remainder of the length by three
		g := readGrant
		g.FileName = name
		token := s.Sign(g)
		for _, last := range alphabet {
			other := token[:len(token)-1] + string(last)
			if other == token {
				continue
			}
			if _, err := s.Verify(other, "GET", grantTime); !errors.Is(err, ErrSignature) {
				t.Errorf("%q passes beside %q", other, token)
			}
		}
	}
}

// Moving bytes from one field to the next must change the token.
func TestSignedFieldsDoNotRunTogether(t *testing.T) {
	t.Parallel()
	a := Grant{Method: "GET", Key: "a/b", FileName: "c", Expires: grantTime}
	b := Grant{Method: "GET", Key: "a/", FileName: "bc", Expires: grantTime}
	if string(a.encode()) == string(b.encode()) {
		t.Error("two grants have the same bytes")
	}
}

func TestSignedWithAnotherKey(t *testing.T) {
	t.Parallel()
	token := newSigner(t, 2).Sign(readGrant)
	if _, err := newSigner(t, 1).Verify(token, "GET", grantTime); !errors.Is(err, ErrSignature) {
		t.Errorf("a token of another key: %v", err)
	}
}

func FuzzDecodeGrant(f *testing.F) {
	f.Add(readGrant.encode())
	f.Add(writeGrant.encode())
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	s := newSigner(f, 1)
	f.Fuzz(func(t *testing.T, body []byte) {
		// As if the key had leaked: reading must not panic, whatever the bytes.
		g, err := decodeGrant(body)
		if err != nil {
			return
		}
		again, err := decodeGrant(g.encode())
		if err != nil || !cmp.Equal(again, g) {
			t.Errorf("%+v does not survive a round trip: %+v, %v", g, again, err)
		}
		if _, err := s.Verify(base64.RawURLEncoding.EncodeToString(body), "GET", grantTime); !errors.Is(err, ErrSignature) {
			t.Errorf("unsigned bytes pass: %v", err)
		}
	})
}
