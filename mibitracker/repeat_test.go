package mibitracker_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

func TestPostsCarryOneKeyEach(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		switch n.Add(1) {
		case 1:
			text(w, 502, "")
		case 2: // the first attempt is still at work
			w.Header().Set("Retry-After", "0")
			text(w, 409, "")
		default:
			reply(w, 200, map[string]int{})
		}
	})
	c := newClient(t, srv.URL)
	for range 2 {
		if err := c.JSON(t.Context(), mibitracker.Request{Method: "POST", Route: "/x/"}, nil); err != nil {
			t.Fatal(err)
		}
	}
	own := mibitracker.Request{Method: "POST", Route: "/x/", Header: http.Header{"Idempotency-Key": {"mine"}}}
	if err := c.JSON(t.Context(), own, nil); err != nil {
		t.Fatal(err)
	}
	if err := c.JSON(t.Context(), mibitracker.Request{Method: "post", Route: "/lower/"}, nil); err != nil {
		t.Fatal(err)
	}
	if lower := srv.of("/lower/"); lower[0].Method != "POST" || lower[0].Header.Get("Idempotency-Key") == "" {
		t.Errorf("sent %+v", lower)
	}
	if err := c.JSON(t.Context(), mibitracker.Request{Method: "PUT", Route: "/x/"}, nil); err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, r := range srv.of("/x/") {
		keys = append(keys, r.Header.Get("Idempotency-Key"))
	}
	if len(keys) != 6 || keys[0] == "" || keys[0] != keys[1] || keys[0] != keys[2] || keys[3] == keys[0] || keys[3] == "" ||
		keys[4] != "mine" || keys[5] != "" {
		t.Errorf("keys %q", keys)
	}
	if len(own.Header) != 1 || own.Header.Get("Idempotency-Key") != "mine" {
		t.Errorf("the caller's header became %v", own.Header)
	}
}

// A conflict that is not a running attempt is the caller's to solve.
func TestConflictIsNotRepeated(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			w.Header().Set("Retry-After", "0")
		}
		text(w, 409, "")
	})
	c := newClient(t, srv.URL)
	for _, method := range []string{"POST", "PUT"} {
		err := c.JSON(t.Context(), mibitracker.Request{Method: method, Route: "/" + method}, nil)
		if n := len(srv.of("/" + method)); !errors.Is(err, mibitracker.ErrConflict) || n != 1 {
			t.Errorf("%s: %v after %d attempts", method, err, n)
		}
	}
}

// A connection that breaks under a POST, fresh or used before, leaves it to
// the caller, unless doing it twice is harmless.
func TestPostsOnBrokenConnections(t *testing.T) {
	t.Parallel()
	var posts atomic.Int64
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && posts.Add(1) == 1 {
			panic(http.ErrAbortHandler)
		}
		reply(w, 200, map[string]int{})
	})
	for i := range 8 {
		used, repeat, body := i&1 != 0, i&2 != 0, (*mibitracker.Body)(nil)
		if i&4 != 0 {
			body = mibitracker.JSONBody(1)
		}
		posts.Store(0)
		c := newClient(t, srv.URL, mibitracker.WithToken("good"))
		route := fmt.Sprintf("/%d/", i)
		if used {
			if err := c.JSON(t.Context(), mibitracker.Request{Route: "/warm/"}, nil); err != nil {
				t.Fatal(err)
			}
		} else if err := c.Login(t.Context()); err != nil {
			t.Fatal(err)
		} else {
			c.CloseIdleConnections()
		}
		err := c.JSON(t.Context(), mibitracker.Request{
			Method: "POST", Route: route, Body: body, Repeat: repeat,
		}, nil)
		var broken *mibitracker.TransportError
		if n := len(srv.of(route)); repeat && (err != nil || n != 2) || !repeat && (!errors.As(err, &broken) || n != 1) {
			t.Errorf("used %t, repeat %t, content %t: %v after %d attempts", used, repeat, body != nil, err, n)
		}
		for _, r := range srv.of(route) {
			if r.Header.Get("Idempotency-Key") == "" || r.Length == 0 != (body == nil) {
				t.Errorf("content %t: sent %+v", body != nil, r)
			}
		}
		c.CloseIdleConnections()
	}
}

// broken answers a request with the beginning of an answer.
func broken(t *testing.T, w http.ResponseWriter, answer string) {
	conn, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		t.Error(err)
		return
	}
	_, _ = io.WriteString(conn, answer)
	_ = conn.Close()
}

func TestAnswersThatBreakOff(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"in the body":       "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\": 2",
		"a length too low":  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n{\"id\": 26}",
		"an open end":       "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{\"id\": 2",
		"in a chunk":        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n{\"id\": 2",
		"before the answer": "",
		"in the status":     "HTTP/1.1 20",
		"in a header":       "HTTP/1.1 200 OK\r\nContent-Le",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n, bad atomic.Int64
			srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
				if n.Add(1) <= bad.Load() {
					broken(t, w, answer)
					return
				}
				reply(w, 200, map[string]int{"id": 26})
			})
			c := newClient(t, srv.URL)
			bad.Store(2)
			var out struct{ ID int }
			if err := c.JSON(t.Context(), mibitracker.Request{Route: "/a/"}, &out); err != nil || out.ID != 26 {
				t.Errorf("GET: %v, %+v", err, out)
			}
			n.Store(0)
			bad.Store(99)
			err := c.JSON(t.Context(), mibitracker.Request{Route: "/b/"}, &out)
			var transport *mibitracker.TransportError
			if !errors.As(err, &transport) {
				t.Errorf("GET for ever: %v", err)
			}
			// An answer that seemed whole has left a connection that is none any more.
			c.CloseIdleConnections()
			n.Store(0)
			bad.Store(1)
			err = c.JSON(t.Context(), mibitracker.Request{Method: "POST", Route: "/c/", Body: mibitracker.JSONBody(1)}, &out)
			if len(srv.of("/c/")) != 1 || !errors.As(err, &transport) {
				t.Errorf("POST: %v after %d attempts", err, len(srv.of("/c/")))
			}
			c.CloseIdleConnections()
			n.Store(0)
			err = c.JSON(t.Context(), mibitracker.Request{Method: "POST", Route: "/d/", Body: mibitracker.JSONBody(1), Repeat: true}, &out)
			if got := srv.of("/d/"); err != nil || len(got) != 2 || got[0].Header.Get("Idempotency-Key") != got[1].Header.Get("Idempotency-Key") {
				t.Errorf("POST to repeat: %v after %d attempts", err, len(got))
			}
		})
	}
}

func TestRetryOptions(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		text(w, map[string]int{"/500/": 500, "/502/": 502}[r.URL.Path], "")
	})
	for name, c := range map[string]struct {
		opt          mibitracker.Option
		method       string
		at500, at502 int
	}{
		"as they are":    {mibitracker.WithRetries(2, 1, 1), "GET", 1, 3},
		"another code":   {mibitracker.WithRetryCodes(500), "GET", 4, 1},
		"no code":        {mibitracker.WithRetryCodes(), "GET", 1, 1},
		"another method": {mibitracker.WithRetryMethods("GET"), "PUT", 1, 1},
		"this method":    {mibitracker.WithRetryMethods("GET"), "GET", 1, 4},
		"no method":      {mibitracker.WithRetryMethods(), "GET", 1, 1},
		"no retries":     {mibitracker.WithRetries(0, 0, 0), "GET", 1, 1},
	} {
		client := newClient(t, srv.URL, c.opt)
		for path, want := range map[string]int{"/500/": c.at500, "/502/": c.at502} {
			before := len(srv.of(path))
			if err := client.JSON(t.Context(), mibitracker.Request{Method: c.method, Route: path}, nil); !errors.Is(err, mibitracker.ErrServer) {
				t.Errorf("%s, %s: %v", name, path, err)
			}
			if n := len(srv.of(path)) - before; n != want {
				t.Errorf("%s, %s: %d attempts, want %d", name, path, n, want)
			}
		}
	}
	for _, bad := range []mibitracker.Option{
		mibitracker.WithRetryCodes(200), mibitracker.WithRetryCodes(502, 600), mibitracker.WithRetryMethods("get"), mibitracker.WithRetryMethods(""),
		mibitracker.WithRootCAs(nil), mibitracker.WithProxy(nil), mibitracker.WithMiddleware(nil),
	} {
		if _, err := mibitracker.New(srv.URL, mibitracker.WithToken("x"), bad); err == nil {
			t.Error("a bad option is taken")
		}
	}
}

// A method that is not to be repeated is not repeated after an answer that
// broke off either.
func TestRetryMethodsOfBrokenAnswers(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		broken(t, w, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\": 2")
	})
	c := newClient(t, srv.URL, mibitracker.WithRetryMethods("PUT"))
	for route, method := range map[string]string{"/empty/": "", "/get/": "GET", "/put/": "PUT"} {
		var out map[string]any
		err := c.JSON(t.Context(), mibitracker.Request{Method: method, Route: route}, &out)
		if n := len(srv.of(route)); err == nil || n != map[bool]int{true: 4, false: 1}[method == "PUT"] {
			t.Errorf("%s: %v after %d attempts", route, err, n)
		}
	}
}

// nobody is an address at which nothing listens, nor will while the test runs: it
// is the near end of a connection.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", l.Addr().String())
	if err := errors.Join(err, l.Close()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn.LocalAddr().String()
}

// A dead backend is told after all attempts, and a wait ends with its context.
func TestNobodyListens(t *testing.T) {
	t.Parallel()
	address := "http://" + nobody(t)
	var attempts atomic.Int64
	count := mibitracker.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			attempts.Add(1)
			return next.RoundTrip(r)
		})
	})
	var said bytes.Buffer
	_, err := mibitracker.Dial(t.Context(), address, mibitracker.WithPassword("a", "b"), count, mibitracker.WithRetries(3, time.Millisecond, time.Millisecond),
		mibitracker.WithLogger(slog.New(slog.NewTextHandler(&said, nil))))
	var transport *mibitracker.TransportError
	if !errors.As(err, &transport) || attempts.Load() != 4 || strings.Contains(err.Error(), "mibitracker: mibitracker") {
		t.Errorf("%v after %d attempts", err, attempts.Load())
	}
	if strings.Count(said.String(), "refused") != 3 {
		t.Errorf("the log does not say why a request is repeated: %s", &said)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestDialAndTransportOptions(t *testing.T) {
	t.Parallel()
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api-token-auth/" {
			reply(w, 400, map[string][]string{"non_field_errors": {"Unable to log in with provided credentials."}})
			return
		}
		if r.Header.Get("Authorization") != "JWT good" {
			reply(w, 401, map[string]string{"detail": "Signature has expired."})
		}
	})
	secure := httptest.NewTLSServer(handler)
	defer secure.Close()
	roots := secure.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	dial := func(address string, opts ...mibitracker.Option) error {
		c, err := mibitracker.Dial(t.Context(), address, append(opts, mibitracker.WithRetries(0, 0, 0))...)
		if err == nil {
			c.CloseIdleConnections()
		}
		return err
	}
	good := mibitracker.WithToken("good")
	if err := dial(secure.URL, good); err == nil {
		t.Error("a certificate of an unknown authority is taken")
	}
	if err := dial(secure.URL, good, mibitracker.WithRootCAs(roots)); err != nil {
		t.Error(err)
	}
	if err := dial(secure.URL, mibitracker.WithToken("bad"), mibitracker.WithRootCAs(roots)); !errors.Is(err, mibitracker.ErrUnauthorized) {
		t.Errorf("a bad token: %v", err)
	}
	if err := dial(secure.URL, mibitracker.WithPassword("a", "bad"), mibitracker.WithRootCAs(roots)); !errors.Is(err, mibitracker.ErrBadRequest) {
		t.Errorf("a bad password: %v", err)
	}
	if err := dial(secure.URL, good, mibitracker.WithPassword("a", "bad"), mibitracker.WithRootCAs(roots)); err != nil {
		t.Errorf("a token wins over a password: %v", err)
	}
	foreign := &http.Client{Transport: roundTripper(http.DefaultTransport.RoundTrip)}
	if err := dial(secure.URL, good, mibitracker.WithHTTPClient(foreign), mibitracker.WithRootCAs(roots)); err == nil || !strings.Contains(err.Error(), "transport") {
		t.Errorf("authorities on a foreign transport: %v", err)
	}

	var proxied []string
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		proxied = append(proxied, r.URL.String())
		handler(w, r)
	}))
	defer proxy.Close()
	through := mibitracker.WithProxy(func(*http.Request) (*url.URL, error) { return url.Parse(proxy.URL) })
	var order []string
	note := func(name string) mibitracker.Option {
		return mibitracker.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
			return roundTripper(func(r *http.Request) (*http.Response, error) {
				order = append(order, name)
				return next.RoundTrip(r)
			})
		})
	}
	if err := dial("http://mibi.invalid", good, through, note("outer"), note("inner")); err != nil {
		t.Error(err)
	}
	if !slices.Equal(proxied, []string{"http://mibi.invalid/"}) || !slices.Equal(order, []string{"outer", "inner"}) {
		t.Errorf("proxied %v, middleware %v", proxied, order)
	}
}

// Files that come without encryption, though the API has it, are worth a
// warning: of the host, never of the link.
func TestLinksWithoutEncryptionAreTold(t *testing.T) {
	t.Parallel()
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "x") }))
	defer plain.Close()
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 200, map[string]string{"url": plain.URL + "/file?sig=hunter2"})
	}))
	defer secure.Close()
	var log strings.Builder
	c := newClient(t, secure.URL, mibitracker.WithToken("good"), mibitracker.WithHTTPClient(secure.Client()),
		mibitracker.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))))
	for range 2 {
		file, err := c.Files.Open(t.Context(), "a/b")
		if err != nil {
			t.Fatal(err)
		}
		_ = file.Close()
	}
	if said := log.String(); strings.Count(said, "without encryption") != 1 || strings.Contains(said, "hunter2") {
		t.Errorf("the log says %q", said)
	}
	c.CloseIdleConnections()
}
