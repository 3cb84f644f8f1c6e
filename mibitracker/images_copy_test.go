package mibitracker_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// copyBackend has images of a run "old" and one "new", and files of storage
// that hold their own path. It refuses to change image 666.
func copyBackend(t *testing.T, olds, news string) *recorder {
	t.Helper()
	var srv *recorder
	srv = newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		switch {
		case r.Method == http.MethodPut:
			var id int
			if _, err := fmt.Sscanf(r.URL.Path, "/images/%d/", &id); err != nil || id == 666 {
				reply(w, 400, map[string][]string{"tissue": {"Invalid pk."}})
				return
			}
			reply(w, 200, map[string]any{"id": id, "sed": "now"})
		case r.URL.Path == "/images/" && q.Get("run__label") == "old":
			text(w, 200, olds)
		case r.URL.Path == "/images/" && q.Get("run__label") == "new":
			text(w, 200, news)
		case r.URL.Path == "/images/":
			text(w, 200, "[]")
		case r.URL.Path == "/runs/" && q.Get("label") == "empty":
			text(w, 200, `[{"id": 1, "label": "empty"}]`)
		case r.URL.Path == "/runs/":
			text(w, 200, "[]")
		case r.URL.Path == "/apertures/":
			text(w, 200, `[{"id": 2, "code": "B"}]`)
		case r.URL.Path == "/download/" && strings.Contains(q.Get("path"), "lost"):
			reply(w, 404, map[string]string{"detail": "Not found."})
		case r.URL.Path == "/download/":
			reply(w, 200, map[string]string{"url": srv.URL + "/signed?path=" + url.QueryEscape(q.Get("path"))})
		case r.URL.Path == "/signed":
			_, _ = io.WriteString(w, q.Get("path"))
		}
	})
	return srv
}

// What each old image's fields become on the wire, without an SED image.
func TestCopyImagesJSON(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		old   string // fields besides id and folder
		given map[string]any
		want  string
	}{
		"everything": {
			`"tissue": {"id": 3, "organ": "Tonsil"}, "fov_size": 500.0, "section": {"id": 5}, "aperture": {"id": 1, "code": "A"}, "imaging_preset": "Fine", "lens1_voltage": -12.5, "sed": null`, nil,
			`{"tissue": 3, "fov_size": 500.0, "section": 5, "aperture": 1, "imaging_preset": "Fine", "lens1_voltage": -12.5, "sed": null}`,
		},
		"nothing set": {
			`"tissue": null, "fov_size": null, "section": null, "aperture": null, "imaging_preset": null, "lens1_voltage": null, "sed": ""`, nil,
			`{"tissue": null, "fov_size": null, "aperture": null, "imaging_preset": null, "lens1_voltage": null, "sed": null}`,
		},
		"an older backend":       {`"tissue": {"id": 3}, "fov_size": 500, "section": null, "sed": null`, nil, `{"tissue": 3, "fov_size": 500, "sed": null}`},
		"ids instead of objects": {`"tissue": 3, "section": 5, "aperture": 1, "fov_size": 400`, nil, `{"tissue": 3, "section": 5, "aperture": 1, "fov_size": 400, "sed": null}`},
		"a bare code":            {`"aperture": "B", "fov_size": 400`, nil, `{"tissue": null, "aperture": 2, "fov_size": 400, "sed": null}`},
		"an empty aperture":      {`"aperture": "", "fov_size": 400`, nil, `{"tissue": null, "aperture": null, "fov_size": 400, "sed": null}`},
		"a code without id":      {`"aperture": "E", "fov_size": 400`, nil, `{"tissue": null, "aperture": "E", "fov_size": 400, "sed": null}`},
		"the caller's fields": {
			`"tissue": {"id": 3}, "fov_size": 500, "section": {"id": 5}, "aperture": "B"`,
			map[string]any{"tissue": nil, "fov_size": 250.5, "aperture": 4, "frame": 512, "mass_gain": 0.5, "description": "<cut>"},
			`{"tissue": null, "fov_size": 250.5, "section": 5, "aperture": 4, "frame": 512, "mass_gain": 0.5, "description": "<cut>", "sed": null}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := copyBackend(t, `[{"id": 10, "folder": "Point1", `+c.old+`}]`, `[{"id": 21, "folder": "Point2"}, {"id": 20, "folder": "Point1"}]`)
			done, err := newClient(t, srv.URL).Runs.CopyImages(t.Context(), "old", "new", c.given)
			if err != nil || len(done) != 1 || done[10].ID != 20 || done[10].SED != "now" {
				t.Fatalf("%v, %v", done, err)
			}
			for _, r := range srv.of("/images/") {
				if r.Query != "paging=no&run__label=old" && r.Query != "paging=no&run__label=new" {
					t.Errorf("query %s", r.Query)
				}
			}
			sent := srv.of("/images/20/")[0]
			if sent.Method != http.MethodPut || sent.Type != "application/json" || !sameJSON(t, sent.Body, c.want) {
				t.Errorf("%s %s %s, want %s", sent.Method, sent.Type, sent.Body, c.want)
			}
			if asked := len(srv.of("/apertures/")); asked > 0 != strings.Contains(name, "code") {
				t.Errorf("%d requests for apertures", asked)
			}
		})
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var left, right any
	if err := errors.Join(json.Unmarshal([]byte(a), &left), json.Unmarshal([]byte(b), &right)); err != nil {
		t.Fatal(err)
	}
	return reflect.DeepEqual(left, right)
}

// An SED image travels in a form: null fields are left out.
func TestCopyImagesSED(t *testing.T) {
	t.Parallel()
	for sed, kind := range map[string]string{
		"sed.bmp": "image/bmp", "SED.BMP": "image/bmp", "a.tif": "image/tiff", "a.TIFF": "image/tiff", `odd "µ".Png`: "image/png",
	} {
		name, err := json.Marshal(sed)
		if err != nil {
			t.Fatal(err)
		}
		olds := fmt.Sprintf(`[{"id": 10, "folder": "P/R", "run": {"id": 1, "path": "n-uuid"}, "sed": %s, "tissue": null, "fov_size": 500.0,
			"section": {"id": 5}, "aperture": null, "imaging_preset": "Fine", "lens1_voltage": null}]`, name)
		srv := copyBackend(t, olds, `[{"id": 20, "folder": "P/R"}]`)
		given := map[string]any{"project": int64(4), "mass_gain": 0.25, "point": nil, "imaging_preset": nil, "frame": []int{1, 2}, "flag": true}
		done, err := newClient(t, srv.URL).Runs.CopyImages(t.Context(), "old", "new", given)
		if err != nil || done[10].ID != 20 {
			t.Fatalf("%s: %v, %v", sed, done, err)
		}
		if signed := srv.of("/download/")[0].Query; !strings.HasPrefix(signed, "path=n-uuid%2FP%2FR%2F") {
			t.Errorf("path %s", signed)
		}
		sent := srv.of("/images/20/")[0]
		texts, files := formOf(t, sent)
		want := map[string]string{"fov_size": "500.0", "section": "5", "project": "4", "mass_gain": "0.25", "frame": "1|2", "flag": "true"}
		if sent.Method != http.MethodPut || !maps.Equal(texts, want) {
			t.Errorf("%s %v, want %v", sent.Method, texts, want)
		}
		escaped := strings.ReplaceAll(sed, `"`, `\"`)
		if len(files) != 1 || files[0].Field != "attachment" || files[0].Type != kind ||
			files[0].Disposition != `form-data; name="attachment"; filename="`+escaped+`"` || !strings.HasPrefix(files[0].Content, "n-uuid/P/R/") {
			t.Errorf("files %+v", files)
		}
	}
}

func TestCopyImagesRefusals(t *testing.T) {
	t.Parallel()
	const two = `[{"id": 11, "folder": "Point2", "fov_size": 1}, {"id": 10, "folder": "Point1", "fov_size": 1, "run": 4, "sed": %s}]`
	for name, c := range map[string]struct {
		sed, news string
		kind      error
		says      string
		image     int64
		done      []int64
	}{
		"no new image":      {`null`, `[{"id": 21, "folder": "Point2"}]`, mibitracker.ErrNotOne, `of run "new" in folder "Point1"`, 10, nil},
		"two new images":    {`null`, `[{"id": 21, "folder": "Point2"}, {"id": 20, "folder": "Point1"}, {"id": 22, "folder": "Point1"}]`, mibitracker.ErrNotOne, "image 20, Point1, image 22, Point1", 10, nil},
		"no new run":        {`null`, `[]`, mibitracker.ErrNotOne, "found 0", 11, nil},
		"refused at last":   {`null`, `[{"id": 21, "folder": "Point2"}, {"id": 666, "folder": "Point1"}]`, mibitracker.ErrBadRequest, "done before: 11 to 21: PUT ", 10, []int64{11}},
		"refused at first":  {`null`, `[{"id": 666, "folder": "Point2"}, {"id": 20, "folder": "Point1"}]`, mibitracker.ErrBadRequest, "no image was changed", 11, nil},
		"an SED without so": {`"sed"`, `[{"id": 21, "folder": "Point2"}, {"id": 20, "folder": "Point1"}]`, mibitracker.ErrUnexpected, "where its files lie", 10, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := copyBackend(t, fmt.Sprintf(two, c.sed), c.news)
			done, err := newClient(t, srv.URL).Runs.CopyImages(t.Context(), "old", "new", nil)
			var failed *mibitracker.CopyImagesError
			if !errors.Is(err, c.kind) || !errors.As(err, &failed) || failed.Image != c.image || failed.Folder == "" || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("%v", err)
			}
			if got := slices.Collect(maps.Keys(done)); !slices.Equal(got, c.done) || !maps.Equal(done, failed.Done) {
				t.Errorf("done %v, and in the error %v", done, failed.Done)
			}
		})
	}
}

func TestCopyImagesBadSED(t *testing.T) {
	t.Parallel()
	for sed, kind := range map[string]error{"sed.jpg": errors.ErrUnsupported, "sed": errors.ErrUnsupported, "lost.bmp": mibitracker.ErrNotFound} {
		olds := fmt.Sprintf(`[{"id": 9, "folder": "Point0", "fov_size": 1}, {"id": 10, "folder": "Point1", "run": {"id": 1, "path": "p"}, "sed": %q}]`, sed)
		srv := copyBackend(t, olds, `[{"id": 20, "folder": "Point1"}, {"id": 19, "folder": "Point0"}]`)
		done, err := newClient(t, srv.URL).Runs.CopyImages(t.Context(), "old", "new", nil)
		var failed *mibitracker.CopyImagesError
		if !errors.Is(err, kind) || !errors.As(err, &failed) || failed.Image != 10 || !strings.Contains(err.Error(), sed) {
			t.Errorf("%s: %v", sed, err)
		}
		// What can be known before is known before anything is changed.
		if early := errors.Is(kind, errors.ErrUnsupported); early != (len(done) == 0) || early != (len(srv.of("/images/19/")) == 0) {
			t.Errorf("%s: %v done before", sed, done)
		}
	}
}

// An aperture's code is looked up once, however many images have it.
func TestCopyImagesLooksUpOnce(t *testing.T) {
	t.Parallel()
	srv := copyBackend(t, `[{"id": 10, "folder": "P1", "aperture": "B"}, {"id": 11, "folder": "P2", "aperture": "B"}]`,
		`[{"id": 20, "folder": "P1"}, {"id": 21, "folder": "P2"}]`)
	if done, err := newClient(t, srv.URL).Runs.CopyImages(t.Context(), "old", "new", nil); err != nil || len(done) != 2 {
		t.Fatal(done, err)
	}
	for _, id := range []string{"20", "21"} {
		if body := srv.of("/images/" + id + "/")[0].Body; !strings.Contains(body, `"aperture":2`) {
			t.Error(body)
		}
	}
	if n := len(srv.of("/apertures/")); n != 1 {
		t.Errorf("%d requests for the apertures", n)
	}
}

func TestCopyImagesOfNoRun(t *testing.T) {
	t.Parallel()
	c := newClient(t, copyBackend(t, "[]", "[]").URL)
	if done, err := c.Runs.CopyImages(t.Context(), "empty", "new", nil); err != nil || done == nil || len(done) > 0 {
		t.Errorf("a run without images: %v, %v", done, err)
	}
	if _, err := c.Runs.CopyImages(t.Context(), "mistyped", "new", nil); !errors.Is(err, mibitracker.ErrNotOne) {
		t.Errorf("no run: %v", err)
	}
}
