package mibitracker_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

// fileServer serves content by ranges below /file, and keeps what it was asked.
func fileServer(t *testing.T, content []byte) (url string, asked func() []*http.Request) {
	t.Helper()
	requests := make(chan *http.Request, 100)
	mux := http.NewServeMux()
	mux.HandleFunc("/file", func(w http.ResponseWriter, r *http.Request) {
		requests <- r
		w.Header().Set("ETag", `"1"`)
		http.SetCookie(w, &http.Cookie{Name: "who", Value: "you"})
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	})
	mux.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/file", http.StatusFound)
	})
	mux.HandleFunc("/whole", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) })
	mux.HandleFunc("/expired", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>", http.StatusForbidden)
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL, func() (all []*http.Request) {
		for {
			select {
			case r := <-requests:
				all = append(all, r)
			default:
				return all
			}
		}
	}
}

func TestOpenURL(t *testing.T) {
	t.Parallel()
	content := noise(100_000)
	server, asked := fileServer(t, content)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	for _, opts := range [][]mibitracker.Option{nil, {mibitracker.WithHTTPClient(&http.Client{Jar: jar, Transport: transport})}} {
		for _, path := range []string{"/file", "/file?sig=a%2Fb#part", "/moved"} {
			f, err := mibitracker.OpenURL(t.Context(), server+path, opts...)
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(io.NewSectionReader(f, 0, f.Size()))
			if err != nil || !bytes.Equal(got, content) {
				t.Errorf("%s: %d bytes, %v", path, len(got), err)
			}
			requests := asked()
			for _, r := range requests {
				if r.Header.Get("Authorization") != "" || r.Header.Get("Cookie") != "" || !strings.HasPrefix(r.Header.Get("Range"), "bytes=") {
					t.Errorf("%s: asked with %v", path, r.Header)
				}
			}
			if strings.Contains(path, "?") && requests[0].URL.RawQuery != "sig=a%2Fb" {
				t.Errorf("the signature became %q", requests[0].URL.RawQuery)
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
			if _, err := f.ReadAt(make([]byte, 10), 0); err == nil {
				t.Error("a closed file was read")
			}
		}
	}
}

func TestOpenURLRefuses(t *testing.T) {
	t.Parallel()
	server, asked := fileServer(t, noise(100_000))
	for name, c := range map[string]struct {
		url  string
		opts []mibitracker.Option
		is   error
		says string
	}{
		"no ranges":    {url: server + "/whole", is: mibitracker.ErrNoRanges},
		"not there":    {url: server + "/none?sig=secret", is: mibitracker.ErrNotFound, says: "/none?..."},
		"expired":      {url: server + "/expired?sig=secret", is: mibitracker.ErrForbidden, says: "Request has expired"},
		"a user":       {url: "http://ann:secret@127.0.0.1/file", says: "user name"},
		"another kind": {url: "ftp://127.0.0.1/secret", says: "https://host/path"},
		"no host":      {url: "https:///secret", says: "https://host/path"},
		"no URL":       {url: "http://[secret", says: "cannot be parsed"},
		"a token":      {url: server + "/file", opts: []mibitracker.Option{mibitracker.WithToken("secret")}, says: "credentials"},
		"a password":   {url: server + "/file", opts: []mibitracker.Option{mibitracker.WithPassword("a@b", "secret")}, says: "credentials"},
		"a bad option": {url: server + "/file", opts: []mibitracker.Option{mibitracker.WithUserAgent("")}, says: "user agent"},
	} {
		f, err := mibitracker.OpenURL(t.Context(), c.url, c.opts...)
		if err == nil {
			_ = f.Close()
			t.Errorf("%s: opened", name)
			continue
		}
		if c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(asked()); n != 0 {
		t.Errorf("%d requests for what was refused", n)
	}
}

// What changes underneath is noticed, as in storage.
func TestOpenURLNoticesChanges(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	content := noise(100_000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tag := `"1"`
		if calls.Add(1) > 1 {
			tag = `"2"`
		}
		w.Header().Set("ETag", tag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}))
	defer server.Close()
	f, err := mibitracker.OpenURL(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.ReadAt(make([]byte, 40_000), 50_000); !errors.Is(err, mibitracker.ErrChanged) {
		t.Errorf("%v, want ErrChanged", err)
	}
}
