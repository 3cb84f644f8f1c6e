package auth

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
)

var someone = Identity{UserID: 7, Username: "ada", Email: "ada@example.org"}

func testKey(fill byte) []byte { return bytes.Repeat([]byte{fill}, 32) }

// newTokens returns Tokens and the clock that they look at.
func newTokens(t *testing.T) (*Tokens, *time.Time) {
	t.Helper()
	tokens, err := NewTokens(testKey(1))
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 999, time.UTC)
	tokens.Now = func() time.Time { return now }
	return tokens, &now
}

func issue(t *testing.T, tokens *Tokens) string {
	t.Helper()
	token, _, err := tokens.Issue(someone)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestTokenRoundTrip(t *testing.T) {
	t.Parallel()
	tokens, now := newTokens(t)
	token, issued, err := tokens.Issue(someone)
	if err != nil {
		t.Fatal(err)
	}
	login := now.Truncate(time.Second)
	want := Claims{Identity: someone, LoginAt: login, ExpiresAt: login.Add(24 * time.Hour)}
	if diff := cmp.Diff(want, issued); diff != "" {
		t.Errorf("Issue (-want +got):\n%s", diff)
	}
	got, err := tokens.Verify(token)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Verify (-want +got):\n%s", diff)
	}
}

// The claims that public clients may look at, and no others.
func TestTokenClaimsOnTheWire(t *testing.T) {
	t.Parallel()
	tokens, now := newTokens(t)
	parts := strings.Split(issue(t, tokens), ".")
	if len(parts) != 3 {
		t.Fatalf("%d parts, want 3", len(parts))
	}
	for i, want := range []map[string]any{
		{"alg": "HS256", "typ": "JWT"},
		{
			"username": "ada", "email": "ada@example.org", "user_id": 7.0,
			"orig_iat": float64(now.Unix()), "exp": float64(now.Unix() + 86400),
		},
	} {
		data, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err != nil {
			t.Fatal(err)
		}
		var got map[string]any
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("part %d (-want +got):\n%s", i, diff)
		}
	}
}

// forge signs claims of the attacker's choice; a nil value removes a claim.
func forge(t *testing.T, method jwt.SigningMethod, key any, changes jwt.MapClaims) string {
	t.Helper()
	claims := jwt.MapClaims{
		"username": "ada", "email": "ada@example.org", "user_id": 7, "orig_iat": 1772366400, "exp": 1772452800,
	}
	for name, value := range changes {
		claims[name] = value
		if value == nil {
			delete(claims, name)
		}
	}
	token, err := jwt.NewWithClaims(method, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// wantRefused asserts that both Verify and Refresh refuse the token with want.
func wantRefused(t *testing.T, tokens *Tokens, token string, want error) {
	t.Helper()
	_, err := tokens.Verify(token)
	if !errors.Is(err, want) || !errors.Is(err, ErrToken) {
		t.Errorf("Verify(%.60q): %v, want %v", token, err, want)
	}
	if got, _, err := tokens.Refresh(token); !errors.Is(err, want) || got != "" {
		t.Errorf("Refresh(%.60q): %q, %v, want %v", token, got, err, want)
	}
}

// What the other tests forge must fail for its one flaw, not for all of them.
func TestForgedTokenWithoutAFlawIsAccepted(t *testing.T) {
	t.Parallel()
	tokens, _ := newTokens(t)
	if _, err := tokens.Verify(forge(t, jwt.SigningMethodHS256, testKey(1), nil)); err != nil {
		t.Error(err)
	}
}

func TestTokenAlgNone(t *testing.T) {
	t.Parallel()
	tokens, _ := newTokens(t)
	token := forge(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil)
	wantRefused(t, tokens, token, ErrTokenAlgorithm)
	// The header of "none" over a body and signature that are ours.
	_, rest, _ := strings.Cut(issue(t, tokens), ".")
	for _, alg := range []string{"none", "None", "NONE", "nOnE", ""} {
		header := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"` + alg + `","typ":"JWT"}`))
		wantRefused(t, tokens, header+"."+rest, ErrTokenAlgorithm)
		wantRefused(t, tokens, header+"."+rest[:strings.IndexByte(rest, '.')+1], ErrTokenAlgorithm)
	}
}

func TestTokenRS256(t *testing.T) {
	t.Parallel()
	tokens, _ := newTokens(t)
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	wantRefused(t, tokens, forge(t, jwt.SigningMethodRS256, key, nil), ErrTokenAlgorithm)
}

func TestTokenHS512WithTheRightKey(t *testing.T) {
	t.Parallel()
	tokens, _ := newTokens(t)
	wantRefused(t, tokens, forge(t, jwt.SigningMethodHS512, testKey(1), nil), ErrTokenAlgorithm)
}

func TestTokenOfAnotherKey(t *testing.T) {
	t.Parallel()
	tokens, _ := newTokens(t)
	wantRefused(t, tokens, forge(t, jwt.SigningMethodHS256, testKey(2), nil), ErrTokenSignature)
	wantRefused(t, tokens, forge(t, jwt.SigningMethodHS256, []byte{}, nil), ErrTokenSignature)
}

func TestTokenTampered(t *testing.T) {
	t.Parallel()
	tokens, _ := newTokens(t)
	parts := strings.Split(issue(t, tokens), ".")
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	admin := strings.Replace(string(body), `"user_id":7`, `"user_id":1`, 1)
	if admin == string(body) {
		t.Fatal("nothing was changed")
	}
	wantRefused(t, tokens, parts[0]+"."+base64.RawURLEncoding.EncodeToString([]byte(admin))+"."+parts[2], ErrTokenSignature)
}

func TestTokenWithoutExpiry(t *testing.T) {
	t.Parallel()
	tokens, _ := newTokens(t)
	wantRefused(t, tokens, forge(t, jwt.SigningMethodHS256, testKey(1), jwt.MapClaims{"exp": nil}), ErrTokenNoExpiry)
}

func TestTokenExpired(t *testing.T) {
	t.Parallel()
	tokens, now := newTokens(t)
	token := issue(t, tokens)
	start := now.Truncate(time.Second)
	*now = start.Add(24*time.Hour - time.Nanosecond)
	if _, err := tokens.Verify(token); err != nil {
		t.Errorf("just before its expiry: %v", err)
	}
	*now = start.Add(24 * time.Hour)
	wantRefused(t, tokens, token, ErrTokenExpired)
}

func TestTokenMalformed(t *testing.T) {
	t.Parallel()
	tokens, _ := newTokens(t)
	good := issue(t, tokens)
	sign := func(changes jwt.MapClaims) string { return forge(t, jwt.SigningMethodHS256, testKey(1), changes) }
	for _, token := range []string{
		"", ".", "..", "a.b.c", "JWT " + good, good + ".", good + "=", strings.Repeat("a", 1<<20),
		sign(jwt.MapClaims{"user_id": nil}), sign(jwt.MapClaims{"user_id": 0}), sign(jwt.MapClaims{"user_id": -1}),
		sign(jwt.MapClaims{"user_id": "7"}), sign(jwt.MapClaims{"orig_iat": nil}), sign(jwt.MapClaims{"exp": "soon"}),
	} {
		wantRefused(t, tokens, token, ErrTokenMalformed)
	}
}

func TestRefreshKeepsTheLogin(t *testing.T) {
	t.Parallel()
	tokens, now := newTokens(t)
	login := now.Truncate(time.Second)
	token := issue(t, tokens)
	*now = login.Add(20 * time.Hour)
	refreshed, claims, err := tokens.Refresh(token)
	if err != nil {
		t.Fatal(err)
	}
	want := Claims{Identity: someone, LoginAt: login, ExpiresAt: login.Add(44 * time.Hour)}
	if diff := cmp.Diff(want, claims); diff != "" {
		t.Errorf("Refresh (-want +got):\n%s", diff)
	}
	*now = login.Add(30 * time.Hour) // the first has expired, the second has not
	if got, err := tokens.Verify(refreshed); err != nil || got != want {
		t.Errorf("Verify = %+v, %v, want %+v", got, err, want)
	}
	wantRefused(t, tokens, token, ErrTokenExpired)
}

func TestRefreshEndsAtTheMaximumAge(t *testing.T) {
	t.Parallel()
	tokens, now := newTokens(t)
	login := now.Truncate(time.Second)
	token := issue(t, tokens)
	for hours := 23; hours < 7*24; hours += 23 {
		*now = login.Add(time.Duration(hours) * time.Hour)
		var claims Claims
		var err error
		if token, claims, err = tokens.Refresh(token); err != nil {
			t.Fatalf("after %d h: %v", hours, err)
		}
		if claims.ExpiresAt.After(login.Add(DefaultMaxAge)) {
			t.Fatalf("after %d h: a token that lives until %v", hours, claims.ExpiresAt)
		}
	}
	*now = login.Add(DefaultMaxAge)
	wantRefused(t, tokens, token, ErrTokenExpired)

	// A token from before the maximum was lowered is valid, but not refreshed.
	tokens, now = newTokens(t)
	token = issue(t, tokens)
	tokens.MaxAge = time.Hour
	*now = now.Add(2 * time.Hour)
	if _, _, err := tokens.Refresh(token); !errors.Is(err, ErrTokenTooOld) {
		t.Errorf("Refresh: %v, want ErrTokenTooOld", err)
	}
}

func TestShortKeysAreRefused(t *testing.T) {
	t.Parallel()
	for _, key := range [][]byte{nil, make([]byte, 31)} {
		if _, err := NewTokens(key); err == nil {
			t.Errorf("NewTokens takes a key of %d bytes", len(key))
		}
		if _, err := NewSigner(key); err == nil {
			t.Errorf("NewSigner takes a key of %d bytes", len(key))
		}
	}
}

func FuzzVerifyToken(f *testing.F) {
	tokens, err := NewTokens(testKey(1))
	if err != nil {
		f.Fatal(err)
	}
	other, err := NewTokens(testKey(2))
	if err != nil {
		f.Fatal(err)
	}
	token, _, err := other.Issue(someone)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Add("a.b.c")
	f.Fuzz(func(t *testing.T, token string) {
		if _, err := tokens.Verify(token); !errors.Is(err, ErrToken) {
			t.Errorf("Verify(%q): %v", token, err)
		}
	})
}
