package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/api"
	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/store"
)

// clock is the time of a server, which its test moves.
type clock struct {
	start time.Time
	later atomic.Int64 // a time.Duration
}

func newClock() *clock { return &clock{start: time.Date(2026, 3, 1, 12, 0, 0, 250_000_000, time.UTC)} }

func (c *clock) now() time.Time { return c.start.Add(time.Duration(c.later.Load())) }

func (c *clock) pass(d time.Duration) { c.later.Add(int64(d)) }

// set makes it the time of all that the API does.
func (c *clock) set(cfg *api.Config) {
	cfg.Now, cfg.Tokens.Now = c.now, c.now
}

// refused is a wrong password that costs no hash: it is too long to be one.
var refused = strings.Repeat("ä", auth.MaxPasswordLen)

// with sends a request with any Authorization header and others.
func (s *server) with(t *testing.T, authorization, method, path string, body any, headers ...string) answer {
	t.Helper()
	var r io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		must(t, err)
		r = strings.NewReader(string(text))
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, r)
	must(t, err)
	req.Header.Set("Content-Type", "application/json")
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Add(headers[i], headers[i+1])
	}
	return s.send(t, req)
}

// addPassword gives an account the password of these tests, without any of
// the routes that are tested.
func (s *server) addPassword(t *testing.T, who user) {
	t.Helper()
	hash, err := auth.NewHasher(1).HashPassword(t.Context(), password)
	must(t, err)
	must(t, s.store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.SetPassword(t.Context(), who.id, hash, time.Unix(0, 0))
	}))
}

// token issues a login token as of now.
func (s *server) token(t *testing.T, who user) user {
	t.Helper()
	var err error
	who.token, _, err = s.tokens.Issue(auth.Identity{UserID: who.id, Username: who.email, Email: who.email})
	must(t, err)
	return who
}

// loggedIn returns an account with a token of a login.
func (s *server) loggedIn(t *testing.T, who user, password string) user {
	t.Helper()
	got := s.do(t, user{}, "POST", "/api-token-auth/", map[string]any{"email": who.email, "password": password}).want(t, 200).object(t)
	who.token, _ = got["token"].(string)
	return who
}

// absent is a route's path with an object that does not exist.
func absent(route api.Route) string {
	return strings.NewReplacer("{id}", "987654", "{file}", "987654").Replace(route.Path)
}

// dead checks that a token is no good on any route, nor for a new one.
func (s *server) dead(t *testing.T, who user, text string) {
	t.Helper()
	n := 0
	for _, route := range s.api.Routes() {
		if route.Access == api.Open {
			continue
		}
		n++
		methods := []string{route.Method}
		if route.Method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
		for _, method := range methods {
			got := s.do(t, who, method, absent(route), nil)
			if got.status != 401 || method != http.MethodHead && !strings.Contains(string(got.body), text) {
				t.Errorf("%s %s: %d %s, want 401 %q", method, route.Path, got.status, got.body, text)
			}
		}
	}
	if n < 40 {
		t.Errorf("only %d routes were tried", n)
	}
	s.do(t, user{}, "POST", "/api-token-refresh/", map[string]any{"token": who.token}).
		want(t, 400, `{"non_field_errors":["Signature has expired."]}`)
}

func (s *server) alive(t *testing.T, who user) {
	t.Helper()
	s.do(t, who, "GET", "/users/me/", nil).want(t, 200, who.email)
	s.do(t, user{}, "POST", "/api-token-refresh/", map[string]any{"token": who.token}).want(t, 200, "token")
}

// kept tells whether a text is in the log or in any file of the data folder,
// the database's among them.
func (s *server) kept(t *testing.T, text string) bool {
	t.Helper()
	found := strings.Contains(s.log.String(), text)
	must(t, filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		content, err := os.ReadFile(path)
		found = found || bytes.Contains(content, []byte(text))
		return err
	}))
	return found
}
