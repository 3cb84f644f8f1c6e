package mibitracker_test

import (
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// assertStranger fails if a host that is not the backend was told anything: a
// credential, a cookie, a key, where the request came from, or content.
func assertStranger(t *testing.T, name string, host *recorder) {
	t.Helper()
	for _, r := range host.all() {
		for _, header := range []string{"Authorization", "Cookie", "Referer", "Proxy-Authorization"} {
			if r.Header.Get(header) != "" {
				t.Errorf("%s: %s %s went to another host with %s: %q", name, r.Method, r.Path, header, r.Header.Get(header))
			}
		}
		if r.Body != "" {
			t.Errorf("%s: %s %s went to another host with %q", name, r.Method, r.Path, r.Body)
		}
	}
}

func redirectTo(w http.ResponseWriter, status int, where string) {
	w.Header().Set("Location", where)
	w.WriteHeader(status)
}

// A redirect within the backend is followed where it keeps the request, and a
// GET's to another host without any credential.
func TestToleranceOfRedirectsOfGET(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		var srv *recorder
		elsewhere := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/back/" {
				redirectTo(w, status, srv.URL+"/returned/")
				return
			}
			reply(w, 200, map[string]int{"id": 9})
		})
		srv = newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "s3cret", Path: "/", Secure: false, HttpOnly: true, SameSite: http.SameSiteLaxMode})
			switch r.URL.Path {
			case "/runs/1/":
				redirectTo(w, status, "/moved/1/")
			case "/runs/2/":
				redirectTo(w, status, "../../moved/2/?a=1")
			case "/runs/3/":
				redirectTo(w, status, elsewhere.URL+"/moved/3/")
			case "/runs/4/":
				redirectTo(w, status, "/runs/4/")
			case "/runs/5/":
				redirectTo(w, status, "")
			case "/runs/6/":
				redirectTo(w, status, "http://[::1/")
			case "/runs/7/":
				// There and back: the way back is to the backend again.
				redirectTo(w, status, elsewhere.URL+"/back/")
			default:
				reply(w, 200, map[string]int{"id": 8})
			}
		})
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		// The other host has the same name and another port, which cookies do
		// not tell apart.
		c := newClient(t, srv.URL, mibitracker.WithHTTPClient(&http.Client{Jar: jar}), mibitracker.WithRetries(1, 0, 0))
		for id, want := range map[int64]int64{1: 8, 2: 8, 3: 9, 4: 0, 5: 0, 6: 0, 7: 8} {
			run, err := c.Runs.Get(t.Context(), id)
			if want == 0 && err == nil || want != 0 && (err != nil || run.ID != want) {
				t.Errorf("%d, run %d: %+v, %v", status, id, run, err)
			}
		}
		for _, path := range []string{"/moved/1/", "/moved/2/"} {
			if seen := srv.of(path); len(seen) != 1 || seen[0].Auth != "JWT tok1" {
				t.Errorf("%d: %s came as %+v", status, path, seen)
			}
		}
		if n := len(srv.of("/returned/")); n != 1 {
			t.Errorf("%d: came back %d times", status, n)
		}
		if n := len(elsewhere.all()); n != 2 {
			t.Errorf("%d: %d requests to the other host", status, n)
		}
		assertStranger(t, http.StatusText(status), elsewhere)
	}
}

// A request with content is not sent on to another host, nor turned into a GET
// without it; within the backend 307 and 308 keep it.
func TestToleranceOfRedirectsOfContent(t *testing.T) {
	t.Parallel()
	elsewhere := newRecorder(t, func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, map[string]int{"id": 9}) })
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
			srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
				switch r.URL.Path {
				case "/near":
					redirectTo(w, status, "/near/")
				case "/far":
					redirectTo(w, status, elsewhere.URL+"/far/")
				default:
					reply(w, 200, map[string]int{"id": 8})
				}
			})
			c := newClient(t, srv.URL)
			send := func(route string) error {
				var out map[string]int
				return c.JSON(t.Context(), mibitracker.Request{Method: method, Route: route, Body: mibitracker.JSONBody("content")}, &out)
			}
			err, kept := send("/near"), status == 307 || status == 308
			if (err == nil) != kept {
				t.Errorf("%s %d within the backend: %v", method, status, err)
			}
			if seen := srv.of("/near/"); kept && (len(seen) != 1 || seen[0].Body != `"content"` || seen[0].Method != method) || !kept && len(seen) > 0 {
				t.Errorf("%s %d within the backend came as %+v", method, status, seen)
			}
			if err := send("/far"); err == nil || strings.Contains(err.Error(), "tok1") {
				t.Errorf("%s %d to another host: %v", method, status, err)
			}
		}
	}
	if seen := elsewhere.all(); len(seen) > 0 {
		t.Errorf("the other host saw %+v", seen[0])
	}
}

// A password goes to the backend alone, and the error of a base URL that only
// redirects says what to correct.
func TestToleranceOfRedirectedLogins(t *testing.T) {
	t.Parallel()
	elsewhere := newRecorder(t, func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, map[string]string{"token": "stolen"}) })
	for _, status := range []int{301, 302, 307, 308} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			redirectTo(w, status, elsewhere.URL+r.URL.Path)
		}))
		t.Cleanup(srv.Close)
		err := newClient(t, srv.URL).Login(t.Context())
		if err == nil || !strings.Contains(err.Error(), elsewhere.URL) || strings.Contains(err.Error(), "right") {
			t.Errorf("%d: %v", status, err)
		}
		// Checking a token is a request without content; it may go on, bare.
		_ = newClient(t, srv.URL, mibitracker.WithToken("tok1")).Login(t.Context())
	}
	assertStranger(t, "a login", elsewhere)
}

// From https nothing goes on to http, not even a GET.
func TestToleranceOfRedirectsFromTLS(t *testing.T) {
	t.Parallel()
	plain := newRecorder(t, func(w http.ResponseWriter, _ *http.Request) { reply(w, 200, map[string]int{"id": 9}) })
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		redirectTo(w, 302, plain.URL+r.URL.Path)
	}))
	t.Cleanup(secure.Close)
	roots := x509.NewCertPool()
	roots.AddCert(secure.Certificate())
	c := newClient(t, secure.URL, mibitracker.WithToken("tok1"), mibitracker.WithRootCAs(roots))
	if err := c.Login(t.Context()); err == nil {
		t.Error("a token was checked at another place")
	}
	gone := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api-token-auth/" {
			reply(w, 200, map[string]string{"token": "tok1"})
			return
		}
		redirectTo(w, 302, plain.URL+r.URL.Path)
	}))
	t.Cleanup(gone.Close)
	roots.AddCert(gone.Certificate())
	var broken *mibitracker.TransportError
	_, err := newClient(t, gone.URL, mibitracker.WithRootCAs(roots)).Runs.Get(t.Context(), 1)
	if !errors.As(err, &broken) || !strings.Contains(err.Error(), "from https") {
		t.Error(err)
	}
	if n := len(plain.all()); n > 0 {
		t.Errorf("%d requests went without TLS", n)
	}
}

// A page to log in on, where single sign-on stands before the backend, is the
// typed error that shows the page.
func TestToleranceOfSingleSignOn(t *testing.T) {
	t.Parallel()
	accounts := newRecorder(t, func(w http.ResponseWriter, _ *http.Request) { text(w, 200, pageOfHTML) })
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		redirectTo(w, 302, accounts.URL+"/signin?continue="+r.URL.Path)
	})
	c := newClient(t, srv.URL)
	for name, call := range everyCall(t) {
		// What has content is stopped at the redirect.
		if err := call(t.Context(), c); err == nil || errors.Is(err, mibitracker.ErrUnexpected) && !strings.Contains(err.Error(), "Oh no") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(accounts.all()) == 0 {
		t.Error("no redirect was followed")
	}
	assertStranger(t, "single sign-on", accounts)
}
