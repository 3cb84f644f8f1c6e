package mibitracker_test

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// bucket is a backend whose signed URLs are refused as often as said, and
// whose queue breaks the connection as often as said.
func bucket(t *testing.T, refuse, broken int64) *recorder {
	t.Helper()
	var signed, puts, queued atomic.Int64
	var srv *recorder
	srv = newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.Method + r.URL.Path {
		case "GET/upload_mibitiff/sign_tiff_url/":
			place := []string{"/first", "/second", "/third"}[min(signed.Add(1), 3)-1]
			reply(w, 200, map[string]any{"url": srv.URL + place + "?sig=s3cret", "location": map[string]string{"key": place}})
		case "POST/upload_mibitiff/":
			if queued.Add(1) <= broken {
				panic(http.ErrAbortHandler)
			}
			reply(w, 200, map[string]string{"status": "queued"})
		default:
			if puts.Add(1) <= refuse {
				text(w, 403, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>")
			}
		}
	})
	return srv
}

// A URL that expired before the file was there is signed again, once, and the
// location that is queued is the one that has the file.
func TestUploadMIBItiffExpiredURL(t *testing.T) {
	t.Parallel()
	tiff := mibitracker.FromBytes("fov.tiff", []byte("pixels"))
	srv := bucket(t, 1, 0)
	up, err := newClient(t, srv.URL).Uploads.MIBItiff(t.Context(), 26, tiff)
	if err != nil || up.Location != `{"key":"/second"}` {
		t.Fatalf("%+v, %v", up, err)
	}
	if first, second := srv.of("/first"), srv.of("/second"); len(first) != 1 || len(second) != 1 || second[0].Body != "pixels" || second[0].Auth != "" {
		t.Errorf("%+v, %+v", first, second)
	}
	if b := srv.of("/upload_mibitiff/")[0].Body; b != `{"location":{"key":"/second"},"run_id":26}` {
		t.Error(b)
	}

	srv = bucket(t, 9, 0)
	_, err = newClient(t, srv.URL).Uploads.MIBItiff(t.Context(), 26, tiff)
	if !errors.Is(err, mibitracker.ErrForbidden) || strings.Contains(err.Error(), "s3cret") || !strings.Contains(err.Error(), "fov.tiff") {
		t.Error(err)
	}
	if len(srv.of("/third"))+len(srv.of("/upload_mibitiff/")) != 0 {
		t.Error("it went on")
	}
}

// Queuing the same location twice is harmless, so a broken connection is no
// failure.
func TestUploadMIBItiffBrokenQueue(t *testing.T) {
	t.Parallel()
	srv := bucket(t, 0, 2)
	up, err := newClient(t, srv.URL).Uploads.MIBItiff(t.Context(), 26, mibitracker.FromBytes("fov.tiff", []byte("pixels")))
	if err != nil || !strings.Contains(string(up.Answer), "queued") {
		t.Errorf("%+v, %v", up, err)
	}
	if n := len(srv.of("/first")); n != 1 {
		t.Errorf("the file was sent %d times", n)
	}
}

func TestUploadMIBItiffRefusals(t *testing.T) {
	t.Parallel()
	for body, kind := range map[string]error{
		`{"url": "", "location": "x"}`: mibitracker.ErrUnexpected, `{"url": "http://x/"}`: mibitracker.ErrUnexpected,
		`{"url": "http://x/", "location": null}`: mibitracker.ErrUnexpected, `{"detail": "no"}`: mibitracker.ErrUnexpected,
	} {
		srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) { text(w, 200, body) })
		if _, err := newClient(t, srv.URL).Uploads.MIBItiff(t.Context(), 26, mibitracker.FromBytes("a", []byte("x"))); !errors.Is(err, kind) {
			t.Errorf("%s: %v", body, err)
		}
	}
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) { reply(w, 403, map[string]string{"detail": "no"}) })
	if _, err := newClient(t, srv.URL).Uploads.MIBItiff(t.Context(), 26, mibitracker.FromBytes("a", []byte("x"))); !errors.Is(err, mibitracker.ErrForbidden) {
		t.Error(err)
	}
	if n := len(srv.of("/upload_mibitiff/sign_tiff_url/")); n != 1 {
		t.Errorf("asked %d times for what is forbidden", n)
	}
}
