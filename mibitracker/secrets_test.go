package mibitracker_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

// A storage may sign by a query of any form, one that does not look like a
// secret as well: nothing of it is logged, or in an error, however it ends.
func TestSignedQueriesAreNotShown(t *testing.T) {
	t.Parallel()
	hang := make(chan struct{})
	const signature = "?st=s3cret&e=1"
	storage := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/failing":
			text(w, 502, "")
		case "/silent":
			<-hang
		case "/html":
			text(w, 200, "<html>")
		case "/half":
			broken(t, w, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\": 2")
		case "/moved":
			redirectTo(w, 302, "/failing"+signature)
		case "/lost":
			redirectTo(w, 302, "ftp://nowhere.invalid/"+signature)
		}
	}))
	defer storage.Close()
	defer close(hang)
	var srv *recorder
	srv = newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		host := map[bool]string{true: storage.URL, false: srv.URL}[r.URL.Query().Has("elsewhere")]
		switch r.URL.Path {
		case "/download/":
			place := storage.URL
			if r.URL.Query().Get("path") == "/near" {
				place = srv.URL // a backend may be its own storage
			}
			reply(w, 200, map[string]string{"url": place + r.URL.Query().Get("path") + signature})
		case "/near":
			text(w, 502, "")
		case "/away/":
			redirectTo(w, 302, host+r.URL.Query().Get("path")+signature)
		}
	})
	for _, path := range []string{"/failing", "/silent", "/half", "/moved", "/lost", "/html", "/near"} {
		for name, call := range map[string]func(*mibitracker.Client) error{
			"a signed URL": func(c *mibitracker.Client) error {
				file, err := c.Files.Open(t.Context(), path)
				if err != nil {
					return err
				}
				_, err = io.Copy(io.Discard, file)
				return errors.Join(err, file.Close())
			},
			"a redirect": func(c *mibitracker.Client) error {
				var out map[string]any
				return c.JSON(t.Context(), mibitracker.Request{Route: "/away/?elsewhere&path=" + path}, &out)
			},
		} {
			var log bytes.Buffer
			logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
			c := newClient(t, srv.URL, mibitracker.WithLogger(logger), mibitracker.WithRetries(1, 0, 0),
				mibitracker.WithTransferTimeout(200*time.Millisecond), mibitracker.WithSessionTimeout(200*time.Millisecond))
			err := call(c)
			if err == nil && (path != "/html" || name != "a signed URL") && path != "/near" {
				t.Errorf("%s to %s: no error", name, path)
			}
			if said := fmt.Sprint(err, log.String()); strings.Contains(said, "s3cret") || log.Len() == 0 {
				t.Errorf("%s to %s: %s", name, path, said)
			}
			c.CloseIdleConnections()
		}
	}
}

// A middleware may make requests of its own, whose errors hold URLs.
func TestErrorsOfMiddlewareShowNoSignature(t *testing.T) {
	t.Parallel()
	failing := mibitracker.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			if r.URL.Path != "/signed" {
				return next.RoundTrip(r)
			}
			return nil, fmt.Errorf("relay: %w", &url.Error{Op: "Get", URL: r.URL.String(), Err: io.ErrClosedPipe})
		})
	})
	var srv *recorder
	srv = newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		reply(w, 200, map[string]string{"url": srv.URL + "/signed?sig=s3cret"})
	})
	_, err := newClient(t, srv.URL, failing).Files.Open(t.Context(), "x")
	if !errors.Is(err, io.ErrClosedPipe) || strings.Contains(err.Error(), "s3cret") {
		t.Error(err)
	}
}
