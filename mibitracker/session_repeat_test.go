package mibitracker_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// An answer with the token that breaks off is asked for again, at a login and
// at a refresh: doing either twice is harmless.
func TestTokensThatBreakOff(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		route string
		call  func(*mibitracker.Client) error
	}{
		{"/api-token-auth/", func(c *mibitracker.Client) error { return c.Login(t.Context()) }},
		{"/api-token-refresh/", func(c *mibitracker.Client) error { return c.Refresh(t.Context()) }},
	} {
		t.Run(strings.Trim(test.route, "/"), func(t *testing.T) {
			t.Parallel()
			var asked, bad atomic.Int64
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				if r.URL.Path == test.route {
					if asked.Add(1) <= bad.Load() {
						broken(t, w, "HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n{\"token\": \"ab")
						return
					}
				}
				reply(w, 200, map[string]string{"token": "abc"})
			}))
			t.Cleanup(srv.Close)
			c := newClient(t, srv.URL)
			if test.route == "/api-token-refresh/" {
				if err := c.Login(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			bad.Store(2)
			if err := test.call(c); err != nil || c.Token() != "abc" || asked.Load() != 3 {
				t.Errorf("%v, token %q after %d attempts", err, c.Token(), asked.Load())
			}
		})
	}
}
