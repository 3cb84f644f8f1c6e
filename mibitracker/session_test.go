package mibitracker_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	password := mibitracker.WithPassword("a@example.org", "hunter2")
	for name, c := range map[string]struct {
		url  string
		opts []mibitracker.Option
		want string
	}{
		"no credentials":   {"https://x", nil, "no credentials"},
		"empty password":   {"https://x", []mibitracker.Option{mibitracker.WithPassword("a", "")}, "empty"},
		"token with break": {"https://x", []mibitracker.Option{mibitracker.WithToken("a\nb")}, "token"},
		"no scheme":        {"x.example.org", []mibitracker.Option{password}, "https://host"},
		"other scheme":     {"ftp://x", []mibitracker.Option{password}, "https://host"},
		"secret in URL":    {"https://u:hunter2@x", []mibitracker.Option{password}, "user name"},
		"secret in none":   {"u:hunter2@x", []mibitracker.Option{password}, "https://host"},
		"query":            {"https://x?a=hunter2", []mibitracker.Option{password}, "query"},
		"empty query":      {"https://x?", []mibitracker.Option{password}, "query"},
		"negative timeout": {"https://x", []mibitracker.Option{password, mibitracker.WithSessionTimeout(-1)}, "below zero"},
		"negative retries": {"https://x", []mibitracker.Option{password, mibitracker.WithRetries(-1, 0, 0)}, "no sense"},
		"nil HTTP client":  {"https://x", []mibitracker.Option{password, mibitracker.WithHTTPClient(nil)}, "nil"},
	} {
		_, err := mibitracker.New(c.url, c.opts...)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v, want it to say %q", name, err, c.want)
		}
	}
}

func TestBaseURLForms(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) { reply(w, 200, []int{}) })
	for _, suffix := range []string{"", "/", "//", "/below", "/below/"} {
		c := newClient(t, srv.URL+suffix, mibitracker.WithToken("good"))
		for _, route := range []string{"/runs/", "runs/", "//runs/"} {
			if err := c.JSON(t.Context(), mibitracker.Request{Route: route}, nil); err != nil {
				t.Fatalf("%q %q: %v", suffix, route, err)
			}
		}
	}
	if n := len(srv.of("/runs/")); n != 9 {
		t.Errorf("%d requests to /runs/, want 9", n)
	}
	if n := len(srv.of("/below/runs/")); n != 6 {
		t.Errorf("%d requests to /below/runs/, want 6", n)
	}
	c := newClient(t, srv.URL)
	for _, route := range []string{"https://elsewhere.example.org/runs/", "http://" + strings.TrimPrefix(srv.URL, "http://") + "/runs/"} {
		if err := c.JSON(t.Context(), mibitracker.Request{Route: route}, nil); err == nil || !strings.Contains(err.Error(), "not a route") {
			t.Errorf("route %s: %v", route, err)
		}
	}
}

func TestLogin(t *testing.T) {
	t.Parallel()
	refuse := func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == http.MethodOptions:
			reply(w, 401, map[string]string{"detail": "Signature has expired."})
		case r.URL.Path == "/api-token-auth/":
			reply(w, 400, map[string][]string{"non_field_errors": {"Unable to log in with provided credentials."}})
		default:
			reply(w, 200, []int{})
		}
	}
	srv := newRecorder(t, refuse)

	c := newClient(t, srv.URL)
	if c.Token() != "" || len(srv.all()) != 0 {
		t.Error("New has sent something")
	}
	if _, err := c.Runs.List(t.Context(), mibitracker.RunFilter{}); err != nil || c.Token() != "tok1" {
		t.Errorf("first request: %v, token %q", err, c.Token())
	}
	if got := srv.of("/runs/")[0].Auth; got != "JWT tok1" {
		t.Errorf("Authorization = %q", got)
	}
	if err := newClient(t, srv.URL, mibitracker.WithPassword("a", "wrong")).Login(t.Context()); !errors.Is(err, mibitracker.ErrBadRequest) ||
		!strings.Contains(err.Error(), "Unable to log in") || strings.Contains(err.Error(), "wrong") {
		t.Errorf("wrong password: %v", err)
	}
	// A token wins over the password that is given as well.
	if err := newClient(t, srv.URL, mibitracker.WithToken("bad")).Login(t.Context()); !errors.Is(err, mibitracker.ErrUnauthorized) {
		t.Errorf("bad token: %v", err)
	}
	if err := newClient(t, srv.URL, mibitracker.WithToken("good")).Login(t.Context()); err != nil {
		t.Errorf("good token: %v", err)
	}
	_ = newClient(t, srv.URL, mibitracker.WithToken("mibi_key")).Login(t.Context())
	all := srv.all()
	if got := all[len(all)-1].Auth; got != "Bearer mibi_key" {
		t.Errorf("an API key went as %q", got)
	}
}

func TestRefreshIsSingleFlight(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var refreshes atomic.Int64
		srv, by := newWiredRecorder(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/api-token-refresh/" {
				reply(w, 200, map[string]string{"token": fmt.Sprintf("fresh%d", refreshes.Add(1))})
				return
			}
			reply(w, 200, []int{})
		})
		const age = 400 * time.Millisecond
		c := newClient(t, srv.URL, by, mibitracker.WithRefreshAfter(age))
		if err := c.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		old := time.NewTimer(age + 50*time.Millisecond)
		<-old.C
		var wg sync.WaitGroup
		for range 32 {
			wg.Go(func() {
				if _, err := c.Runs.List(t.Context(), mibitracker.RunFilter{}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := refreshes.Load(); n != 1 {
			t.Errorf("%d refreshes for 32 requests, want 1", n)
		}
		if body := srv.of("/api-token-refresh/")[0].Body; body != `{"token":"tok1"}` {
			t.Errorf("refresh sent %s", body)
		}
		for _, r := range srv.of("/runs/") {
			if r.Auth != "JWT fresh1" {
				t.Errorf("a request went with %q", r.Auth)
			}
		}
	})
}

func TestRefreshExpired(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api-token-refresh/" {
			reply(w, 400, map[string][]string{"non_field_errors": {"Signature has expired."}})
			return
		}
		reply(w, 200, []int{})
	})
	c := newClient(t, srv.URL, mibitracker.WithToken("good"), mibitracker.WithRefreshAfter(1))
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	// What cannot be refreshed can still be used until it ends.
	if _, err := c.Runs.List(t.Context(), mibitracker.RunFilter{}); err != nil {
		t.Errorf("with a token: %v", err)
	}
	err := c.Refresh(t.Context())
	if !errors.Is(err, mibitracker.ErrBadRequest) || !strings.Contains(err.Error(), "expired") {
		t.Errorf("a refresh that was asked for: %v", err)
	}
	c = newClient(t, srv.URL, mibitracker.WithRefreshAfter(1))
	for range 2 {
		if _, err := c.Runs.List(t.Context(), mibitracker.RunFilter{}); err != nil {
			t.Errorf("with a password: %v", err)
		}
	}
	if n := len(srv.of("/api-token-auth/")); n != 2 {
		t.Errorf("%d logins, want 2", n)
	}
}

func TestUnauthorizedLogsInAgainOnce(t *testing.T) {
	t.Parallel()
	var refused atomic.Int64
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/runs/1/" && refused.Add(1) == 1 || r.URL.Path == "/runs/2/" {
			reply(w, 401, map[string]string{"detail": "Signature has expired."})
			return
		}
		reply(w, 200, map[string]int{"id": 1})
	})
	c := newClient(t, srv.URL)
	if _, err := c.Runs.Get(t.Context(), 1); err != nil {
		t.Errorf("refused once: %v", err)
	}
	if _, err := c.Runs.Get(t.Context(), 2); !errors.Is(err, mibitracker.ErrUnauthorized) {
		t.Errorf("refused always: %v", err)
	}
	if n := len(srv.of("/runs/2/")); n != 2 {
		t.Errorf("%d attempts, want 2", n)
	}
}

// A 401 in the middle of long work costs a refresh; only a token that cannot
// be refreshed any more costs a login, and without a password it is the end.
func TestUnauthorizedRefreshesFirst(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		opts              []mibitracker.Option
		refreshable, ends bool
		refreshes, logins int
	}{
		"a refreshable token":           {nil, true, false, 1, 1},
		"an expired one, with password": {nil, false, false, 1, 2},
		"an expired one alone":          {[]mibitracker.Option{mibitracker.WithToken("good")}, false, true, 1, 0},
		"a refreshable one alone":       {[]mibitracker.Option{mibitracker.WithToken("good")}, true, false, 1, 0},
		"an API key":                    {[]mibitracker.Option{mibitracker.WithToken("mibi_key")}, true, true, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var expired atomic.Bool
			srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/api-token-refresh/" && c.refreshable:
					expired.Store(false)
					reply(w, 200, map[string]string{"token": "new"})
				case r.URL.Path == "/api-token-refresh/":
					expired.Store(false)
					reply(w, 400, map[string][]string{"non_field_errors": {"Signature has expired."}})
				case r.Method == http.MethodPost && expired.Load():
					reply(w, 401, map[string]string{"detail": "Signature has expired."})
				}
			})
			client := newClient(t, srv.URL, c.opts...)
			if err := client.Login(t.Context()); err != nil {
				t.Fatal(err)
			}
			expired.Store(true)
			err := client.JSON(t.Context(), mibitracker.Request{Method: "POST", Route: "/work/", Body: mibitracker.JSONBody("x")}, nil)
			if c.ends != errors.Is(err, mibitracker.ErrUnauthorized) || !c.ends && err != nil {
				t.Errorf("error %v", err)
			}
			if r, l := len(srv.of("/api-token-refresh/")), len(srv.of("/api-token-auth/")); r != c.refreshes || l != c.logins {
				t.Errorf("%d refreshes and %d logins, want %d and %d", r, l, c.refreshes, c.logins)
			}
			for _, r := range srv.of("/work/") {
				if r.Body != `"x"` {
					t.Errorf("sent %q", r.Body)
				}
			}
		})
	}
}

// Whatever happens, neither the log nor an error holds a secret.
func TestSecretsAreNotLogged(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var srv *recorder
	srv = newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/download/":
			reply(w, 200, map[string]string{"url": srv.URL + "/signed?X-Sig=s3cret"})
		case "/signed":
			text(w, 502, "<html>bad gateway</html>")
		}
	})
	c := newClient(t, srv.URL, mibitracker.WithLogger(logger), mibitracker.WithRetries(1, 0, 0))
	_, err := c.Files.Open(t.Context(), "a/b")
	if !errors.Is(err, mibitracker.ErrServer) {
		t.Fatal(err)
	}
	if out.Len() == 0 || !strings.Contains(out.String(), "retrying") {
		t.Errorf("nothing was logged: %s", out.String())
	}
	for _, secret := range []string{"s3cret", "tok1", "right"} {
		if strings.Contains(out.String()+err.Error(), secret) {
			t.Errorf("%q is in the log or the error:\n%s\n%v", secret, out.String(), err)
		}
	}
	srv.Close()
	_, err = c.Runs.List(t.Context(), mibitracker.RunFilter{ListOptions: mibitracker.ListOptions{Filters: map[string][]string{"token": {"s3cret"}}}})
	var broken *mibitracker.TransportError
	if !errors.As(err, &broken) || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("after the server is gone: %v", err)
	}
}
