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
	"path"
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
// a page must not need either, and everything it names must be there.
func TestPolicyAndAssets(t *testing.T) {
	t.Parallel()
	h := router("v1", func() (store.Counts, error) { return store.Counts{}, nil })
	used := map[string]bool{"start.html": true, "password.html": true, "docs.html": true}
	for _, page := range []string{"/", "/app/password/", "/docs/"} {
		res, body := get(t, h, http.MethodGet, page)
		policy := res.Header.Get("Content-Security-Policy")
		if !regexp.MustCompile("default-src '(self|none)';").MatchString(policy) || !strings.Contains(policy, "frame-ancestors 'none'") ||
			strings.Contains(policy, "unsafe") {
			t.Errorf("%s: policy: %s", page, policy)
		}
		if m := regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|javascript:|<script(?:\s[^>]*)?>[^<]`).FindString(body); m != "" {
			t.Errorf("%s: inline code: %s", page, m)
		}
		named := regexp.MustCompile(`(?:src|<link[^>]*href)="([^"]*)"`).FindAllStringSubmatch(body, -1)
		if len(named) < 4 {
			t.Fatalf("%s names %q", page, named)
		}
		for _, m := range named {
			// Relative, so that a server below a path of its proxy's works.
			asset := path.Join(page, m[1])
			used[strings.TrimPrefix(asset, "/assets/")] = true
			res, body := get(t, h, http.MethodGet, asset+"/")
			if res.StatusCode != http.StatusOK || body == "" || res.Header.Get("ETag") == "" || strings.HasPrefix(m[1], "/") {
				t.Errorf("%s: %s: %d", page, m[1], res.StatusCode)
			}
			ours := !strings.Contains(asset, "swagger-ui") // names hosts in its comments; the policy keeps it from asking them
			if ours && strings.Contains(strings.ReplaceAll(body, "http://www.w3.org/2000/svg", ""), "://") {
				t.Errorf("%s names another host", m[1])
			}
		}
	}
	err := fs.WalkDir(os.DirFS("assets"), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !used[path] {
			t.Errorf("nothing uses %s", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// The page's secret stands in its address: nothing may keep or tell it.
func TestPasswordPage(t *testing.T) {
	t.Parallel()
	h := router("v1", func() (store.Counts, error) { return store.Counts{}, errors.New("no") })
	res, body := get(t, h, http.MethodGet, "/app/password/")
	if res.StatusCode != http.StatusOK || res.Header.Get("Cache-Control") != "no-store" ||
		res.Header.Get("Content-Type") != "text/html; charset=utf-8" || res.Header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("%d, %v", res.StatusCode, res.Header)
	}
	if policy := res.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "form-action 'none'") {
		t.Errorf("policy: %s", policy)
	}
	for _, id := range regexp.MustCompile(`(?:for|aria-labelledby|aria-describedby)="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		for _, id := range strings.Fields(id[1]) {
			if !strings.Contains(body, `id="`+id+`"`) {
				t.Errorf("the page has no element %q", id)
			}
		}
	}
	if res, body := get(t, h, http.MethodHead, "/app/password/"); res.StatusCode != http.StatusOK || body != "" {
		t.Errorf("HEAD: %d, %d bytes", res.StatusCode, len(body))
	}
}
