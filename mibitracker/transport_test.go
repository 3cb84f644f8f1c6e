package mibitracker_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

func TestRetries(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method, header string
		status, fails  int
		attempts       int
		ok             bool
	}{
		"GET 502 twice":          {"GET", "", 502, 2, 3, true},
		"GET 503 with seconds":   {"GET", "0", 503, 1, 2, true},
		"GET 503 for ever":       {"GET", "", 503, 99, 4, false},
		"GET asked to wait long": {"GET", "3600", 503, 1, 1, false},
		"POST 502":               {"POST", "", 502, 1, 2, true},
		"PUT 503":                {"PUT", "", 503, 1, 2, true},
		"GET 500":                {"GET", "", 500, 1, 1, false},
		"POST 500":               {"POST", "", 500, 1, 1, false},
		"POST 429 with time":     {"POST", "0", 429, 1, 2, true},
		"POST 429 without":       {"POST", "", 429, 1, 1, false},
		"GET 503 with a date":    {"GET", "Mon, 02 Jan 2006 15:04:05 GMT", 503, 1, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int64
			srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
				if n.Add(1) <= int64(c.fails) {
					if c.header != "" {
						w.Header().Set("Retry-After", c.header)
					}
					text(w, c.status, "")
					return
				}
				reply(w, 200, map[string]int{})
			})
			client := newClient(t, srv.URL)
			var body *mibitracker.Body
			if c.method != "GET" {
				body = mibitracker.JSONBody(map[string]int{"a": 1})
			}
			err := client.JSON(t.Context(), mibitracker.Request{Method: c.method, Route: "/x/", Body: body}, nil)
			if (err == nil) != c.ok {
				t.Errorf("error %v, want success %v", err, c.ok)
			}
			got := srv.of("/x/")
			if len(got) != c.attempts {
				t.Errorf("%d attempts, want %d", len(got), c.attempts)
			}
			for i, r := range got {
				if body != nil && (r.Body != `{"a":1}` || r.Length != 7) {
					t.Errorf("attempt %d sent %q of length %d", i, r.Body, r.Length)
				}
			}
		})
	}
}

func TestBrokenConnections(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 1 {
			panic(http.ErrAbortHandler)
		}
		reply(w, 200, map[string]int{})
	})
	c := newClient(t, srv.URL)
	for method, want := range map[string]int{"PUT": 2, "POST": 1, "PATCH": 2} {
		n.Store(0)
		err := c.JSON(t.Context(), mibitracker.Request{Method: method, Route: "/" + method, Body: mibitracker.JSONBody(1)}, nil)
		if (err == nil) != (want == 2) {
			t.Errorf("%s: %v", method, err)
		}
		if got := len(srv.of("/" + method)); got != want {
			t.Errorf("%s: %d attempts, want %d", method, got, want)
		}
	}
}

// What a server asks to be left alone for is told, where it is longer than the
// client waits.
func TestLongWaitIsTold(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "120")
		text(w, 503, "")
	})
	err := newClient(t, srv.URL).JSON(t.Context(), mibitracker.Request{Route: "/x/"}, nil)
	var refused *mibitracker.APIError
	if !errors.As(err, &refused) || refused.RetryAfter != 2*time.Minute || !strings.HasSuffix(err.Error(), "(it asks to wait 2m0s)") {
		t.Errorf("%v", err)
	}
}

func TestErrorDecoding(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status     int
		body, want string
		kind       error
	}{
		"detail":     {404, `{"detail": "Not found."}`, "404 Not Found: Not found.", mibitracker.ErrNotFound},
		"fields":     {400, `{"label": ["This field is required."], "instrument": "Unknown."}`, "instrument: Unknown.; label: This field is required.", mibitracker.ErrBadRequest},
		"form":       {400, `{"non_field_errors": ["No.", "Never."]}`, "No. Never.", mibitracker.ErrBadRequest},
		"list":       {400, `["Bad."]`, "Bad.", mibitracker.ErrBadRequest},
		"odd":        {400, `{"slides": {"0": ["x"]}}`, `slides: {"0": ["x"]}`, mibitracker.ErrBadRequest},
		"page":       {502, "<html>\n<h1>Bad   gateway</h1>" + strings.Repeat("µ", 1000), "<h1>Bad gateway</h1>", mibitracker.ErrServer},
		"empty":      {503, "", "503 Service Unavailable", mibitracker.ErrServer},
		"forbidden":  {403, `{"detail": "x"}`, "403", mibitracker.ErrForbidden},
		"conflict":   {409, `{"detail": "x"}`, "409", mibitracker.ErrConflict},
		"throttled":  {429, `{"detail": "x"}`, "429", mibitracker.ErrThrottled},
		"large":      {413, `{"detail": "x"}`, "413", mibitracker.ErrTooLarge},
		"unreadable": {400, "\xff\x00", "400", mibitracker.ErrBadRequest},
	} {
		srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) { text(w, c.status, c.body) })
		_, err := newClient(t, srv.URL).Runs.Get(t.Context(), 7)
		var typed *mibitracker.APIError
		if !errors.As(err, &typed) || !errors.Is(err, c.kind) || typed.Storage || errors.Is(err, mibitracker.ErrLinkRefused) || !strings.Contains(err.Error(), c.want) ||
			typed.Status != c.status || typed.Method != "GET" || typed.URL != srv.URL+"/runs/7/" || len(err.Error()) > 500 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnswersThatAreNotJSON(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"<html>log in here</html>", "", `"text"`, `{"id": "x"}`, `{"id"`} {
		srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) { text(w, 200, body) })
		_, err := newClient(t, srv.URL).Runs.Get(t.Context(), 7)
		if body == `"text"` {
			continue // a bare label is a legal form of a run
		}
		if body == `{"id"` {
			if !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("%q: %v", body, err)
			}
			continue
		}
		if !errors.Is(err, mibitracker.ErrUnexpected) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	var leaked atomic.Value
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		leaked.Store(r.Method + " " + r.Header.Get("Authorization") + r.Header.Get("Cookie") + r.Header.Get("Referer") + string(body))
		reply(w, 200, map[string]int{"id": 5})
	}))
	defer other.Close()
	var srv *recorder
	srv = newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/here/":
			http.Redirect(w, r, srv.URL+"/runs/1/", http.StatusFound)
		case "/away/":
			http.Redirect(w, r, other.URL+"/runs/1/", http.StatusFound)
		case "/keep/":
			http.Redirect(w, r, other.URL+"/runs/1/", http.StatusTemporaryRedirect)
		case "/round/":
			http.Redirect(w, r, "/round/", http.StatusFound)
		default:
			reply(w, 200, map[string]int{"id": 5})
		}
	})
	c := newClient(t, srv.URL)
	get := func(method, route string, body *mibitracker.Body) error {
		return c.JSON(t.Context(), mibitracker.Request{Method: method, Route: route, Body: body}, nil)
	}
	if err := get("GET", "/here/", nil); err != nil {
		t.Error(err)
	}
	if got := srv.of("/runs/1/"); len(got) != 1 || got[0].Auth != "JWT tok1" {
		t.Errorf("on the same host: %+v", got)
	}
	if err := get("GET", "/away/", nil); err != nil || leaked.Load() != "GET " {
		t.Errorf("to another host: %v, it received %q", err, leaked.Load())
	}
	leaked.Store("nothing")
	for _, route := range []string{"/here/", "/away/", "/keep/"} {
		err := get("POST", route, mibitracker.JSONBody("secret"))
		if err == nil || !strings.Contains(err.Error(), "redirects") {
			t.Errorf("POST %s: %v", route, err)
		}
	}
	if leaked.Load() != "nothing" {
		t.Errorf("the other host received %q", leaked.Load())
	}
	if err := get("GET", "/round/", nil); !errors.Is(err, mibitracker.ErrRedirect) || !strings.Contains(err.Error(), "in circles") {
		t.Errorf("in circles: %v", err)
	}
}

// openBodies counts the contents that are open.
type openBodies struct{ atomic.Int64 }

func (o *openBodies) body(content string) *mibitracker.Body {
	return &mibitracker.Body{ContentType: "text/plain", Size: int64(len(content)), Open: func() (io.ReadCloser, error) {
		o.Add(1)
		return &countedBody{Reader: strings.NewReader(content), open: o}, nil
	}}
}

type countedBody struct {
	io.Reader
	once sync.Once
	open *openBodies
}

func (c *countedBody) Close() error {
	c.once.Do(func() { c.open.Add(-1) })
	return nil
}

// Whatever happens to a request, none of the contents that were opened for it
// stays open.
func TestContentsAreClosed(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/near/":
			http.Redirect(w, r, "/there/", http.StatusTemporaryRedirect)
		case "/far/":
			http.Redirect(w, r, "http://elsewhere.invalid/", http.StatusTemporaryRedirect)
		case "/round/":
			http.Redirect(w, r, "/round/", http.StatusPermanentRedirect)
		case "/refused/":
			text(w, 401, "")
		case "/failing/":
			text(w, 502, "")
		case "/broken/":
			if n.Add(1) < 3 {
				panic(http.ErrAbortHandler)
			}
		}
	})
	c := newClient(t, srv.URL)
	for _, route := range []string{"/near/", "/far/", "/round/", "/refused/", "/failing/", "/broken/"} {
		var open openBodies
		err := c.JSON(t.Context(), mibitracker.Request{Method: "PUT", Route: route, Body: open.body("abc")}, nil)
		if (err == nil) != (route == "/near/" || route == "/broken/") || open.Load() != 0 {
			t.Errorf("%s: %v, %d contents open", route, err, open.Load())
		}
	}
}

// A request's own timeout wins over the session's, shorter or longer.
func TestOwnTimeoutWins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		srv, by := newWiredRecorder(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/late/" {
				<-time.After(600 * time.Millisecond)
				reply(w, 200, map[string]int{})
				return
			}
			<-release
		})
		defer close(release)
		c := newClient(t, srv.URL, by, mibitracker.WithSessionTimeout(200*time.Millisecond), mibitracker.WithRetries(0, 0, 0))
		if err := c.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		err := c.JSON(t.Context(), mibitracker.Request{Route: "/mute/", Timeout: 50 * time.Millisecond}, nil)
		var silent *mibitracker.SilenceError
		if !errors.As(err, &silent) || silent.After != 50*time.Millisecond {
			t.Errorf("a shorter one: %v", err)
		}
		if err := c.JSON(t.Context(), mibitracker.Request{Route: "/late/", Timeout: time.Minute}, nil); err != nil {
			t.Errorf("a longer one: %v", err)
		}
	})
}

func TestSilenceTimesOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		srv, by := newWiredRecorder(t, func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/mute/":
				<-release
			case "/stalled/":
				w.Header().Set("Content-Length", "1000")
				_, _ = io.WriteString(w, `{"id": `)
				w.(http.Flusher).Flush()
				<-release
			}
		})
		defer close(release)
		c := newClient(t, srv.URL, by, mibitracker.WithSessionTimeout(300*time.Millisecond), mibitracker.WithRetries(0, 0, 0))
		for _, route := range []string{"/mute/", "/stalled/"} {
			var out map[string]any
			err := c.JSON(t.Context(), mibitracker.Request{Route: route}, &out)
			var silent *mibitracker.SilenceError
			if !errors.As(err, &silent) || !errors.Is(err, mibitracker.ErrTimeout) || silent.After != 300*time.Millisecond {
				t.Errorf("%s: %v", route, err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := c.JSON(ctx, mibitracker.Request{Route: "/mute/"}, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
	})
}

// A transfer that takes many times the timeout in all finishes, as long as
// something moves.
func TestSlowTransferFinishes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const pieces = 20
		srv, by := newWiredRecorder(t, func(w http.ResponseWriter, r *http.Request) {
			tick := time.NewTicker(100 * time.Millisecond)
			defer tick.Stop()
			for i := range pieces {
				<-tick.C
				_, _ = fmt.Fprintf(w, "%s%d", map[bool]string{true: "[", false: ","}[i == 0], i)
				w.(http.Flusher).Flush()
			}
			_, _ = io.WriteString(w, "]")
		})
		c := newClient(t, srv.URL, by, mibitracker.WithSessionTimeout(time.Second), mibitracker.WithRetries(0, 0, 0))
		var out []int
		if err := c.JSON(t.Context(), mibitracker.Request{Route: "/slow/"}, &out); err != nil || len(out) != pieces {
			t.Errorf("%v, %d pieces", err, len(out))
		}
	})
}

// Idle connections are closed through a middleware that knows nothing of them.
func TestCloseIdleConnectionsBelowMiddleware(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{}, 9)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			closed <- struct{}{}
		}
	}
	srv.Start()
	defer srv.Close()
	c := newClient(t, srv.URL, mibitracker.WithToken("mibi_key"), mibitracker.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(next.RoundTrip)
	}))
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(closed) > 0 {
		t.Fatal("the connection was not kept")
	}
	c.CloseIdleConnections()
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Error("the connection stays open")
	}
}

// What the server says beside its status is read, so that the next request
// finds the connection open.
func TestConnectionIsUsedAgain(t *testing.T) {
	t.Parallel()
	var opened atomic.Int64
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/upload_mibitiff/sign_tiff_url/":
			reply(w, 200, map[string]string{"url": "http://" + r.Host + "/put", "location": "there"})
		default:
			_, _ = io.Copy(io.Discard, r.Body)
			reply(w, 200, map[string]string{"name": "MIBItracker API"})
		}
	}))
	srv.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	srv.Start()
	defer srv.Close()
	c := newClient(t, srv.URL, mibitracker.WithToken("mibi_key"))
	defer c.CloseIdleConnections()
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := c.Uploads.MIBItiff(t.Context(), 1, mibitracker.FromBytes("a.tiff", []byte("II"))); err != nil {
			t.Fatal(err)
		}
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("%d connections for requests one after the other", n)
	}
}
