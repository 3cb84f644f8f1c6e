package api_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/api"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// addKey makes an API key and returns its id and its header.
func (s *server) addKey(t *testing.T, who user, scope string) (id int64, header string) {
	t.Helper()
	got := s.do(t, who, "POST", "/keys/", map[string]any{"name": scope, "scope": scope}).want(t, 201)
	key, _ := got.object(t)["key"].(string)
	return got.id(t), "Bearer " + key
}

// A key that nobody has given an end has one all the same.
func TestKeyEnds(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := newServer(t, clock.set)
	usual := `"expires_at":"` + clock.now().AddDate(0, 0, 90).Format(time.DateOnly)
	for body, want := range map[string]string{
		`{"name": "usual", "scope": "read"}`:                        usual,
		`{"name": "empty", "scope": "read", "expires_at": ""}`:      usual,
		`{"name": "for ever", "scope": "read", "expires_at": null}`: `"expires_at":null`,
	} {
		s.do(t, s.token(t, s.bob), "POST", "/keys/", body).want(t, 201, want)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := newServer(t, clock.set)
	s.admin, s.alice, s.bob = s.token(t, s.admin), s.token(t, s.alice), s.token(t, s.bob)
	made := s.do(t, s.alice, "POST", "/keys/", map[string]any{"name": "pipeline", "scope": "write", "expires_at": "2026-03-02"}).want(t, 201)
	text, _ := made.object(t)["key"].(string)
	made.want(t, 201, `"name":"pipeline"`, `"scope":"write"`, `"user":{"id":`+itoa(s.alice.id)+`,"email":"alice@example.org"}`,
		`"expires_at":"2026-03-03T00:00:00.000000Z"`, `"last_used_at":null`, `"active":true`)
	if want := "mibi_" + itoa(made.id(t)) + "_"; !strings.HasPrefix(text, want) {
		t.Fatalf("key %q, want %s...", text, want)
	}
	key, path := "Bearer "+text, "/keys/"+itoa(made.id(t))+"/"
	secret := text[strings.LastIndexByte(text, '_')+1:]
	s.with(t, key, "GET", "/users/me/", nil).want(t, 200, `"email":"alice@example.org"`, `"is_admin":false`, `"scope":"write"`)
	s.with(t, "bearer  "+text, "GET", "/users/me/", nil).want(t, 200)
	s.with(t, "JWT "+text, "GET", "/users/me/", nil).want(t, 401, "Bearer mibi_")
	s.with(t, "Token "+text, "GET", "/users/me/", nil).want(t, 401)
	for _, bad := range []string{text[:len(text)-1], text + "a", strings.Replace(text, "_", "-", 1), "mibi_987654_" + secret, "mibi_1_x", "mibi_", strings.ToUpper(text)} {
		got := s.with(t, "Bearer "+bad, "GET", "/users/me/", nil).want(t, 401)
		if got.header.Get("WWW-Authenticate") != `JWT realm="api"` || strings.Contains(string(got.body), secret[:10]) {
			t.Errorf("%s: %v %s", bad, got.header, got.body)
		}
	}
	// The secret is told once.
	for _, who := range []user{s.alice, s.admin} {
		for _, at := range []string{path, "/keys/", "/keys/?user=" + itoa(s.alice.id)} {
			if got := s.do(t, who, "GET", at, nil).want(t, 200, "pipeline"); strings.Contains(string(got.body), secret) || strings.Contains(string(got.body), "sha256") {
				t.Errorf("%s shows the secret: %s", at, got.body)
			}
		}
	}
	if s.kept(t, secret) {
		t.Error("the secret is kept in clear, or in the log")
	}
	// Others do not see it.
	s.do(t, s.bob, "GET", path, nil).want(t, 404)
	s.do(t, s.bob, "DELETE", path, nil).want(t, 404)
	s.do(t, s.bob, "GET", "/keys/", nil).want(t, 200, `"count":0`)
	s.do(t, s.bob, "GET", "/keys/?user="+itoa(s.alice.id), nil).want(t, 200, `"count":0`)
	// It ends at its time.
	clock.pass(35*time.Hour + 59*time.Minute)
	s.with(t, key, "GET", "/users/me/", nil).want(t, 200)
	clock.pass(time.Minute)
	s.with(t, key, "GET", "/users/me/", nil).want(t, 401, "The API key has expired.")
}

func TestKeysRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t, newClock().set)
	s.admin, s.alice = s.token(t, s.admin), s.token(t, s.alice)
	for _, tt := range []struct{ name, scope, expires any }{
		{nil, "read", nil}, {" ", "read", nil}, {"k", nil, nil}, {"k", "everything", nil}, {"k", "", nil}, {"k", "READ", nil}, {"k", 7, nil},
		{"k", "read", "tomorrow"}, {"k", "read", "2026-02-28"}, {"k", "read", "2026-03-01T12:00:00Z"}, {"k", "read", "2031-03-03"}, {"k", "read", "2026-02-30"},
	} {
		s.do(t, s.alice, "POST", "/keys/", map[string]any{"name": tt.name, "scope": tt.scope, "expires_at": tt.expires}).want(t, 400)
	}
	for _, expires := range []any{"", "2026-03-01", "2026-03-01T13:00:01+01:00", "2031-03-01"} {
		s.do(t, s.alice, "POST", "/keys/", map[string]any{"name": "k", "scope": "read", "expires_at": expires}).want(t, 201)
	}
	s.do(t, s.alice, "POST", "/keys/", `{"name": "k", "scope": "admin"}`).want(t, 403, "Only an administrator")
	s.do(t, s.admin, "POST", "/keys/", `{"name": "k", "scope": "admin"}`).want(t, 201)
	must(t, s.store.Write(t.Context(), func(tx *store.Tx) error {
		for range 96 {
			if _, err := tx.AddKey(t.Context(), model.APIKey{AccountID: s.alice.id, Scope: model.ScopeRead}); err != nil {
				return err
			}
		}
		return nil
	}))
	s.do(t, s.alice, "POST", "/keys/", `{"name": "k", "scope": "read"}`).want(t, 400, "100 API keys")
}

// What ends a key ends it for good.
func TestWhatEndsKeys(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		end  func(*testing.T, *server, string)
		text string
	}{
		{"revoked", func(t *testing.T, s *server, path string) { s.do(t, s.alice, "DELETE", path, nil).want(t, 204) }, "The API key was revoked."},
		{"by an administrator", func(t *testing.T, s *server, path string) { s.do(t, s.admin, "DELETE", path, nil).want(t, 204) }, "The API key was revoked."},
		{"disabled", func(t *testing.T, s *server, _ string) {
			s.do(t, s.admin, "DELETE", "/users/"+itoa(s.alice.id)+"/", nil).want(t, 204)
		}, "The API key was revoked."},
		{"disabled and enabled", func(t *testing.T, s *server, _ string) {
			s.do(t, s.admin, "DELETE", "/users/"+itoa(s.alice.id)+"/", nil).want(t, 204)
			s.do(t, s.admin, "PUT", "/users/"+itoa(s.alice.id)+"/", `{"active": true}`).want(t, 200)
		}, "The API key was revoked."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			clock := &clock{start: time.Now()}
			s := newServer(t, clock.set)
			id, key := s.addKey(t, s.alice, "write")
			_, other := s.addKey(t, s.bob, "write")
			s.with(t, key, "GET", "/runs/", nil).want(t, 200)
			tt.end(t, s, "/keys/"+itoa(id)+"/")
			for _, route := range s.api.Routes() {
				if route.Access != api.Open {
					clock.pass(time.Second) // none is throttled
					s.with(t, key, route.Method, absent(route), nil).want(t, 401, tt.text)
				}
			}
			s.with(t, other, "GET", "/runs/", nil).want(t, 200)
			s.do(t, s.admin, "DELETE", "/keys/"+itoa(id)+"/", nil).want(t, 204) // again: it stays as it is
			s.do(t, s.admin, "GET", "/keys/?active=false", nil).want(t, 200, `"count":1`, `"active":false`)
		})
	}
	// A new password, and logging out, are not for keys.
	s := newServer(t)
	_, key := s.addKey(t, s.alice, "read")
	s.do(t, s.alice, "DELETE", "/users/me/tokens/", nil).want(t, 204)
	s.with(t, key, "GET", "/runs/", nil).want(t, 200)
}

// When a key was last used, and when somebody last logged in, is written
// down beside the requests, the former once a minute.
func TestLastUsed(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := newServer(t, clock.set)
	s.addPassword(t, s.alice)
	s.alice, s.admin = s.token(t, s.alice), s.token(t, s.admin)
	id, key := s.addKey(t, s.alice, "read")
	// run lets the API write down what there is.
	run := func() {
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { s.api.Run(ctx) })
		cancel()
		wg.Wait()
	}
	used := func() any {
		return s.do(t, s.alice, "GET", "/keys/"+itoa(id)+"/", nil).want(t, 200).object(t)["last_used_at"]
	}
	run()
	if got := used(); got != nil {
		t.Errorf("before its use: %v", got)
	}
	first := clock.now().Format("2006-01-02T15:04:05.000000Z")
	s.with(t, key, "GET", "/runs/", nil).want(t, 200)
	clock.pass(30 * time.Second)
	s.with(t, key, "GET", "/runs/", nil).want(t, 200)
	run()
	if got := used(); got != first {
		t.Errorf("after its use: %v, want %v", got, first)
	}
	clock.pass(29 * time.Second)
	s.with(t, key, "GET", "/runs/", nil).want(t, 200)
	run()
	if got := used(); got != first {
		t.Errorf("within the minute: %v, want %v", got, first)
	}
	clock.pass(time.Second)
	s.with(t, key, "DELETE", "/runs/1/", nil).want(t, 403) // a refusal is a use of it
	s.loggedIn(t, s.alice, password)
	run()
	second := clock.now().Format("2006-01-02T15:04:05.000000Z")
	if got := used(); got != second {
		t.Errorf("after the minute: %v, want %v", got, second)
	}
	if got := s.do(t, s.admin, "GET", "/users/"+itoa(s.alice.id)+"/", nil).object(t)["last_login"]; got != second {
		t.Errorf("last login %v, want %v", got, second)
	}
}
