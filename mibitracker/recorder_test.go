package mibitracker_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

// seen is a request as it arrived.
type seen struct {
	Method, Path, Query, Auth, Type string
	Length                          int64
	Body                            string
	Header                          http.Header
}

// recorder is a server that answers what a test says, and keeps what came.
type recorder struct {
	*httptest.Server
	mu       sync.Mutex
	requests []seen
}

// newRecorder answers the login itself and gives every other request to next.
func newRecorder(t *testing.T, next http.HandlerFunc) *recorder {
	t.Helper()
	r := &recorder{}
	r.Server = httptest.NewServer(r.handler(next))
	t.Cleanup(r.Close)
	return r
}

// newWiredRecorder is a recorder on a wire, and the option to reach it.
func newWiredRecorder(t *testing.T, next http.HandlerFunc) (*recorder, mibitracker.Option) {
	t.Helper()
	r := &recorder{}
	srv, by := newWire(t, r.handler(next))
	r.Server = srv
	return r, by
}

func (r *recorder) handler(next http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, _ := io.ReadAll(req.Body)
		r.mu.Lock()
		r.requests = append(r.requests, seen{
			Method: req.Method, Path: req.URL.Path, Query: req.URL.RawQuery,
			Auth: req.Header.Get("Authorization"), Type: req.Header.Get("Content-Type"),
			Length: req.ContentLength, Body: string(body), Header: req.Header.Clone(),
		})
		r.mu.Unlock()
		req.Body = io.NopCloser(strings.NewReader(string(body)))
		if req.URL.Path == "/api-token-auth/" && next == nil || req.URL.Path == "/api-token-auth/" && strings.Contains(string(body), "right") {
			_, _ = io.WriteString(w, `{"token": "tok1"}`)
			return
		}
		if req.Method == http.MethodOptions && req.Header.Get("Authorization") == "JWT good" {
			return
		}
		if next != nil {
			next(w, req)
		}
	})
}

func (r *recorder) all() []seen {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]seen(nil), r.requests...)
}

// of gives the requests to a path.
func (r *recorder) of(path string) []seen {
	var of []seen
	for _, s := range r.all() {
		if s.Path == path {
			of = append(of, s)
		}
	}
	return of
}

func newClient(t *testing.T, url string, opts ...mibitracker.Option) *mibitracker.Client {
	t.Helper()
	base := []mibitracker.Option{
		mibitracker.WithPassword("a@example.org", "right"),
		mibitracker.WithRetries(3, time.Millisecond, 5*time.Millisecond),
	}
	c, err := mibitracker.New(url, append(base, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func text(w http.ResponseWriter, status int, s string) {
	w.WriteHeader(status)
	_, _ = io.WriteString(w, s)
}
