package mibitracker_test

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// oldRun is a run as the contract shows it.
const oldRun = `{"id": 26, "description": "before", "name": "n", "label": "old", "xml": "stored.xml", "path": "n-uuid",
	"filename": "as sent.xml", "run_date": "2019-03-08", "operator": "", "fov_size": 400.0, "aperture": {"id": 1, "code": "A"},
	"project": {"id": 7}, "instrument": {"id": 2}, "slide_ids": [{"id": 5}, {"id": 6}], "future": {"a": 1}}`

// runBackend answers the search for a run with runs, and holds one XML.
func runBackend(t *testing.T, runs string) *recorder {
	t.Helper()
	var srv *recorder
	srv = newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.Method + r.URL.Path {
		case "GET/runs/":
			text(w, 200, runs)
		case "GET/apertures/":
			reply(w, 200, []map[string]any{{"id": 3, "code": "C"}, {"id": 2, "code": "B"}})
		case "GET/download/":
			if r.URL.Query().Get("path") != "n-uuid/stored.xml" {
				reply(w, 404, map[string]string{"detail": "Not found."})
				return
			}
			reply(w, 200, map[string]string{"url": srv.URL + "/signed"})
		case "GET/signed":
			text(w, 200, "<D/>")
		case "POST/runs/":
			body, _ := io.ReadAll(r.Body)
			if strings.Contains(string(body), "taken") {
				reply(w, 400, map[string][]string{"label": {"This label is taken."}})
				return
			}
			reply(w, 201, map[string]any{"id": 27, "label": "new"})
		}
	})
	return srv
}

func TestCopyRun(t *testing.T) {
	t.Parallel()
	whole := map[string]string{
		"instrument": "2", "slides": "5,6", "label": "new", "fov_size": "400.0", "aperture": "1", "project": "7",
		"description": "before", "operator": "", "user_run_date": "2019-03-08T00:00:00",
	}
	changed := func(change map[string]string, without ...string) map[string]string {
		fields := maps.Clone(whole)
		maps.Copy(fields, change)
		for _, name := range without {
			delete(fields, name)
		}
		return fields
	}
	for name, c := range map[string]struct {
		replace [2]string // in the old run
		given   map[string]any
		want    map[string]string
	}{
		"as it is":            {want: whole},
		"the caller's fields": {given: map[string]any{"project": "9", "fov_size": "250", "magnification": "3", "operator": "me"}, want: changed(map[string]string{"project": "9", "fov_size": "250", "magnification": "3", "operator": "me"})},
		"the caller's label":  {given: map[string]any{"label": "other"}, want: changed(map[string]string{"label": "other"})},
		"typed and nil":       {given: map[string]any{"project": 9, "fov_size": 250.5, "operator": nil, "aperture": nil, "slides": []int{8, 9}}, want: changed(map[string]string{"project": "9", "fov_size": "250.5", "slides": "8,9"}, "operator", "aperture")},
		"no date":             {replace: [2]string{`"2019-03-08"`, "null"}, want: changed(nil, "user_run_date")},
		"nothing known": {
			replace: [2]string{`"operator": "", "fov_size": 400.0, "aperture": {"id": 1, "code": "A"},
	"project": {"id": 7}, "instrument": {"id": 2}, "slide_ids": [{"id": 5}, {"id": 6}]`, `"operator": null, "fov_size": null, "aperture": null, "project": null, "instrument": {"id": 2}, "slide_ids": []`},
			want: changed(map[string]string{"slides": ""}, "operator", "fov_size", "aperture", "project"),
		},
		"fields that are missing": {replace: [2]string{`"operator": "", "fov_size": 400.0, `, ""}, want: changed(nil, "operator", "fov_size")},
		"a bare code":             {replace: [2]string{`{"id": 1, "code": "A"}`, `"B"`}, want: changed(map[string]string{"aperture": "2"})},
		"an unknown code":         {replace: [2]string{`{"id": 1, "code": "A"}`, `"Q"`}, want: changed(nil, "aperture")},
		"bare ids":                {replace: [2]string{`{"id": 7}, "instrument": {"id": 2}`, `7, "instrument": 2`}, want: whole},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := runBackend(t, "["+strings.Replace(oldRun, c.replace[0], c.replace[1], 1)+"]")
			pair, err := newClient(t, srv.URL).Runs.Copy(t.Context(), "old", "new", c.given)
			if err != nil || pair.Old.ID != 26 || string(pair.Old.Extra["future"]) != `{"a": 1}` || pair.New.ID != 27 {
				t.Fatalf("%+v, %v", pair, err)
			}
			if q := srv.of("/runs/")[0].Query; q != "label=old&paging=no" {
				t.Errorf("query %s", q)
			}
			if q := srv.of("/download/")[0].Query; q != "path=n-uuid%2Fstored.xml" {
				t.Errorf("path %s", q)
			}
			texts, files := formOf(t, srv.of("/runs/")[1])
			if !maps.Equal(texts, c.want) {
				t.Errorf("fields\n%v, want\n%v", texts, c.want)
			}
			if len(files) != 1 || files[0] != (sentFile{"xml", `form-data; name="xml"; filename="as sent.xml"`, "application/xml", "<D/>"}) {
				t.Errorf("files %+v", files)
			}
			if asked := len(srv.of("/apertures/")) > 0; asked != strings.HasSuffix(name, "code") {
				t.Error("apertures were looked up where the id is known, or not where it is not")
			}
		})
	}
}

func TestCopyRunEitherListForm(t *testing.T) {
	t.Parallel()
	srv := runBackend(t, `{"count": 1, "next": null, "previous": null, "results": [`+oldRun+`]}`)
	if pair, err := newClient(t, srv.URL).Runs.Copy(t.Context(), "old", "new", nil); err != nil || pair.New.ID != 27 {
		t.Error(pair, err)
	}
}

func TestCopyRunRefusals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		runs  string
		label string
		kind  error
		says  string
	}{
		"no run":          {`[]`, "new", mibitracker.ErrNotOne, `expected one run of label "old", found 0`},
		"two runs":        {`[{"id": 1, "label": "old"}, {"id": 2, "label": "old"}]`, "new", mibitracker.ErrNotOne, "old (id 1), old (id 2)"},
		"no path":         {`[{"id": 1, "label": "old", "xml": "a", "instrument": 2}]`, "new", mibitracker.ErrUnexpected, "old (id 1) does not say where its XML lies"},
		"no XML":          {`[{"id": 1, "label": "old", "path": "a", "instrument": 2}]`, "new", mibitracker.ErrUnexpected, "does not say where its XML lies"},
		"XML not there":   {`[{"id": 1, "label": "old", "path": "a", "xml": "b", "instrument": 2}]`, "new", mibitracker.ErrNotFound, "XML of run old (id 1)"},
		"no instrument":   {`[{"id": 1, "label": "old", "path": "n-uuid", "xml": "stored.xml", "instrument": null}]`, "new", mibitracker.ErrUnexpected, "instrument"},
		"label is taken":  {"[" + oldRun + "]", "taken", mibitracker.ErrBadRequest, "This label is taken."},
		"not a run":       {`["old"]`, "new", mibitracker.ErrUnexpected, "instrument"},
		"no list":         {`{"detail": "?"}`, "new", mibitracker.ErrUnexpected, "not a list"},
		"no label at all": {"[" + oldRun + "]", "", nil, "needs a label"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := runBackend(t, c.runs)
			pair, err := newClient(t, srv.URL).Runs.Copy(t.Context(), "old", c.label, nil)
			if err == nil || c.kind != nil && !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v, %v", pair, err)
			}
			if c.label != "taken" && len(srv.of("/runs/")) > 1 {
				t.Error("something was sent all the same")
			}
		})
	}
}

// A storage that never ends, and one that announces too much, fill no memory.
func TestCopyRunHugeXML(t *testing.T) {
	t.Parallel()
	for _, announced := range []bool{true, false} {
		var srv *recorder
		var sent atomic.Int64
		srv = newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/runs/":
				text(w, 200, "["+oldRun+"]")
			case "/download/":
				reply(w, 200, map[string]string{"url": srv.URL + "/signed"})
			default:
				if announced {
					w.Header().Set("Content-Length", "99999999999")
				}
				block := make([]byte, 1<<20)
				for range 70 {
					if _, err := w.Write(block); err != nil {
						return
					}
					sent.Add(1)
				}
			}
		})
		_, err := newClient(t, srv.URL).Runs.Copy(t.Context(), "old", "new", nil)
		if !errors.Is(err, mibitracker.ErrTooLarge) || !errors.Is(err, mibitracker.ErrUnexpected) {
			t.Error(err)
		}
		// What is announced is not fetched; the network may hold some of it.
		if n := sent.Load(); announced && n > 32 {
			t.Errorf("%d MiB were fetched", n)
		}
	}
}
