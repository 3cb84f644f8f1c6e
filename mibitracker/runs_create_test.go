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

// A backend that knows no keys refuses the label of a repetition. The run that
// stands there is the caller's own only if nothing says otherwise.
func TestCreateRunWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	const xml = "<D/>"
	own := map[string]any{
		"id": 26, "label": "lab", "filename": "r.xml", "xml": "stored.xml", "path": "r-1", "run_date": "2019-03-08", "fov_size": 400.0,
		"description": "", "operator": nil, "instrument": map[string]any{"id": 2}, "aperture": "B", "project": map[string]any{"id": 9},
		"slide_ids": []any{map[string]any{"id": 6}, map[string]any{"id": 5}},
		"imageset":  map[string]any{"images": []any{map[string]any{"id": 1, "status": []string{"U"}, "pngs": []string{}}}},
	}
	with := func(name string, value any) map[string]any {
		other := maps.Clone(own)
		other[name] = value
		return other
	}
	without := func(name string) map[string]any {
		other := maps.Clone(own)
		delete(other, name)
		return other
	}
	lost502 := func(w http.ResponseWriter) { text(w, 502, "<html>") }
	lostConnection := func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	lostAnswer := func(w http.ResponseWriter) { broken(t, w, "HTTP/1.1 201 Created\r\nContent-Length: 90\r\n\r\n{\"id\"") }
	for name, c := range map[string]struct {
		lost  func(http.ResponseWriter) // nil: the label was taken before
		there []map[string]any
		xml   string
		own   bool
	}{
		"a 502 after the commit":               {lost502, []map[string]any{own}, xml, true},
		"a connection broken after it":         {lostConnection, []map[string]any{own}, xml, true},
		"an answer broken off":                 {lostAnswer, []map[string]any{own}, xml, true},
		"an object of an aperture":             {lost502, []map[string]any{with("aperture", map[string]any{"id": 2, "code": "B"})}, xml, true},
		"an aperture's id":                     {lost502, []map[string]any{with("aperture", 2)}, xml, true},
		"no file name is shown":                {lost502, []map[string]any{without("filename")}, xml, true},
		"no slides are shown":                  {lost502, []map[string]any{without("slide_ids")}, xml, true},
		"no instrument is shown":               {lost502, []map[string]any{without("instrument")}, xml, true},
		"a text that was trimmed":              {lost502, []map[string]any{with("description", "seen")}, xml, true},
		"no file name":                         {lost502, []map[string]any{with("filename", nil)}, xml, false},
		"an aperture that nothing is known of": {lost502, []map[string]any{with("aperture", "Q")}, xml, false},
		"the label was taken before":           {nil, []map[string]any{own}, xml, false},
		"another XML":                          {lost502, []map[string]any{own}, "<D />", false},
		"a longer XML":                         {lost502, []map[string]any{own}, "<D/>\n", false},
		"another file":                         {lost502, []map[string]any{with("filename", "s.xml")}, xml, false},
		"another instrument":                   {lost502, []map[string]any{with("instrument", map[string]any{"id": 3})}, xml, false},
		"another project":                      {lost502, []map[string]any{with("project", nil)}, xml, false},
		"another aperture":                     {lost502, []map[string]any{with("aperture", "A")}, xml, false},
		"another FOV size":                     {lost502, []map[string]any{with("fov_size", 500)}, xml, false},
		"another date":                         {lost502, []map[string]any{with("run_date", "2019-03-09")}, xml, false},
		"another description":                  {lost502, []map[string]any{with("description", "x")}, xml, false},
		"other slides":                         {lost502, []map[string]any{with("slide_ids", []any{map[string]any{"id": 5}})}, xml, false},
		"somebody uploaded to it":              {lost502, []map[string]any{with("imageset", map[string]any{"images": []any{map[string]any{"id": 1, "status": []string{"A"}}}})}, xml, false},
		"none (the refusal is for something)":  {lost502, nil, xml, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var n atomic.Int64
			var srv *recorder
			srv = newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Path == "/apertures/":
					reply(w, 200, []map[string]any{{"id": 1, "code": "A"}, {"id": 2, "code": "B"}})
				case r.URL.Path == "/storage":
					_, _ = io.WriteString(w, c.xml)
				case r.URL.Path == "/download/" && r.URL.Query().Get("path") == "r-1/stored.xml":
					reply(w, 200, map[string]string{"url": srv.URL + "/storage"})
				case r.Method == http.MethodGet:
					reply(w, 200, c.there)
				case c.lost != nil && n.Add(1) == 1:
					c.lost(w)
				default:
					reply(w, 400, map[string][]string{"label": {"run with this label already exists."}})
				}
			})
			description := ""
			if name == "a text that was trimmed" {
				description = " seen\n"
			}
			run, err := newClient(t, srv.URL).Runs.Create(t.Context(), mibitracker.NewRun{
				XML: mibitracker.FromBytes("r.xml", []byte(xml)), Label: "lab", Instrument: 2, Project: 9, Slides: []int64{5, 6},
				FOVSize: 400, RunDate: "2019-03-08", Aperture: 2, Fields: map[string]string{"description": description},
			})
			switch {
			case c.own && (err != nil || run.ID != 26):
				t.Errorf("its own run: %v, %v", run, err)
			case !c.own && (!errors.Is(err, mibitracker.ErrBadRequest) || !strings.Contains(err.Error(), "already exists")):
				t.Errorf("not its own: %v, %v", run, err)
			}
			if c.lost == nil && len(srv.of("/storage")) != 0 {
				t.Error("a plain refusal is looked into")
			}
		})
	}
}

// Where nothing answers any more, the error says what happened.
func TestCreateRunOnADeadBackend(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) { text(w, 503, "") })
	_, err := newClient(t, srv.URL).Runs.Create(t.Context(), mibitracker.NewRun{
		XML: mibitracker.FromBytes("r.xml", []byte("<D/>")), Label: "lab", Instrument: 2,
	})
	var refused *mibitracker.APIError
	if !errors.As(err, &refused) || refused.Method != http.MethodPost || refused.Status != 503 {
		t.Errorf("%v", err)
	}
}
