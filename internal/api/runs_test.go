package api_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/api"
	"github.com/openmibi/openmibi/internal/store"
)

const runXML = `<?xml version="1.0"?>
<DocRoot>
  <Root RunTime="2019-03-08T11:02:03">
    <Point PointName="2170_Bottom_R5C2_Liver">
      <RowNumber0 XAttrib="209610.4" YAttrib="-0.2" />
      <Depth_Profile AcquisitionTime="4" MaxNumberOfLevels="4" XSize="1024" YSize="1024" TimeResolution="0.5" MassGain="0.622090638" MassOffset="0.2062068" />
    </Point>
    <Point>
      <RowNumber0 XAttrib="1" YAttrib="2" />
      <Chemical_Image XSize="512" YSize="512" />
    </Point>
  </Root>
</DocRoot>
`

// runForm is a form that makes a run.
func runForm(label, xml string, pairs ...string) *form {
	return newForm(append([]string{"label", label, "instrument", "1"}, pairs...)...).
		file("xml", "20190308_2169_2170.xml", "application/xml", xml)
}

// addRun makes a run and returns it.
func (s *server) addRun(t *testing.T, who user, label string, pairs ...string) map[string]any {
	t.Helper()
	return s.do(t, who, "POST", "/runs/", runForm(label, runXML, pairs...)).want(t, http.StatusCreated).object(t)
}

func idOf(v any) int64 { return int64(v.(map[string]any)["id"].(float64)) }

func imagesOf(run map[string]any) []any {
	return run["imageset"].(map[string]any)["images"].([]any)
}

// golden compares an answer with a file, letter by letter but for the UUID.
func golden(t *testing.T, name string, body []byte) {
	t.Helper()
	var b bytes.Buffer
	must(t, json.Indent(&b, bytes.TrimSpace(body), "", "  "))
	got := regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`).ReplaceAllString(b.String(), "UUID") + "\n"
	want, err := os.ReadFile(filepath.Join("testdata", name))
	must(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got):\n%s", name, diff)
	}
}

func TestRunGolden(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	project := s.do(t, s.alice, "POST", "/projects/", map[string]any{"name": "Sampler"}).want(t, 201).id(t)
	slide := s.do(t, s.alice, "POST", "/slides/", map[string]any{"name": "5", "description": "1251"}).want(t, 201).id(t)
	run := s.do(t, s.alice, "POST", "/runs/", newForm(
		"instrument", "1", "slides", itoa(slide), "label", "20190308_2169_2170", "fov_size", "400", "aperture", "1",
		"project", itoa(project), "description", "", "user_run_date", "2019-03-08T00:00:00").
		file("xml", "20190308_2169_2170.xml", "application/xml", runXML)).want(t, 201)
	golden(t, "run.json", run.body)
	got := s.do(t, s.alice, "GET", "/runs/"+itoa(run.id(t))+"/", nil).want(t, 200)
	golden(t, "run.json", got.body)

	keys := s.stored(t)
	if len(keys) != 1 {
		t.Fatalf("blobs: %v", keys)
	}
	f, err := s.blobs.Open(t.Context(), keys[0])
	must(t, err)
	defer func() { _ = f.Close() }()
	if text, err := io.ReadAll(f); err != nil || string(text) != runXML {
		t.Errorf("the XML was not stored byte for byte: %v", err)
	}
	if due, err := s.store.DueGarbage(t.Context(), far, 10); err != nil || len(due) != 0 {
		t.Errorf("the run's XML counts as garbage: %v %v", due, err)
	}
}

func TestCreateRunForms(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	slide1 := s.do(t, s.alice, "POST", "/slides/", `{"name": "one"}`).id(t)
	slide2 := s.do(t, s.alice, "POST", "/slides/", `{"name": "two"}`).id(t)
	both := itoa(slide1) + "," + itoa(slide2)
	for _, c := range []struct {
		name  string
		pairs []string
		want  map[string]any
		slide int
	}{
		{"nothing else", nil, map[string]any{"run_date": "2019-03-08", "fov_size": nil, "aperture": nil, "project": nil, "operator": nil, "description": nil}, 0},
		{"empty parts", []string{"slides", "", "fov_size", "", "aperture", "", "project", "", "user_run_date", "", "description", "", "operator", ""},
			map[string]any{"run_date": "2019-03-08", "fov_size": nil, "aperture": nil, "project": nil, "operator": "", "description": ""}, 0},
		{"no date", []string{"user_run_date", "NoneT00:00:00"}, map[string]any{"run_date": "2019-03-08"}, 0},
		{"date wins", []string{"user_run_date", "2020-01-02T00:00:00"}, map[string]any{"run_date": "2020-01-02"}, 0},
		{"date without time", []string{"user_run_date", "2020-01-02"}, map[string]any{"run_date": "2020-01-02"}, 0},
		{"slides joined", []string{"slides", both}, nil, 2},
		{"slides repeated", []string{"slides", itoa(slide1), "slides", itoa(slide2), "slides", itoa(slide1)}, nil, 2},
		{"sizes", []string{"fov_size", "500.5", "operator", "µ"}, map[string]any{"fov_size": 500.5, "operator": "µ"}, 0},
		{"aperture by code", []string{"aperture", "B"}, map[string]any{"aperture": map[string]any{"id": 2.0, "code": "B", "label": "B", "name": "300 µm"}}, 0},
		{"unknown fields", []string{"is_new", "True"}, nil, 0},
	} {
		run := s.addRun(t, s.alice, c.name, c.pairs...)
		for field, want := range c.want {
			if diff := cmp.Diff(want, run[field]); diff != "" {
				t.Errorf("%s: %s: %s", c.name, field, diff)
			}
		}
		if n := len(run["slide_ids"].([]any)); n != c.slide {
			t.Errorf("%s: %d slides, want %d", c.name, n, c.slide)
		}
	}
}

func TestRunFileNames(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for i, c := range []struct{ file, name, xml, path string }{
		{"a.b.xml", "a.b", "a.b.xml", "a.b-"},
		{"../../etc/passwd.xml", "passwd", "passwd.xml", "passwd-"},
		{`C:\\data\\Lauf 1.xml`, "Lauf 1", "Lauf 1.xml", "Lauf_1-"},
		{"ü.xml", "ü", "ü.xml", "_-"},
		{".xml", ".xml", ".xml", "xml-"},
		{"plain", "plain", "plain", "plain-"},
	} {
		run := s.do(t, s.alice, "POST", "/runs/", newForm("label", itoa(int64(i)), "instrument", "1").
			file("xml", c.file, "text/xml", runXML)).want(t, 201).object(t)
		if run["name"] != c.name || run["xml"] != c.xml || run["filename"] != c.xml || !strings.HasPrefix(run["path"].(string), c.path) {
			t.Errorf("%q: name %q, xml %q, path %q", c.file, run["name"], run["xml"], run["path"])
		}
	}
}

// A refused run leaves nothing: no run, no blob, no reservation.
func TestCreateRunRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(c *api.Config) { c.MaxXML = 8 << 10 })
	s.addRun(t, s.alice, "taken")
	kept := s.stored(t)
	bobsProject := s.do(t, s.bob, "POST", "/projects/", `{"name": "Bob's", "is_public": false}`).id(t)
	publicProject := s.do(t, s.bob, "POST", "/projects/", `{"name": "Public", "is_public": true}`).id(t)
	bobsSlide := s.do(t, s.bob, "POST", "/slides/", `{"name": "Bob's"}`).id(t)
	for name, c := range map[string]struct {
		form   *form
		status int
		field  string
	}{
		"broken XML":       {runForm("x", "<DocRoot><Root>"), 400, `"xml"`},
		"no XML at all":    {runForm("x", "hello"), 400, `"xml"`},
		"empty XML":        {runForm("x", ""), 400, `"xml"`},
		"XML bomb":         {runForm("x", `<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>`), 400, `"xml"`},
		"large XML":        {runForm("x", runXML+strings.Repeat(" ", 9<<10)), 413, "detail"},
		"long point name":  {runForm("x", strings.Replace(runXML, `PointName="`, `PointName="`+strings.Repeat("x", 256), 1)), 400, `"xml"`},
		"no file":          {newForm("label", "x", "instrument", "1"), 400, `"xml"`},
		"xml as text":      {newForm("label", "x", "instrument", "1", "xml", runXML), 400, `"xml"`},
		"two files":        {runForm("x", runXML).file("xml", "b.xml", "text/xml", runXML), 400, `"xml"`},
		"another file":     {runForm("x", runXML).file("attachment", "b.xml", "text/xml", runXML), 400, `"attachment"`},
		"nameless file":    {newForm("label", "x", "instrument", "1").file("xml", "..", "text/xml", runXML), 400, `"xml"`},
		"taken label":      {runForm("taken", runXML), 400, `"label"`},
		"no label":         {newForm("instrument", "1").file("xml", "a.xml", "text/xml", runXML), 400, `"label"`},
		"blank label":      {runForm(" ", runXML), 400, `"label"`},
		"long label":       {runForm(strings.Repeat("x", 300), runXML), 400, `"label"`},
		"NUL in label":     {runForm("a\x00b", runXML), 400, `"label"`},
		"broken UTF-8":     {runForm("a\xffb", runXML), 400, `"label"`},
		"no instrument":    {newForm("label", "x").file("xml", "a.xml", "text/xml", runXML), 400, `"instrument"`},
		"empty instrument": {newForm("label", "x", "instrument", "").file("xml", "a.xml", "text/xml", runXML), 400, `"instrument"`},
		"odd instrument":   {newForm("label", "x", "instrument", "7").file("xml", "a.xml", "text/xml", runXML), 400, `"instrument"`},
		"worded id":        {newForm("label", "x", "instrument", "one").file("xml", "a.xml", "text/xml", runXML), 400, `"instrument"`},
		"no such project":  {runForm("x", runXML, "project", "777"), 400, `"project"`},
		"hidden project":   {runForm("x", runXML, "project", itoa(bobsProject)), 400, `"project"`},
		"public project":   {runForm("x", runXML, "project", itoa(publicProject)), 403, "detail"},
		"hidden slide":     {runForm("x", runXML, "slides", itoa(bobsSlide)), 400, `"slides"`},
		"odd slide":        {runForm("x", runXML, "slides", "1,a"), 400, `"slides"`},
		"no such aperture": {runForm("x", runXML, "aperture", "Z"), 400, `"aperture"`},
		"odd size":         {runForm("x", runXML, "fov_size", "NaN"), 400, `"fov_size"`},
		"odd date":         {runForm("x", runXML, "user_run_date", "2019-02-30"), 400, `"user_run_date"`},
		"odd time":         {runForm("x", runXML, "user_run_date", "2019-02-03Tnow"), 400, `"user_run_date"`},
	} {
		s.do(t, s.alice, "POST", "/runs/", c.form).want(t, c.status, c.field)
		if diff := cmp.Diff(kept, s.stored(t)); diff != "" {
			t.Errorf("%s: something was left: %s", name, diff)
		}
	}
	if got := s.do(t, s.admin, "GET", "/runs/", nil).object(t)["count"]; got != 1.0 {
		t.Errorf("%v runs, want the one from before", got)
	}
	if due, err := s.store.DueGarbage(t.Context(), far, 10); err != nil || len(due) != 0 {
		t.Errorf("reservations were left: %v %v", due, err)
	}
}

func TestChangeRun(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	slide := s.do(t, s.alice, "POST", "/slides/", `{"name": "one"}`).id(t)
	run := s.addRun(t, s.alice, "first", "slides", itoa(slide), "description", "before", "fov_size", "400")
	s.addRun(t, s.alice, "second")
	path := "/runs/" + itoa(idOf(run)) + "/"
	for _, c := range []struct {
		name, method string
		body         any
		want         map[string]any
	}{
		{"nothing", "PUT", `{}`, map[string]any{"label": "first", "description": "before", "fov_size": 400.0}},
		{"one field", "PATCH", `{"description": "after"}`, map[string]any{"description": "after", "fov_size": 400.0, "label": "first"}},
		{"null clears", "PUT", `{"fov_size": null, "run_date": null}`, map[string]any{"fov_size": nil, "run_date": nil, "description": "after"}},
		{"form", "PUT", newForm("fov_size", "500", "description", "", "user_run_date", "2021-01-01"), map[string]any{"fov_size": 500.0, "description": "", "run_date": "2021-01-01"}},
		{"form keeps what is empty", "PUT", newForm("fov_size", ""), map[string]any{"fov_size": 500.0}},
		{"its own label", "PUT", `{"label": "first"}`, map[string]any{"label": "first"}},
		{"label", "PUT", `{"label": "third", "operator": "me", "magnification": 400}`, map[string]any{"label": "third", "operator": "me", "magnification": 400.0}},
		{"aperture", "PUT", `{"aperture": "C"}`, map[string]any{"aperture": map[string]any{"id": 3.0, "code": "C", "label": "C", "name": "100 µm"}}},
		{"slides kept", "PUT", `{"operator": null}`, map[string]any{"slide_ids": []any{map[string]any{"id": float64(slide), "name": "one", "description": nil}}}},
		{"slides cleared", "PUT", `{"slides": []}`, map[string]any{"slide_ids": []any{}}},
		{"slides set", "PUT", map[string]any{"slides": []int64{slide}}, map[string]any{"slide_ids": []any{map[string]any{"id": float64(slide), "name": "one", "description": nil}}}},
	} {
		got := s.do(t, s.alice, c.method, path, c.body).want(t, 200).object(t)
		for field, want := range c.want {
			if diff := cmp.Diff(want, got[field]); diff != "" {
				t.Errorf("%s: %s: %s", c.name, field, diff)
			}
		}
		if len(imagesOf(got)) != 2 {
			t.Errorf("%s: the images changed", c.name)
		}
	}
	for body, field := range map[string]string{
		`{"label": "second"}`: "label", `{"label": ""}`: "label", `{"label": null}`: "label", `{"label": ["x"]}`: "label",
		`{"instrument": null}`: "instrument", `{"instrument": 99}`: "instrument", `{"fov_size": "wide"}`: "fov_size",
		`{"fov_size": 1e999}`: "fov_size", `{"run_date": 5}`: "run_date", `{"slides": [99]}`: "slides", `{"slides": {"a": 1}}`: "slides",
		`{"description": "a\u0000b"}`: "description", "{\"description\": \"a\xffb\"}": "description", `{"active": "maybe"}`: "active",
		`{"project": -1}`: "project", `{"project": 1.5}`: "project",
	} {
		s.do(t, s.alice, "PUT", path, body).want(t, 400, `"`+field+`"`)
	}
	for _, body := range []string{"", "[]", "null", "{", `"x"`, "{} {}"} {
		s.do(t, s.alice, "PUT", path, body).want(t, 400, "detail")
	}
}

func TestDeleteRun(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	run := s.addRun(t, s.alice, "one")
	path := "/runs/" + itoa(idOf(run)) + "/"
	if got := s.do(t, s.alice, "DELETE", path, nil).want(t, 204); len(got.body) != 0 {
		t.Errorf("204 with a body: %q", got.body)
	}
	s.do(t, s.alice, "GET", "/runs/?paging=no", nil).want(t, 200, "[]")
	if got := s.do(t, s.alice, "GET", "/runs/?active=false&paging=no", nil).want(t, 200).array(t); len(got) != 1 {
		t.Errorf("%d deleted runs, want 1", len(got))
	}
	if got := s.do(t, s.alice, "GET", path, nil).want(t, 200).object(t); got["active"] != false {
		t.Errorf("active: %v", got["active"])
	}
	s.do(t, s.alice, "POST", "/runs/", runForm("one", runXML)).want(t, 400, `"label"`)
	s.do(t, s.alice, "PUT", path, newForm("active", "True")).want(t, 200)
	if got := s.do(t, s.alice, "GET", "/runs/?paging=no", nil).array(t); len(got) != 1 {
		t.Errorf("%d runs after it came back, want 1", len(got))
	}
}

// What the caller may not see is not there; what it may see but not change is
// forbidden.
func TestVisibility(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	hidden := s.addRun(t, s.alice, "hidden")
	project := s.do(t, s.alice, "POST", "/projects/", `{"name": "open", "is_public": true}`).id(t)
	public := s.addRun(t, s.alice, "public", "project", itoa(project))
	for who, want := range map[user]struct{ hiddenGet, hiddenPut, publicGet, publicPut, runs, images int }{
		s.alice:                 {200, 200, 200, 200, 2, 4},
		s.bob:                   {404, 404, 200, 403, 1, 2},
		s.admin:                 {200, 200, 200, 200, 2, 4},
		{}:                      {401, 401, 401, 401, -1, -1},
		{token: "a.b.c", id: 9}: {401, 401, 401, 401, -1, -1},
	} {
		for _, run := range []map[string]any{hidden, public} {
			get, put := want.hiddenGet, want.hiddenPut
			if run["label"] == "public" {
				get, put = want.publicGet, want.publicPut
			}
			image := "/images/" + itoa(idOf(imagesOf(run)[0])) + "/"
			path := "/runs/" + itoa(idOf(run)) + "/"
			s.do(t, who, "GET", path, nil).want(t, get)
			s.do(t, who, "PUT", path, `{"operator": "x"}`).want(t, put)
			s.do(t, who, "GET", image, nil).want(t, get)
			s.do(t, who, "GET", image+"channelnames/", nil).want(t, get)
			s.do(t, who, "GET", image+"conjugates/", nil).want(t, get)
			s.do(t, who, "PATCH", image, `{"point": "x"}`).want(t, put)
			if put != 200 {
				s.do(t, who, "DELETE", path, nil).want(t, put)
				s.do(t, who, "DELETE", image, nil).want(t, put)
			}
		}
		if want.runs < 0 {
			continue
		}
		for path, n := range map[string]int{"/runs/": want.runs, "/images/": want.images, "/imagesets/": want.runs} {
			if got := s.do(t, who, "GET", path, nil).object(t)["count"]; got != float64(n) {
				t.Errorf("%s: count of %s is %v, want %d", who.email, path, got, n)
			}
			if got := s.do(t, who, "GET", path+"?paging=no", nil).array(t); len(got) != n {
				t.Errorf("%s: %d of %s, want %d", who.email, len(got), path, n)
			}
		}
	}
	// A member may see, an editor change.
	role := func(r string) {
		must(t, s.store.Write(t.Context(), func(tx *store.Tx) error {
			return tx.SetProjectRole(t.Context(), project, s.bob.id, modelRole(r))
		}))
	}
	path := "/runs/" + itoa(idOf(public)) + "/"
	role("viewer")
	s.do(t, s.bob, "PUT", path, `{}`).want(t, 403, "detail")
	role("editor")
	s.do(t, s.bob, "PUT", path, `{}`).want(t, 200)
}

// A client that dies halfway leaves nothing behind.
func TestCreateRunCut(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	body, w := io.Pipe()
	req, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+"/runs/", body)
	must(t, err)
	f := runForm("x", runXML)
	req.Header.Set("Content-Type", f.w.FormDataContentType())
	req.Header.Set("Authorization", "JWT "+s.alice.token)
	ended := make(chan error, 1)
	go func() {
		res, err := s.Client().Do(req)
		if err == nil {
			err = errors.Join(errors.New("it was answered"), res.Body.Close())
		}
		ended <- err
	}()
	_, err = w.Write(f.b.Bytes()[:f.b.Len()/2])
	must(t, err)
	died := errors.New("the client died")
	must(t, w.CloseWithError(died))
	if err := <-ended; !errors.Is(err, died) {
		t.Fatal(err)
	}
	s.Close() // waits for the handler
	if keys := s.stored(t); len(keys) != 0 {
		t.Errorf("left behind: %v", keys)
	}
}

func TestCreateRunRealFiles(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("MIBI_TESTDATA")
	if dir == "" {
		t.Skip("MIBI_TESTDATA is not set: no real run XML")
	}
	s := newServer(t)
	for name, fovs := range map[string]int{"demo.xml": 13, "191203_CohortSlide1_S1622757.xml": 2} {
		xml, err := os.ReadFile(filepath.Join(dir, "runs", name))
		if errors.Is(err, os.ErrNotExist) {
			t.Skipf("no %s under MIBI_TESTDATA", name)
		}
		must(t, err)
		run := s.do(t, s.alice, "POST", "/runs/", newForm("label", name, "instrument", "1").
			file("xml", name, "application/xml", string(xml))).want(t, 201).object(t)
		images := imagesOf(run)
		if len(images) != fovs || images[0].(map[string]any)["folder"] != "Point1/RowNumber0/Depth_Profile0" {
			t.Errorf("%s: %d images, want %d: %v", name, len(images), fovs, images[0])
		}
	}
}
