package mibitracker_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// everyList reads a list of five objects to its end, by each method that
// does, and gives their number.
var everyList = map[string]func(context.Context, *mibitracker.Client) (int, error){
	"Runs.All": func(ctx context.Context, c *mibitracker.Client) (int, error) {
		return counted(c.Runs.All(ctx, mibitracker.RunFilter{}))
	},
	"Images.All": func(ctx context.Context, c *mibitracker.Client) (int, error) {
		return counted(c.Images.All(ctx, mibitracker.ImageFilter{}))
	},
	"Images.Search": func(ctx context.Context, c *mibitracker.Client) (int, error) {
		return counted(c.Images.Search(ctx, mibitracker.ImageSearch{Run: "r"}))
	},
	"Projects.All": func(ctx context.Context, c *mibitracker.Client) (int, error) {
		return counted(c.Projects.All(ctx, mibitracker.ListOptions{}))
	},
	"ImageSets.All": func(ctx context.Context, c *mibitracker.Client) (int, error) {
		return counted(c.ImageSets.All(ctx, mibitracker.ListOptions{}))
	},
	"Instruments.All": func(ctx context.Context, c *mibitracker.Client) (int, error) {
		return counted(c.Instruments.All(ctx, mibitracker.ListOptions{}))
	},
	"Apertures.All": func(ctx context.Context, c *mibitracker.Client) (int, error) {
		return counted(c.Apertures.All(ctx, mibitracker.ListOptions{}))
	},
	"Tissues.All": func(ctx context.Context, c *mibitracker.Client) (int, error) {
		return counted(c.Tissues.All(ctx, mibitracker.ListOptions{}))
	},
	"Slides.All": func(ctx context.Context, c *mibitracker.Client) (int, error) {
		return counted(c.Slides.All(ctx, mibitracker.ListOptions{}))
	},
	"Sections.All": func(ctx context.Context, c *mibitracker.Client) (int, error) {
		return counted(c.Sections.All(ctx, mibitracker.ListOptions{}))
	},
	"Panels.All": func(ctx context.Context, c *mibitracker.Client) (int, error) {
		return counted(c.Panels.All(ctx, mibitracker.ListOptions{}))
	},
	"Runs.Images": func(ctx context.Context, c *mibitracker.Client) (int, error) {
		all, err := c.Runs.Images(ctx, "label")
		return len(all), err
	},
	"Images.Conjugates": func(ctx context.Context, c *mibitracker.Client) (int, error) {
		all, err := c.Images.Conjugates(ctx, 1)
		return len(all), err
	},
	"Runs.ByLabel": func(ctx context.Context, c *mibitracker.Client) (int, error) {
		_, err := c.Runs.ByLabel(ctx, "label")
		return foundIn(err)
	},
	"Images.ByRunAndFOV": func(ctx context.Context, c *mibitracker.Client) (int, error) {
		_, err := c.Images.ByRunAndFOV(ctx, "label", "Point1")
		return foundIn(err)
	},
}

func counted[T any](all iter.Seq2[T, error]) (int, error) {
	n := 0
	for _, err := range all {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// foundIn is the number of objects of which only one was wanted.
func foundIn(err error) (int, error) {
	var unexpected *mibitracker.UnexpectedAnswerError
	if errors.As(err, &unexpected) && unexpected.NotOne {
		return len(unexpected.Found), nil
	}
	return 0, err
}

// inPages answers every list with five objects in pages of two, also where
// all were asked for. next writes the address of the page at an offset.
func inPages(next func(r *http.Request, query string) string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		offset, _ := strconv.Atoi(q.Get("offset"))
		results := []any{}
		for id := offset + 1; id <= min(offset+2, 5); id++ {
			results = append(results, map[string]any{"id": id})
		}
		answer := map[string]any{"count": 5, "next": nil, "previous": nil, "results": results}
		if offset+2 < 5 {
			q.Set("offset", strconv.Itoa(offset+2))
			answer["next"] = next(r, q.Encode())
		}
		reply(w, 200, answer)
	}
}

// Any list may come in either form, with the ways that backends and the
// proxies before them have to name the next page.
func TestToleranceOfListForms(t *testing.T) {
	t.Parallel()
	elsewhere := newRecorder(t, nil)
	array := func(w http.ResponseWriter, _ *http.Request) {
		text(w, 200, "\n [{\"id\": 1}, {\"id\": 2}, {\"id\": 3}, {\"id\": 4}, {\"id\": 5}]\n")
	}
	for form, handler := range map[string]http.HandlerFunc{
		"a bare array":          array,
		"one page":              func(w http.ResponseWriter, _ *http.Request) { text(w, 200, `{"results": [1, 2, {"id": 3}, 4, 5]}`) },
		"next is absolute":      inPages(func(r *http.Request, query string) string { return "http://" + r.Host + r.URL.Path + "?" + query }),
		"next is a path":        inPages(func(r *http.Request, query string) string { return r.URL.Path + "?" + query }),
		"next is a query":       inPages(func(_ *http.Request, query string) string { return "?" + query }),
		"next on another host":  inPages(func(r *http.Request, query string) string { return elsewhere.URL + r.URL.Path + "?" + query }),
		"next on a hidden host": inPages(func(_ *http.Request, query string) string { return "http://backend.invalid:8000/v2/list?" + query }),
		"an array after a page": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("offset") != "" {
				text(w, 200, `[{"id": 3}, {"id": 4}, {"id": 5}]`)
				return
			}
			text(w, 200, `{"next": "?offset=2", "results": [{"id": 1}, {"id": 2}]}`)
		},
	} {
		srv := newRecorder(t, handler)
		c := newClient(t, srv.URL)
		if err := c.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		for name, read := range everyList {
			before := len(srv.all())
			if n, err := read(t.Context(), c); n != 5 || err != nil {
				t.Errorf("%s, %s: %d objects, %v", form, name, n, err)
			}
			for _, r := range srv.all()[before:] {
				if r.Path != srv.all()[before].Path {
					t.Errorf("%s, %s: the list was left for %s", form, name, r.Path)
				}
			}
		}
	}
	if seen := elsewhere.all(); len(seen) > 0 {
		t.Errorf("the other host was asked for %s", seen[0].Path)
	}
}

// A next page that a proxy names with http is asked for with https.
func TestToleranceOfNextWithoutTLS(t *testing.T) {
	t.Parallel()
	plain := newRecorder(t, nil)
	pages := inPages(func(r *http.Request, query string) string { return plain.URL + r.URL.Path + "?" + query })
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api-token-auth/" {
			reply(w, 200, map[string]string{"token": "tok1"})
			return
		}
		pages(w, r)
	}))
	t.Cleanup(secure.Close)
	roots := x509.NewCertPool()
	roots.AddCert(secure.Certificate())
	c := newClient(t, secure.URL, mibitracker.WithRootCAs(roots))
	for name, read := range everyList {
		if n, err := read(t.Context(), c); n != 5 || err != nil {
			t.Errorf("%s: %d objects, %v", name, n, err)
		}
	}
	if len(plain.all()) > 0 {
		t.Error("a request went without TLS")
	}
}

// What is no list, or does not end, is the typed error, and never hangs.
func TestToleranceOfBrokenLists(t *testing.T) {
	t.Parallel()
	for form, handler := range map[string]http.HandlerFunc{
		"null":             func(w http.ResponseWriter, _ *http.Request) { text(w, 200, "null") },
		"null for results": func(w http.ResponseWriter, _ *http.Request) { text(w, 200, `{"count": 0, "results": null}`) },
		"an object":        func(w http.ResponseWriter, _ *http.Request) { text(w, 200, `{"detail": "Not a list."}`) },
		"a page of HTML": func(w http.ResponseWriter, _ *http.Request) {
			text(w, 200, "<!DOCTYPE html><html>Please log in</html>")
		},
		"nothing": func(http.ResponseWriter, *http.Request) {},
		"the same page for ever": func(w http.ResponseWriter, _ *http.Request) {
			text(w, 200, `{"next": "?offset=1", "results": [{"id": 1}]}`)
		},
		"two pages in turn": func(w http.ResponseWriter, r *http.Request) {
			next := 1
			if r.URL.Query().Get("offset") == "1" {
				next = 2
			}
			_, _ = fmt.Fprintf(w, `{"next": "?offset=%d", "results": [{"id": 1}]}`, next)
		},
		"empty pages for ever": func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, `{"next": "?offset=`+r.URL.Query().Get("offset")+`1", "results": []}`)
		},
		"a next page that is none": func(w http.ResponseWriter, _ *http.Request) {
			text(w, 200, `{"next": "http://[::1", "results": [{"id": 1}]}`)
		},
	} {
		c := newClient(t, newRecorder(t, handler).URL)
		for name, read := range everyList {
			if _, err := read(t.Context(), c); !errors.Is(err, mibitracker.ErrUnexpected) {
				t.Errorf("%s, %s: %v", form, name, err)
			}
		}
	}
}

// A next page that is named by its path alone cannot be asked for.
func TestToleranceOfNextWithoutQuery(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		text(w, 200, `{"next": "http://`+r.Host+`/runs/page/2/", "results": [{"id": 1}]}`)
	})
	n, err := counted(newClient(t, srv.URL).Runs.All(t.Context(), mibitracker.RunFilter{Label: "x"}))
	if !errors.Is(err, mibitracker.ErrUnexpected) || n != 1 || len(srv.of("/runs/")) != 1 {
		t.Errorf("%d runs of %d requests, %v", n, len(srv.of("/runs/")), err)
	}
}

// A backend that ignores a filter has other runs, not the one.
func TestToleranceOfFiltersIgnored(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, _ *http.Request) {
		text(w, 200, `[{"id": 1, "label": "other", "name": "other"}]`)
	})
	c := newClient(t, srv.URL)
	if run, err := c.Runs.ByLabel(t.Context(), "mine"); !errors.Is(err, mibitracker.ErrNotOne) {
		t.Errorf("by label: %v, %v", run, err)
	}
	if run, err := c.Runs.Find(t.Context(), "mine"); !errors.Is(err, mibitracker.ErrNotOne) {
		t.Errorf("by name: %v, %v", run, err)
	}
	if run, err := c.Runs.Copy(t.Context(), "mine", "copy", nil); !errors.Is(err, mibitracker.ErrNotOne) {
		t.Errorf("a copy: %v, %v", run, err)
	}
}
