package web_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/openmibi/openmibi/internal/store"
	"github.com/openmibi/openmibi/internal/web"
)

type counter func() (store.Counts, error)

func (c counter) Counts(context.Context) (store.Counts, error) { return c() }

func router(version string, counts func() (store.Counts, error)) http.Handler {
	r := chi.NewRouter()
	web.New(web.Config{Store: counter(counts), Logger: slog.New(slog.DiscardHandler), Version: version}).Mount(r)
	return r
}

func get(t *testing.T, h http.Handler, method, path string) (*http.Response, string) {
	t.Helper()
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody))
	res := rec.Result()
	body, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

func TestStartPage(t *testing.T) {
	t.Parallel()
	h := router("v1.2.3 <b>", func() (store.Counts, error) {
		return store.Counts{Runs: 12, Images: 345, Available: 300, Failed: 7, Queued: 6}, nil
	})
	res, body := get(t, h, http.MethodGet, "/")
	if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("%d, %v", res.StatusCode, res.Header)
	}
	for _, want := range []string{"Openmibi", "MIBItracker", "v1.2.3 &lt;b&gt;", "<dt>Runs</dt><dd>12</dd>", "<dd>345</dd>",
		"<dt>Available</dt><dd>300</dd>", "<dt>Waiting</dt><dd>6</dd>", "<dt>Failed</dt><dd>7</dd>", "openapi.json"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if res, body := get(t, h, http.MethodHead, "/"); res.StatusCode != http.StatusOK || body != "" {
		t.Errorf("HEAD: %d, %d bytes", res.StatusCode, len(body))
	}
}

func TestStartPageWithoutDatabase(t *testing.T) {
	t.Parallel()
	res, body := get(t, router("v1", func() (store.Counts, error) { return store.Counts{}, errors.New("no") }), http.MethodGet, "/")
	if res.StatusCode != http.StatusOK || !strings.Contains(body, "does not answer") || strings.Contains(body, "<dd>") {
		t.Errorf("%d: %s", res.StatusCode, body)
	}
}

// Under its policy a browser would not run inline code or load from elsewhere:
// the page must not need either, and everything it names must be there.
func TestPolicyAndAssets(t *testing.T) {
	t.Parallel()
	h := router("v1", func() (store.Counts, error) { return store.Counts{}, nil })
	res, body := get(t, h, http.MethodGet, "/")
	policy := res.Header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'self'") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy: %s", policy)
	}
	if m := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|javascript:|<script(?:\s[^>]*)?>[^<]`).FindString(body); m != "" {
		t.Errorf("inline code: %s", m)
	}
	named := regexp.MustCompile(`(?:src|<link[^>]*href)="([^"]*)"`).FindAllStringSubmatch(body, -1)
	if len(named) < 4 {
		t.Fatalf("the page names %q", named)
	}
	for _, m := range named {
		res, body := get(t, h, http.MethodGet, "/"+m[1]+"/")
		if res.StatusCode != http.StatusOK || body == "" || res.Header.Get("ETag") == "" {
			t.Errorf("%s: %d", m[1], res.StatusCode)
		}
		if strings.Contains(strings.ReplaceAll(body, "http://www.w3.org/2000/svg", ""), "://") {
			t.Errorf("%s names another host", m[1])
		}
	}
	err := fs.WalkDir(os.DirFS("assets"), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path != "start.html" && !strings.Contains(body, `"assets/`+path+`"`) {
			t.Errorf("nothing uses %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
