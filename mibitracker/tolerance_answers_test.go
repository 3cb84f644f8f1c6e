package mibitracker_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// everyCall is one call of each kind: of an object, a list, a change, a form,
// a signed URL and a session. Each sends its first request to the API.
func everyCall(t *testing.T) map[string]func(context.Context, *mibitracker.Client) error {
	tiff := mibitracker.FromBytes("p.tiff", noise(100))
	dest := filepath.Join(t.TempDir(), "file")
	return map[string]func(context.Context, *mibitracker.Client) error{
		"Runs.Get": func(ctx context.Context, c *mibitracker.Client) error { _, err := c.Runs.Get(ctx, 7); return err },
		"Runs.List": func(ctx context.Context, c *mibitracker.Client) error {
			_, err := c.Runs.List(ctx, mibitracker.RunFilter{})
			return err
		},
		"Runs.Update": func(ctx context.Context, c *mibitracker.Client) error {
			_, err := c.Runs.Update(ctx, 7, map[string]any{"operator": nil})
			return err
		},
		"Runs.Create": func(ctx context.Context, c *mibitracker.Client) error {
			_, err := c.Runs.Create(ctx, mibitracker.NewRun{XML: mibitracker.FromBytes("r.xml", []byte("<a/>")), Label: "l", Instrument: 1})
			return err
		},
		"Runs.Copy": func(ctx context.Context, c *mibitracker.Client) error {
			_, err := c.Runs.Copy(ctx, "a", "b", nil)
			return err
		},
		"Runs.CopyImages": func(ctx context.Context, c *mibitracker.Client) error {
			_, err := c.Runs.CopyImages(ctx, "a", "b", nil)
			return err
		},
		"Images.Channels": func(ctx context.Context, c *mibitracker.Client) error {
			_, err := c.Images.Channels(ctx, 7)
			return err
		},
		"Images.Channel": func(ctx context.Context, c *mibitracker.Client) error {
			_, err := c.Images.Channel(ctx, 7, "CD3")
			return err
		},
		"Images.Open":  func(ctx context.Context, c *mibitracker.Client) error { _, err := c.Images.Open(ctx, 7); return err },
		"Files.Open":   func(ctx context.Context, c *mibitracker.Client) error { _, err := c.Files.Open(ctx, "a"); return err },
		"Files.OpenAt": func(ctx context.Context, c *mibitracker.Client) error { _, err := c.Files.OpenAt(ctx, "a"); return err },
		"Files.Download": func(ctx context.Context, c *mibitracker.Client) error {
			_, err := c.Files.Download(ctx, "a", dest)
			return err
		},
		"Uploads.MIBItiff": func(ctx context.Context, c *mibitracker.Client) error {
			_, err := c.Uploads.MIBItiff(ctx, 7, tiff)
			return err
		},
		"ImageSets.Create": func(ctx context.Context, c *mibitracker.Client) error {
			_, err := c.ImageSets.Create(ctx, mibitracker.NewImageSet{Name: "n", Images: []int64{1}})
			return err
		},
		"Users.Me": func(ctx context.Context, c *mibitracker.Client) error { _, err := c.Users.Me(ctx); return err },
	}
}

// pageOfHTML is what proxies and older backends answer instead of JSON.
const pageOfHTML = "<!DOCTYPE html>\n<html><head><title>Oh no</title></head>\n<body><h1>Something   happened</h1></body></html>"

// An error page is the error that its status says, with the page's beginning
// to read, whatever was asked.
func TestToleranceOfErrorPages(t *testing.T) {
	t.Parallel()
	for status, kind := range map[int]error{
		400: mibitracker.ErrBadRequest, 401: mibitracker.ErrUnauthorized, 403: mibitracker.ErrForbidden, 404: mibitracker.ErrNotFound,
		413: mibitracker.ErrTooLarge, 429: mibitracker.ErrThrottled, 500: mibitracker.ErrServer, 502: mibitracker.ErrServer, 504: mibitracker.ErrServer,
	} {
		for _, body := range []string{pageOfHTML, "", "null", "5", `"busy"`, `{}`, `{"detail": {"deep": ["x"]}}`, "\xff\xfe"} {
			srv := newRecorder(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				text(w, status, body)
			})
			c := newClient(t, srv.URL, mibitracker.WithRetries(1, 0, 0))
			for name, call := range everyCall(t) {
				err := call(t.Context(), c)
				var refused *mibitracker.APIError
				if !errors.As(err, &refused) || refused.Status != status || !errors.Is(err, kind) {
					t.Errorf("%d %q, %s: %v", status, body, name, err)
					continue
				}
				if body == pageOfHTML && !strings.Contains(err.Error(), "Something happened") || len(err.Error()) > 1000 {
					t.Errorf("%d, %s does not say what came: %v", status, name, err)
				}
			}
		}
	}
}

// What is no JSON under a good status is the typed error, and shows what came.
func TestToleranceOfPagesForJSON(t *testing.T) {
	t.Parallel()
	for _, body := range []string{pageOfHTML, "", "OK", "{'id': 7}", "\xef\xbb\xbf"} {
		srv := newRecorder(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			text(w, 200, body)
		})
		c := newClient(t, srv.URL)
		for name, call := range everyCall(t) {
			err := call(t.Context(), c)
			if !errors.Is(err, mibitracker.ErrUnexpected) {
				t.Errorf("%q, %s: %v", body, name, err)
			} else if body == pageOfHTML && !strings.Contains(err.Error(), "<title>Oh no</title>") {
				t.Errorf("%s does not say what came: %v", name, err)
			}
		}
	}
}

// Null is no object: the typed error, not an object of which all is zero. As a
// list of names it is an empty one.
func TestToleranceOfNullAnswers(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, _ *http.Request) { text(w, 200, " null\n") })
	c := newClient(t, srv.URL)
	for name, call := range everyCall(t) {
		if err := call(t.Context(), c); errors.Is(err, mibitracker.ErrUnexpected) == (name == "Images.Channels") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A change that is answered with nothing at all has been done.
func TestToleranceOfEmptyAnswers(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 201, 202, 204} {
		var srv *recorder
		srv = newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/upload_mibitiff/sign_tiff_url/" {
				reply(w, 200, map[string]string{"url": srv.URL + "/put", "location": "l"})
				return
			}
			w.WriteHeader(status)
		})
		c := newClient(t, srv.URL)
		for name, call := range map[string]func() error{
			"Runs.Delete":   func() error { return c.Runs.Delete(t.Context(), 7) },
			"Images.Delete": func() error { return c.Images.Delete(t.Context(), 7) },
			"JSON":          func() error { return c.JSON(t.Context(), mibitracker.Request{Method: "POST", Route: "/x/"}, nil) },
			"Uploads.MIBItiff": func() error {
				_, err := c.Uploads.MIBItiff(t.Context(), 7, mibitracker.FromBytes("p.tiff", noise(10)))
				return err
			},
			"Uploads.Channel": func() error {
				_, err := c.Uploads.Channel(t.Context(), 7, mibitracker.FromBytes("CD3.png", noise(10)))
				return err
			},
			"Login with a token": func() error {
				return newClient(t, srv.URL, mibitracker.WithToken("other")).Login(t.Context())
			},
		} {
			if err := call(); err != nil {
				t.Errorf("%d, %s: %v", status, name, err)
			}
		}
	}
}

// A backend without /users/me/ is no reason to fail otherwise.
func TestToleranceOfNoUsers(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/users/me/" {
			text(w, 404, pageOfHTML)
			return
		}
		reply(w, 200, []int{})
	})
	c := newClient(t, srv.URL)
	if _, err := c.Users.Me(t.Context()); !errors.Is(err, mibitracker.ErrNotFound) {
		t.Error(err)
	}
	if _, err := c.Runs.List(t.Context(), mibitracker.RunFilter{}); err != nil {
		t.Error(err)
	}
}
