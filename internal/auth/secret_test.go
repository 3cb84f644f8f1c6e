package auth

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestSecretsOfKeys(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		text, hash := NewSecret()
		if !IsSecret(text) || len(text) != 40 || len(hash) != 64 || seen[text] {
			t.Fatalf("secret %q, hash %q", text, hash)
		}
		seen[text] = true
		if !SameSecret(text, hash) || SameSecret(text+"a", hash) || SameSecret("", hash) || SameSecret(text, "") || SameSecret(text, strings.ToUpper(hash)) {
			t.Fatalf("%q does not match its own hash alone", text)
		}
	}
	if HashSecret("abc") != "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" { // FIPS 180-2
		t.Error("the hash is not SHA-256 in hex")
	}
}

func TestParseKey(t *testing.T) {
	t.Parallel()
	secret, _ := NewSecret()
	for _, id := range []int64{1, 42, 1<<63 - 1} {
		text := FormatKey(id, secret)
		if gotID, got, err := ParseKey(text); gotID != id || got != secret || err != nil {
			t.Errorf("%s: %d %q %v", text, gotID, got, err)
		}
	}
	for _, text := range []string{
		"", "mibi_", "mibi_1", "mibi_1_", "mibi__" + secret, "mibi_0_" + secret, "mibi_-1_" + secret, "mibi_+1_" + secret,
		"mibi_01_" + secret, "mibi_1_" + secret + "a", "mibi_1_" + secret[1:], "mibi_1_" + strings.ToUpper(secret),
		"mibi_1_" + secret[1:] + "_", "mibi_1_" + secret[1:] + "1", "MIBI_1_" + secret, " mibi_1_" + secret, "mibi_1_" + secret + " ",
		"mibi_9223372036854775808_" + secret, "mibi_1_2_" + secret, "mibi_1_" + strings.Repeat("a", 1<<20), "mibi_١_" + secret,
	} {
		id, got, err := ParseKey(text)
		if id != 0 || got != "" || !errors.Is(err, ErrKey) {
			t.Errorf("%.60q: %d %q %v", text, id, got, err)
		} else if len(text) > 20 && strings.Contains(err.Error(), secret[1:]) {
			t.Errorf("the error shows the key: %v", err)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	secret, _ := NewSecret()
	f.Add(FormatKey(7, secret))
	f.Add("mibi_7_")
	f.Add("mibi_00_" + secret)
	f.Add("eyJhbGciOiJIUzI1NiJ9.e30.x")
	f.Fuzz(func(t *testing.T, text string) {
		id, secret, err := ParseKey(text)
		if err != nil {
			if id != 0 || secret != "" || !errors.Is(err, ErrKey) {
				t.Errorf("refused %q with %d, %q, %v", text, id, secret, err)
			}
			return
		}
		if id < 1 || !IsSecret(secret) || FormatKey(id, secret) != text {
			t.Errorf("%q is read as %d, %q", text, id, secret)
		}
	})
}

func TestSealer(t *testing.T) {
	t.Parallel()
	s, err := NewSealer(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewSealer(bytes.Repeat([]byte{8}, 32))
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "x", strings.Repeat("long", 10000)} {
		sealed := s.Seal([]byte(text), "here")
		if got, err := s.Open(sealed, "here"); err != nil || string(got) != text {
			t.Errorf("%.10q opens as %.10q, %v", text, got, err)
		}
		if again := s.Seal([]byte(text), "here"); bytes.Equal(again, sealed) {
			t.Error("two seals are equal")
		}
		if len(text) > 3 && bytes.Contains(sealed, []byte(text[:4])) {
			t.Error("the text shows")
		}
		if _, err := s.Open(sealed, "there"); !errors.Is(err, ErrSealed) {
			t.Errorf("opened in another place: %v", err)
		}
		if _, err := other.Open(sealed, "here"); !errors.Is(err, ErrSealed) {
			t.Errorf("opened with another key: %v", err)
		}
		for i := range min(len(sealed), 64) {
			bad := bytes.Clone(sealed)
			bad[i] ^= 1
			if _, err := s.Open(bad, "here"); !errors.Is(err, ErrSealed) {
				t.Fatalf("opened with bit %d changed: %v", i, err)
			}
		}
		if _, err := s.Open(sealed[:len(sealed)-1], "here"); !errors.Is(err, ErrSealed) {
			t.Errorf("opened without its end: %v", err)
		}
	}
	if _, err := s.Open(nil, ""); !errors.Is(err, ErrSealed) {
		t.Errorf("opened nothing: %v", err)
	}
	if _, err := NewSealer(make([]byte, 16)); err == nil {
		t.Error("a short key was taken")
	}
}

// A login that read the account before its tokens were ended is out, one
// after is in, within the same second as well.
func TestTokensFrom(t *testing.T) {
	t.Parallel()
	second := time.Date(2026, 3, 1, 12, 0, 5, 0, time.UTC)
	now := second
	tokens, err := NewTokens(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	tokens.Now = func() time.Time { return now }
	at := func(ms int) time.Time { return second.Add(time.Duration(ms) * time.Millisecond) }
	from := second.Add(time.Second) // ended at any moment of the second
	for _, tt := range []struct {
		name         string
		login, known time.Time // when it began, and what it read of the account
		signed       time.Time
		counts       bool
	}{
		{"long before", at(-5000), time.Time{}, at(-5000), false},
		{"in the second, before", at(100), time.Time{}, at(150), false},
		{"begun before, signed after", at(100), time.Time{}, at(60_000), false},
		{"in the second, after", at(900), from, at(950), true},
		{"in the next second", at(1000), from, at(1000), true},
		{"later", at(100_000), from, at(100_050), true},
	} {
		now = tt.signed
		token, _, err := tokens.IssueFrom(Identity{UserID: 7}, tt.login, tt.known)
		if err != nil {
			t.Fatal(err)
		}
		now = at(200_000)
		claims, err := tokens.Verify(token)
		if err != nil {
			t.Fatal(err)
		}
		if got := TokenCounts(claims, from); got != tt.counts {
			t.Errorf("%s: counts %v, its login is at %v", tt.name, got, claims.LoginAt)
		}
		_, again, err := tokens.Refresh(token)
		if err != nil || TokenCounts(again, from) != tt.counts {
			t.Errorf("%s, refreshed: %v, %v", tt.name, again.LoginAt, err)
		}
		if !TokenCounts(claims, time.Time{}) {
			t.Errorf("%s: does not count where none were ended", tt.name)
		}
	}
}
