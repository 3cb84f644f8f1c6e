package api_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/store"
)

// withPassword makes an account that can log in.
func (s *server) withPassword(t *testing.T, email string) {
	t.Helper()
	hash, err := auth.NewHasher(1).HashPassword(t.Context(), password)
	must(t, err)
	must(t, s.store.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.AddAccount(t.Context(), email, hash, false)
		return err
	}))
}

func claims(t *testing.T, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("not a JWT: %q", token)
	}
	text, err := base64.RawURLEncoding.DecodeString(parts[1])
	must(t, err)
	var c map[string]any
	must(t, json.Unmarshal(text, &c))
	return c
}

func TestLogIn(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.withPassword(t, "carol@example.org")
	login := func(email, password string) map[string]any {
		return map[string]any{"email": email, "password": password}
	}
	stale := user{token: "expired.long.ago"} // both token routes ignore it
	got := s.do(t, stale, "POST", "//api-token-auth/", login("Carol@Example.org", password)).want(t, 200).object(t)
	if c := claims(t, got["token"].(string)); c["email"] != "carol@example.org" || c["username"] == "" || c["user_id"] == nil || c["orig_iat"] == nil || c["exp"] == nil {
		t.Errorf("claims: %v", c)
	}
	s.do(t, stale, "POST", "/api-token-auth/", newForm("email", "carol@example.org", "password", password)).want(t, 200, "token")
	carol := user{token: got["token"].(string)}
	s.do(t, carol, "GET", "/users/me/", nil).want(t, 200, `"email":"carol@example.org"`, `"is_admin":false`)
	const refusal = `{"non_field_errors":["Unable to log in with provided credentials."]}`
	s.do(t, user{}, "POST", "/api-token-auth/", login("carol@example.org", "wrong horse")).want(t, 400, refusal)
	s.do(t, user{}, "POST", "/api-token-auth/", login("nobody@example.org", password)).want(t, 400, refusal)
	s.do(t, user{}, "POST", "/api-token-auth/", login("alice@example.org", "")).want(t, 400, refusal)
	for body, field := range map[string]string{
		`{}`: "email", `{"email": "a"}`: "password", `{"email": null, "password": "x"}`: "email", `{"email": ["a"], "password": "x"}`: "email",
		`{"email": "", "password": "x"}`: "email",
	} {
		s.do(t, user{}, "POST", "/api-token-auth/", body).want(t, 400, `"`+field+`"`)
	}
	s.do(t, user{}, "GET", "/api-token-auth/", nil).want(t, 405, "detail")
}

// The answer for an account that does not exist is not given away by its time.
func TestLogInTime(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := newServer(t, clock.set)
	s.withPassword(t, "carol@example.org")
	took := func(email string) time.Duration {
		start := time.Now()
		s.do(t, user{}, "POST", "/api-token-auth/", map[string]any{"email": email, "password": "wrong horse"}).want(t, 400)
		return time.Since(start)
	}
	// Whatever else the computer does only adds to a time, so the least of many
	// is the work itself. In turns, so that both meet the same load.
	known, unknown := time.Hour, time.Hour
	for round := range 30 {
		known, unknown = min(known, took("carol@example.org")), min(unknown, took("nobody@example.org"))
		clock.pass(time.Hour) // none is throttled
		if round >= 2 && unknown >= known/3 && known >= unknown/3 {
			return
		}
	}
	t.Errorf("a known account took %v, an unknown one %v", known, unknown)
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	start := time.Now()
	var later atomic.Int64 // a time.Duration
	*s.tokens = withClock(t, s.tokens, func() time.Time { return start.Add(time.Duration(later.Load())) })
	old := s.alice.token
	later.Store(int64(time.Hour))
	stale := user{token: "expired.long.ago"}
	got := s.do(t, stale, "POST", "/api-token-refresh/", map[string]any{"token": old}).want(t, 200).object(t)
	before, after := claims(t, old), claims(t, got["token"].(string))
	if before["orig_iat"] != after["orig_iat"] || after["exp"].(float64) <= before["exp"].(float64) {
		t.Errorf("before %v, after %v", before, after)
	}
	const refusal = `{"non_field_errors":["Signature has expired."]}`
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`))
	parts := strings.Split(old, ".")
	for _, token := range []string{"x", "a.b.c", none + "." + parts[1] + ".", parts[0] + "." + parts[1] + ".AAAA"} {
		s.do(t, user{}, "POST", "/api-token-refresh/", map[string]any{"token": token}).want(t, 400, refusal)
	}
	ghost, _, err := s.tokens.Issue(auth.Identity{UserID: 999, Email: "ghost@example.org"})
	must(t, err)
	s.do(t, user{}, "POST", "/api-token-refresh/", map[string]any{"token": ghost}).want(t, 400, refusal)
	s.do(t, user{}, "POST", "/api-token-refresh/", `{}`).want(t, 400, `"token"`)
	later.Store(int64(48 * time.Hour))
	s.do(t, user{}, "POST", "/api-token-refresh/", map[string]any{"token": old}).want(t, 400, refusal)
}

// withClock changes the clock before any request runs.
func withClock(t *testing.T, tokens *auth.Tokens, now func() time.Time) auth.Tokens {
	t.Helper()
	out := *tokens
	out.Now = now
	return out
}

func TestAuthentication(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	none := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`))
	parts := strings.Split(s.alice.token, ".")
	ghost, _, err := s.tokens.Issue(auth.Identity{UserID: 999, Email: "ghost@example.org"})
	must(t, err)
	past := withClock(t, s.tokens, func() time.Time { return time.Now().Add(-30 * time.Hour) })
	expired, _, err := past.Issue(auth.Identity{UserID: s.alice.id, Email: s.alice.email})
	must(t, err)
	for header, status := range map[string]int{
		"":                                   401,
		"JWT " + s.alice.token:               200,
		"jwt " + s.alice.token:               200,
		"Bearer " + s.alice.token:            200,
		"Token " + s.alice.token:             401,
		s.alice.token:                        401,
		"JWT":                                401,
		"JWT x":                              401,
		"JWT " + none + "." + parts[1] + ".": 401,
		"JWT " + parts[0] + "." + parts[1] + ".AA": 401,
		"JWT " + ghost:   401,
		"JWT " + expired: 401,
		"Basic YTpi":     401,
	} {
		for _, route := range []struct{ method, path string }{{"OPTIONS", "/"}, {"OPTIONS", "//"}, {"GET", "/runs"}, {"GET", "/users/me/"}, {"POST", "/runs/"}} {
			req, err := http.NewRequestWithContext(t.Context(), route.method, s.URL+route.path, nil)
			must(t, err)
			if header != "" {
				req.Header.Set("Authorization", header)
			}
			got := s.send(t, req)
			want := status
			if want == 200 && route.method == "POST" {
				want = 400
			}
			got.want(t, want)
			if status == 401 {
				got.want(t, 401, `{"detail":`)
				if got.header.Get("WWW-Authenticate") != `JWT realm="api"` {
					t.Errorf("%q: WWW-Authenticate %q", header, got.header.Get("WWW-Authenticate"))
				}
			}
			if got.header.Get("Vary") != "Authorization" || !strings.HasPrefix(got.header.Get("Cache-Control"), "private") {
				t.Errorf("%q: may be cached: %v", header, got.header)
			}
		}
	}
}
