package mibitracker_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// loginAnswering answers a login so, and everything else with an empty list.
func loginAnswering(t *testing.T, status int, body string) *recorder {
	t.Helper()
	r := &recorder{}
	srv := newRecorder(t, func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, []int{}) })
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Path == "/api-token-auth/" {
			text(w, status, body)
			return
		}
		srv.Config.Handler.ServeHTTP(w, req)
	}))
	t.Cleanup(r.Server.Close)
	srv.URL = r.Server.URL
	return srv
}

// A login's answer may say more than the token, and have any good status.
func TestToleranceOfLoginAnswers(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"token": "abc.def.ghi"}`: "abc.def.ghi",
		"\n{\"user\": {\"id\": 1, \"token\": \"no\"}, \"token\": \"padded==\", \"expires\": null}\n": "padded==",
		`{"token": "a+b/c_d-e.~=", "refresh": "r"}`:                                                  "a+b/c_d-e.~=",
		`{"token": "mibi_like"}`: "mibi_like",
	} {
		for _, status := range []int{200, 201} {
			srv := loginAnswering(t, status, body)
			c := newClient(t, srv.URL)
			if _, err := c.Runs.List(t.Context(), mibitracker.RunFilter{}); err != nil || c.Token() != want {
				t.Errorf("%d %s: %q, %v", status, body, c.Token(), err)
				continue
			}
			if _, token, _ := strings.Cut(srv.of("/runs/")[0].Auth, " "); token != want {
				t.Errorf("%s: the token went as %q", body, token)
			}
		}
	}
}

// An answer to a login that holds no token is the typed error, and nothing is
// sent without one.
func TestToleranceOfLoginAnswersWithoutToken(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"", "null", `{}`, `{"token": null}`, `{"token": ""}`, `{"token": 5}`, `{"token": {"access": "x"}}`, `["tok"]`, `"tok"`,
		`{"detail": "Please confirm your address."}`, pageOfHTML, `{"access": "x"}`,
		`{"token": "two\nlines"}`, `{"token": "\u0000"}`,
	} {
		srv := loginAnswering(t, 200, body)
		c := newClient(t, srv.URL)
		if err := c.Login(t.Context()); !errors.Is(err, mibitracker.ErrUnexpected) || strings.Contains(err.Error(), "right") {
			t.Errorf("%q: %v", body, err)
		}
		if _, err := c.Runs.List(t.Context(), mibitracker.RunFilter{}); err == nil || len(srv.of("/runs/")) > 0 {
			t.Errorf("%q: a request was sent without a token, %v", body, err)
		}
	}
}

// Tokens with padding go as they are.
func TestToleranceOfTokensWithPadding(t *testing.T) {
	t.Parallel()
	for _, token := range []string{"abc==", "a.b.c=", "a/b+c", "mibi_abc=="} {
		srv := newRecorder(t, func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, []int{}) })
		c := newClient(t, srv.URL, mibitracker.WithToken(token))
		if _, err := c.Runs.List(t.Context(), mibitracker.RunFilter{}); err != nil {
			t.Errorf("%s: %v", token, err)
			continue
		}
		for _, r := range srv.all() {
			if _, sent, _ := strings.Cut(r.Auth, " "); sent != token {
				t.Errorf("%s went as %q", token, r.Auth)
			}
		}
	}
}

// A base URL may have slashes too many, and a path before the API's: every
// route is below it.
func TestToleranceOfBaseURLs(t *testing.T) {
	t.Parallel()
	for suffix, prefix := range map[string]string{
		"": "", "/": "", "///": "", "/tracker": "/tracker", "/tracker/": "/tracker", "/lab//tracker//": "/lab//tracker", "/a%20b/": "/a b",
	} {
		var mux http.HandlerFunc = func(w http.ResponseWriter, r *http.Request) {
			if rest, ok := strings.CutPrefix(r.URL.Path, prefix); ok && strings.HasPrefix(rest, "/") {
				switch {
				case rest == "/api-token-auth/" || rest == "/api-token-refresh/":
					reply(w, 200, map[string]string{"token": "tok1"})
					return
				case r.Header.Get("Authorization") == "JWT tok1" && !strings.HasPrefix(rest, "//"):
					inPages(func(r *http.Request, query string) string { return r.URL.Path + "?" + query })(w, r)
					return
				}
			}
			reply(w, 404, map[string]string{"detail": r.Method + " " + r.URL.Path})
		}
		srv := httptest.NewServer(mux)
		t.Cleanup(srv.Close)
		c := newClient(t, srv.URL+suffix)
		for name, read := range everyList {
			if n, err := read(t.Context(), c); n != 5 || err != nil {
				t.Errorf("%q, %s: %d objects, %v", suffix, name, n, err)
			}
		}
		if err := c.Refresh(t.Context()); err != nil {
			t.Errorf("%q: %v", suffix, err)
		}
		if err := newClient(t, srv.URL+suffix, mibitracker.WithToken("tok1")).Login(t.Context()); err != nil {
			t.Errorf("%q: %v", suffix, err)
		}
	}
}

// A 401 with a page of HTML, as a proxy gives it, is a 401: the client gets a
// new token once, and then it is over.
func TestToleranceOfUnauthorizedPages(t *testing.T) {
	t.Parallel()
	for name, options := range map[string][]mibitracker.Option{
		"password": nil, "token": {mibitracker.WithToken("good")}, "key": {mibitracker.WithToken("mibi_key")},
	} {
		var refusals atomic.Int64
		srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodOptions {
				return
			}
			refusals.Add(1)
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("WWW-Authenticate", `Basic realm="proxy"`)
			text(w, 401, pageOfHTML)
		})
		c := newClient(t, srv.URL, options...)
		if _, err := c.Runs.Get(t.Context(), 1); !errors.Is(err, mibitracker.ErrUnauthorized) || !strings.Contains(err.Error(), "Something happened") {
			t.Errorf("%s: %v", name, err)
		}
		if n := len(srv.of("/runs/1/")); n > 2 || refusals.Load() > 3 {
			t.Errorf("%s: %d attempts, %d refusals", name, n, refusals.Load())
		}
	}
}
