package e2e

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/mibitracker"
)

func TestClientLogsIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx := t.Context()
	for _, base := range []string{s.url, s.url + "/", s.url + "//"} {
		c, err := mibitracker.New(base, mibitracker.WithPassword(alice, password))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.CloseIdleConnections)
		if c.Token() != "" {
			t.Error("a token before the first request")
		}
		runs, err := c.Runs.List(ctx, mibitracker.RunFilter{}) // logs in by itself
		if err != nil || runs.Count != 0 || strings.Count(c.Token(), ".") != 2 {
			t.Fatalf("base %q: %+v, %v", base, runs, err)
		}
		var me struct {
			Email string `json:"email"`
			Admin bool   `json:"is_admin"`
		}
		byToken, err := mibitracker.New(base, mibitracker.WithToken(c.Token()))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(byToken.CloseIdleConnections)
		if err := byToken.JSON(ctx, mibitracker.Request{Route: "users/me"}, &me); err != nil || me.Email != alice || me.Admin {
			t.Errorf("base %q: a token of %s is of %+v, %v", base, alice, me, err)
		}
	}
}

func TestClientRefreshes(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx := t.Context()
	tokens, _ := s.tokens(t)
	login := time.Now().Add(-time.Hour).Truncate(time.Second)
	tokens.Now = func() time.Time { return login }
	old, _, err := tokens.Issue(auth.Identity{UserID: 1, Username: alice, Email: alice})
	if err != nil {
		t.Fatal(err)
	}
	// A refresh before every request: the token is always too old.
	c := s.client(t, alice, mibitracker.WithToken(old), mibitracker.WithRefreshAfter(time.Nanosecond))
	if err := c.Login(ctx); err != nil || c.Token() != old {
		t.Fatalf("the token was not taken: %v", err)
	}
	if _, err := c.Runs.List(ctx, mibitracker.RunFilter{}); err != nil {
		t.Fatal(err)
	}
	tokens.Now = time.Now
	claims, err := tokens.Verify(c.Token())
	if err != nil || c.Token() == old || !claims.LoginAt.Equal(login) || claims.Email != alice ||
		claims.ExpiresAt.Before(login.Add(auth.DefaultLifetime+30*time.Minute)) {
		t.Errorf("after a refresh the token says %+v, %v", claims, err)
	}
	before := c.Token()
	if err := c.Refresh(ctx); err != nil {
		t.Error(err)
	}
	if _, err := tokens.Verify(before); err != nil {
		t.Errorf("a refresh ended the old token: %v", err)
	}
}

func TestClientWrongPassword(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	var texts []string
	for _, c := range []struct{ email, password string }{
		{alice, "a wrong password"}, {"nobody@example.org", password}, {alice, strings.Repeat("x", 5000)}, {alice + "'--", "' OR 1=1 --"},
	} {
		client := s.client(t, alice, mibitracker.WithPassword(c.email, c.password))
		_, err := client.Runs.List(t.Context(), mibitracker.RunFilter{})
		var refused *mibitracker.APIError
		if !errors.As(err, &refused) || refused.Status != 400 || !errors.Is(err, mibitracker.ErrBadRequest) || client.Token() != "" {
			t.Fatalf("%s: %v", c.email, err)
		}
		if strings.Contains(err.Error(), c.password) {
			t.Errorf("the error repeats the password: %v", err)
		}
		if len(c.password) < 1000 {
			texts = append(texts, refused.Detail)
		}
	}
	for _, text := range texts {
		if text == "" || text != texts[0] {
			t.Errorf("the refusals tell accounts apart: %q", texts)
		}
	}
	client := s.client(t, alice)
	if err := client.Login(t.Context()); err != nil {
		t.Errorf("after others' wrong passwords the right one is refused: %v", err)
	}
}

// forge makes a token of any header and claims, signed by sign or not at all.
func forge(t *testing.T, method jwt.SigningMethod, key any, claims jwt.MapClaims) string {
	t.Helper()
	token, err := jwt.NewWithClaims(method, claims).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestClientForgedTokens(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx := t.Context()
	tokens, key := s.tokens(t)
	who := auth.Identity{UserID: 1, Username: alice, Email: alice}
	good, _, err := tokens.Issue(who)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	claims := func(change func(jwt.MapClaims)) jwt.MapClaims {
		c := jwt.MapClaims{
			"username": alice, "email": alice, "user_id": 1, "orig_iat": now.Unix() - 10, "exp": now.Add(time.Hour).Unix(),
		}
		if change != nil {
			change(c)
		}
		return c
	}
	tokens.Now = func() time.Time { return now.Add(-25 * time.Hour) }
	expired, _, err := tokens.Issue(who)
	if err != nil {
		t.Fatal(err)
	}
	other := []byte(rand.Text() + rand.Text())
	parts := strings.Split(good, ".")
	bobs := base64.RawURLEncoding.EncodeToString([]byte(`{"username":"bob","email":"bob@example.org","user_id":2,"orig_iat":1,"exp":99999999999}`))
	for name, token := range map[string]string{
		"expired":         expired,
		"another key":     forge(t, jwt.SigningMethodHS256, other, claims(nil)),
		"empty key":       forge(t, jwt.SigningMethodHS256, []byte{}, claims(nil)),
		"alg none":        forge(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claims(nil)),
		"alg none, mac":   forge(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claims(nil)) + parts[2],
		"HS512":           forge(t, jwt.SigningMethodHS512, key, claims(nil)),
		"no exp":          forge(t, jwt.SigningMethodHS256, key, claims(func(c jwt.MapClaims) { delete(c, "exp") })),
		"no user":         forge(t, jwt.SigningMethodHS256, key, claims(func(c jwt.MapClaims) { delete(c, "user_id") })),
		"user unknown":    forge(t, jwt.SigningMethodHS256, key, claims(func(c jwt.MapClaims) { c["user_id"] = 99 })),
		"no login":        forge(t, jwt.SigningMethodHS256, key, claims(func(c jwt.MapClaims) { delete(c, "orig_iat") })),
		"other's claims":  parts[0] + "." + bobs + "." + parts[2],
		"no signature":    parts[0] + "." + parts[1] + ".",
		"signature cut":   good[:len(good)-2],
		"one part":        parts[1],
		"an API key":      "mibi_" + rand.Text(),
		"longer than due": good + strings.Repeat("A", 10_000),
	} {
		c := s.client(t, alice, mibitracker.WithToken(token))
		err := c.Login(ctx)
		var refused *mibitracker.APIError
		if !errors.As(err, &refused) || refused.Status != http.StatusUnauthorized || !errors.Is(err, mibitracker.ErrUnauthorized) {
			t.Errorf("%s: login gives %v", name, err)
		}
		if _, err := c.Images.List(ctx, mibitracker.ImageFilter{}); !errors.Is(err, mibitracker.ErrUnauthorized) {
			t.Errorf("%s: a list gives %v", name, err)
		}
		err = c.JSON(ctx, mibitracker.Request{
			Method: http.MethodPost, Route: "/api-token-refresh/", Body: mibitracker.JSONBody(map[string]string{"token": token}),
		}, nil)
		if !errors.Is(err, mibitracker.ErrUnauthorized) { // Do checks the session's token first
			t.Errorf("%s: %v", name, err)
		}
		if status := refreshStatus(t, s, token); status != http.StatusBadRequest {
			t.Errorf("%s: a refresh answers %d, want 400", name, status)
		}
		if err != nil && strings.Contains(err.Error(), token) {
			t.Errorf("%s: the error repeats the token", name)
		}
	}
	// The same checks let the right one through.
	if err := s.client(t, alice, mibitracker.WithToken(good)).Login(ctx); err != nil {
		t.Errorf("the right token: %v", err)
	}
	if mine := forge(t, jwt.SigningMethodHS256, key, claims(nil)); s.client(t, alice, mibitracker.WithToken(mine)).Login(ctx) != nil {
		t.Error("the forger cannot make a good token either: the test proves nothing")
	}
	if status := refreshStatus(t, s, good); status != http.StatusOK {
		t.Errorf("a refresh of the right token answers %d", status)
	}
}

// refreshStatus refreshes a token with a bare request.
func refreshStatus(t *testing.T, s *site, token string) int {
	t.Helper()
	resp, err := http.Post(s.url+"/api-token-refresh/", "application/json", strings.NewReader(`{"token": "`+token+`"}`))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// A session whose token ends while a program runs logs in again, once, and
// the program notices nothing.
func TestClientLogsInAgain(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	m := newMeter()
	tokens, _ := s.tokens(t)
	tokens.Now = func() time.Time { return time.Now().Add(-25 * time.Hour) }
	expired, _, err := tokens.Issue(auth.Identity{UserID: 1, Username: alice, Email: alice})
	if err != nil {
		t.Fatal(err)
	}
	c := s.client(t, alice, m.option())
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	var swapped bool
	m.before = func(r *http.Request) {
		if !swapped {
			swapped = true
			r.Header.Set("Authorization", "JWT "+expired)
		}
	}
	began := m.requests.Load()
	if _, err := c.Runs.List(t.Context(), mibitracker.RunFilter{}); err != nil {
		t.Fatal(err)
	}
	if n := m.requests.Load() - began; n != 3 || !swapped {
		t.Errorf("%d requests, want the refused one, a login, and its repetition", n)
	}
}

// A token alone that cannot be refreshed any more is used until it ends; then
// the error is the one that says to log in.
func TestClientTokenEnds(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx := t.Context()
	tokens, _ := s.tokens(t)
	good, _, err := tokens.Issue(auth.Identity{UserID: 1, Username: alice, Email: alice})
	if err != nil {
		t.Fatal(err)
	}
	m := newMeter()
	var refused bool
	m.before = func(r *http.Request) {
		if r.URL.Path == "/api-token-refresh/" {
			refused = true
			r.Body = io.NopCloser(strings.NewReader(`{"token": "x"}`))
			r.ContentLength = int64(len(`{"token": "x"}`))
		}
	}
	c := s.client(t, alice, mibitracker.WithToken(good), mibitracker.WithRefreshAfter(time.Nanosecond), m.option())
	if err := c.Login(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Runs.List(ctx, mibitracker.RunFilter{}); err != nil || !refused {
		t.Errorf("a good token whose refresh is refused: %v", err)
	}
	s.closeAccount(t, alice)
	if _, err := c.Runs.List(ctx, mibitracker.RunFilter{}); !errors.Is(err, mibitracker.ErrUnauthorized) {
		t.Errorf("a token of an account that was closed: %v", err)
	}
	_, err = s.client(t, alice).Runs.List(ctx, mibitracker.RunFilter{})
	if !errors.Is(err, mibitracker.ErrBadRequest) {
		t.Errorf("the password of an account that was closed: %v", err)
	}
}
