package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/api"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// The smallest files that begin as a picture does; what follows is not looked at.
var (
	pngBytes  = "\x89PNG\r\n\x1a\n" + strings.Repeat("\x00", 40)
	tiffBytes = "II*\x00" + strings.Repeat("\x00", 40)
	bmpBytes  = "BM" + strings.Repeat("\x00", 12) + "\x28\x00\x00\x00" + strings.Repeat("\x00", 40)
)

// lab is a run with all that an image can relate to.
type lab struct {
	run, image, project, tissue, slide, panel, section int64
}

func (s *server) addLab(t *testing.T, who user, label string) lab {
	t.Helper()
	post := func(path string, body any) int64 { return s.do(t, who, "POST", path, body).want(t, 201).id(t) }
	var l lab
	l.project = post("/projects/", map[string]any{"name": "Validation " + label})
	l.tissue = post("/tissues/", map[string]any{"organ": "Tonsil", "diagnosis": "Unremarkable"})
	l.slide = post("/slides/", map[string]any{"name": "S1", "project": l.project, "slide_type": "coated"})
	l.panel = post("/panels/", map[string]any{"name": "TONIC", "project": l.project, "manufacture_date": "2021-10-13", "conjugates": []any{
		map[string]any{"target": "Calprotectin", "mass": 69, "element": "Ga", "clone": "MAC387", "concentration": 200, "lot": "1352",
			"external_id": "x", "titer_units": "μg/mL", "manufacture_date": "2020-07-20", "batch_id": 1},
		map[string]any{"target": "dsDNA", "mass": 89},
	}})
	l.section = post("/sections/", map[string]any{"position": "Bottom", "tissue": l.tissue, "slide": l.slide, "panel": l.panel,
		"project": l.project, "cut_date": "2022-01-22"})
	run := s.addRun(t, who, label, "project", itoa(l.project), "fov_size", "500", "aperture", "A", "slides", itoa(l.slide))
	l.run, l.image = idOf(run), idOf(imagesOf(run)[0])
	return l
}

func TestImageGolden(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.addLab(t, s.alice, "Validation")
	path := "/images/" + itoa(l.image) + "/"
	s.do(t, s.alice, "PUT", path, newForm("tissue", itoa(l.tissue), "section", itoa(l.section), "imaging_preset", "", "lens1_voltage", "12").
		file("attachment", "sed.bmp", "image/bmp", bmpBytes)).want(t, 200)
	must(t, s.store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.PutExtraChannel(t.Context(), model.Channel{ImageID: l.image, Name: "cell_boundaries", Key: "x", DType: "uint8"})
	}))
	golden(t, "image.json", s.do(t, s.alice, "GET", path, nil).want(t, 200).body)
	if names := s.do(t, s.alice, "GET", path+"channelnames/", nil).want(t, 200).array(t); !cmp.Equal(names, []any{"cell_boundaries"}) {
		t.Errorf("channelnames: %v", names)
	}
	golden(t, "conjugates.json", s.do(t, s.alice, "GET", path+"conjugates/?paging=no", nil).want(t, 200).body)
	paged := s.do(t, s.alice, "GET", path+"conjugates/?limit=1&offset=1", nil).want(t, 200).object(t)
	if paged["count"] != 2.0 || len(paged["results"].([]any)) != 1 || paged["next"] != nil || paged["previous"] == nil {
		t.Errorf("conjugates, paged: %v", paged)
	}
	other := "/images/" + itoa(l.image+1) + "/conjugates/"
	s.do(t, s.alice, "GET", other+"?paging=no", nil).want(t, 200, "[]")
	s.do(t, s.alice, "GET", other+"?panel=1", nil).want(t, 400, `"panel"`)
}

func TestChangeImage(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.addLab(t, s.alice, "one")
	path := "/images/" + itoa(l.image) + "/"
	for _, c := range []struct {
		name string
		body any
		want map[string]any
	}{
		{"the Python client's JSON", map[string]any{"tissue": l.tissue, "fov_size": 500.0, "section": l.section, "aperture": 1,
			"imaging_preset": nil, "lens1_voltage": nil, "sed": nil}, map[string]any{"fov_size": 500.0, "imaging_preset": nil, "sed": nil}},
		{"absent is kept", `{"point": "P"}`, map[string]any{"point": "P", "fov_size": 500.0, "depths": 4.0, "number": "Point1"}},
		{"null clears", `{"point": null, "aperture": null, "section": null, "depths": null}`,
			map[string]any{"point": nil, "aperture": nil, "section": nil, "depths": nil}},
		{"a form", newForm("tissue", itoa(l.tissue), "point", "", "imaging_preset", "fine", "aperture", "B", "x_coord", "12.5", "depths", "7"),
			map[string]any{"point": "", "imaging_preset": "fine", "x_coord": 12.5, "depths": 7.0}},
		{"a form with scans", newForm("depths", "0,5"), map[string]any{"depths": 2.0}},
		{"a form, empty", newForm("depths", "", "x_coord", "", "tissue", "", "aperture", ""), map[string]any{"depths": 2.0, "x_coord": 12.5}},
		{"scans as text", `{"depths": "0"}`, map[string]any{"depths": 1.0}},
		{"scans as text, many", `{"depths": "0,5,9"}`, map[string]any{"depths": 3.0}},
		{"scans as a number", `{"depths": 5}`, map[string]any{"depths": 5.0}},
		{"a folder", `{"folder": "Region A/RowNumber0"}`, map[string]any{"folder": "Region A/RowNumber0", "number": "Region A"}},
		{"µm as given", `{"x_coord": -1234.5, "y_coord": 1e-7}`, map[string]any{"x_coord": -1234.5, "y_coord": 1e-7}},
	} {
		got := s.do(t, s.alice, "PUT", path, c.body).want(t, 200).object(t)
		for field, want := range c.want {
			if diff := cmp.Diff(want, got[field]); diff != "" {
				t.Errorf("%s: %s: %s", c.name, field, diff)
			}
		}
	}
	for body, field := range map[string]string{
		`{"tissue": 99}`: "tissue", `{"section": 99}`: "section", `{"aperture": 9}`: "aperture", `{"aperture": "Q"}`: "aperture",
		`{"depths": 0}`: "depths", `{"depths": "a"}`: "depths", `{"depths": ""}`: "depths", `{"depths": "0,,1"}`: "depths", `{"frame": 1.5}`: "frame",
		`{"folder": "../x"}`: "folder", `{"folder": "a//b"}`: "folder", `{"folder": "/a"}`: "folder", `{"folder": "a\\b"}`: "folder",
		`{"folder": "Point2/RowNumber0/Chemical_Image0"}`: "folder", `{"folder": null}`: "folder", `{"number": "a/b"}`: "number",
		`{"folder": "Point9/x", "number": "Point8"}`: "number", `{"lens1_voltage": "high"}`: "lens1_voltage", `{"project": 99}`: "project",
		`{"point": {"a": 1}}`: "point", `{"sed": "other.bmp"}`: "sed",
	} {
		s.do(t, s.alice, "PATCH", path, body).want(t, 400, `"`+field+`"`)
	}
}

func TestSED(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(c *api.Config) { c.MaxSED = 4096 })
	l := s.addLab(t, s.alice, "one")
	path := "/images/" + itoa(l.image) + "/"
	xml := s.stored(t)
	for _, c := range []struct{ file, mediaType, content, sed string }{
		{"sed.bmp", "image/bmp", bmpBytes, "sed.bmp"},
		{"SED image ü.tif", "image/tif", tiffBytes, "SED image ü.tif"},
		{"dir/of/sed.png", "application/octet-stream", pngBytes, "sed.png"},
		{"named.bmp", "image/bmp", pngBytes, "named.bmp"},
	} {
		got := s.do(t, s.alice, "PUT", path, newForm().file("attachment", c.file, c.mediaType, c.content)).want(t, 200).object(t)
		if got["sed"] != c.sed {
			t.Errorf("%s: sed is %v", c.file, got["sed"])
		}
	}
	image, err := s.store.Image(t.Context(), store.Viewer{Admin: true}, l.image)
	must(t, err)
	f, err := s.blobs.Open(t.Context(), image.SEDKey)
	must(t, err)
	defer func() { _ = f.Close() }()
	if f.Info().Size != int64(len(pngBytes)) || image.SEDSize != f.Info().Size || len(image.SEDSHA256) != 64 {
		t.Errorf("stored %d bytes, recorded %d", f.Info().Size, image.SEDSize)
	}
	for _, body := range []string{`{"sed": "named.bmp"}`, `{"sed": ""}`} {
		s.do(t, s.alice, "PUT", path, body).want(t, 200, `"sed":"named.bmp"`)
	}
	s.do(t, s.alice, "PUT", path, `{"sed": "sed.bmp"}`).want(t, 400, `"sed"`)
	before := s.stored(t)
	for name, c := range map[string]struct {
		form   *form
		status int
		text   string
	}{
		"not a picture":  {newForm().file("attachment", "a.png", "image/png", strings.Repeat("hello", 20)), 400, `"attachment"`},
		"too short":      {newForm().file("attachment", "a.png", "image/png", pngBytes[:12]), 400, `"attachment"`},
		"empty":          {newForm().file("attachment", "a.png", "image/png", ""), 400, `"attachment"`},
		"the TIFF's":     {newForm().file("attachment", "Summed_Image.tiff", "image/tiff", tiffBytes), 400, `"attachment"`},
		"no name":        {newForm().file("attachment", "..", "image/tiff", tiffBytes), 400, `"attachment"`},
		"too large":      {newForm().file("attachment", "a.png", "image/png", pngBytes+strings.Repeat("x", 5000)), 413, "detail"},
		"another field":  {newForm().file("sed", "a.png", "image/png", pngBytes), 400, `"sed"`},
		"a wrong field":  {newForm("fov_size", "x").file("attachment", "a.png", "image/png", pngBytes), 400, `"fov_size"`},
		"a taken folder": {newForm("folder", "Point2/RowNumber0/Chemical_Image0").file("attachment", "a.png", "image/png", pngBytes), 400, `"folder"`},
	} {
		s.do(t, s.alice, "PUT", path, c.form).want(t, c.status, c.text)
		if diff := cmp.Diff(before, s.stored(t)); diff != "" {
			t.Errorf("%s: something was left: %s", name, diff)
		}
	}
	if got := s.do(t, s.alice, "PUT", path, `{"sed": null}`).want(t, 200).object(t); got["sed"] != nil {
		t.Errorf("null left %v", got["sed"])
	}
	// The replaced ones are garbage, all of them, and the XML is not.
	due, err := s.store.DueGarbage(t.Context(), far, 100)
	must(t, err)
	garbage := map[string]bool{}
	for _, g := range due {
		garbage[g.Key] = true
	}
	if len(garbage) != 4 || garbage[xml[0]] {
		t.Errorf("garbage: %v", garbage)
	}
}

func TestCreateImage(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.addLab(t, s.alice, "one")
	full := map[string]any{
		"run": l.run, "point": "P3", "number": "Point3", "folder": "Point3/RowNumber0/Depth_Profile0", "fov_size": 500, "dwell_time": 4,
		"depths": "0,5", "frame": 1024, "time_bin": 0.5, "mass_gain": 0.62, "mass_offset": 0.2, "x_coord": 1, "y_coord": 2,
		"tissue": l.tissue, "section": l.section, "aperture": "A", "imaging_preset": nil, "lens1_voltage": nil,
	}
	got := s.do(t, s.alice, "POST", "/images/", full).want(t, 201, `"dwell_time":4.0`, `"depths":2`, `"formatted_tissue":"Tonsil  [Unremarkable]"`).object(t)
	if diff := cmp.Diff([]any{"U"}, got["status"]); diff != "" {
		t.Error(diff)
	}
	if run := s.do(t, s.alice, "GET", "/runs/"+itoa(l.run)+"/", nil).object(t); len(imagesOf(run)) != 3 {
		t.Errorf("the run has %d images, want 3", len(imagesOf(run)))
	}
	s.do(t, s.alice, "POST", "/images/", full).want(t, 400, `"folder"`)
	for body, field := range map[string]string{
		`{}`: "run", `{"run": 99, "folder": "a"}`: "run", `{"run": 1}`: "folder", `{"run": "x", "folder": "a"}`: "run",
		`{"run": 1, "folder": "a/b", "number": "b"}`: "number",
	} {
		s.do(t, s.alice, "POST", "/images/", body).want(t, 400, `"`+field+`"`)
	}
	s.do(t, s.bob, "POST", "/images/", `{"run": 1, "folder": "b"}`).want(t, 400, `"run"`)
	must(t, s.store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.SetProjectRole(t.Context(), l.project, s.bob.id, model.RoleViewer)
	}))
	s.do(t, s.bob, "POST", "/images/", `{"run": 1, "folder": "b"}`).want(t, 403, "detail")
}

func TestDeleteImage(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.addLab(t, s.alice, "one")
	path := "/images/" + itoa(l.image) + "/"
	s.do(t, s.alice, "DELETE", path, nil).want(t, 204)
	s.do(t, s.alice, "GET", path, nil).want(t, 200, `"active":false`)
	if got := s.do(t, s.alice, "GET", "/images/?active=false&paging=no", nil).array(t); len(got) != 1 {
		t.Errorf("%d deleted images", len(got))
	}
	if got := s.do(t, s.alice, "GET", "/images/?paging=no", nil).array(t); len(got) != 1 {
		t.Errorf("%d living images", len(got))
	}
	s.do(t, s.alice, "DELETE", "/images/99/", nil).want(t, 404, "detail")
}

func TestSearchAdvanced(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.addLab(t, s.alice, "Überlauf")
	path := "/images/" + itoa(l.image) + "/"
	s.do(t, s.alice, "PUT", path, map[string]any{"tissue": l.tissue, "section": l.section}).want(t, 200)
	s.addRun(t, s.alice, "another")
	for query, want := range map[string]int{
		"":                      4,
		"run=ÜBER":              2,
		"run=2169":              4,
		"run=" + itoa(l.run):    4, // in every run's name: the search knows no ids
		"tissue=tonsil":         1,
		"tissue=%5Bunrem":       1,
		"panelName=ton":         1,
		"antibodyTarget=CALPRO": 1,
		"antibodyTarget=CD45":   0,
		"mass=69":               1,
		"mass=70":               0,
		"slide=s1":              1,
		"project=valid":         2,
		"instrument=scope":      4,
		"point=liver":           2,
		"status=U":              4,
		"status=A":              0,
		"status=A&status=U":     4,
		"startDate=2019-03-08":  4,
		"startDate=2019-03-09":  0,
		"endDate=2019-03-08":    4,
		"endDate=2019-03-07":    0,
		"tissue=tonsil&mass=70": 0,
		"tissue=&mass=&run=":    4,
		"run=" + "%25":          0, // no wildcard
	} {
		got := s.do(t, s.alice, "GET", "/images/search_advanced/?"+query, nil).want(t, 200).object(t)
		if got["count"] != float64(want) {
			t.Errorf("%s: %v, want %d", query, got["count"], want)
		}
	}
	for _, name := range []string{"startDate=yesterday", "mass=heavy", "status=X", "label=x", "run__label=x", "search.run=x"} {
		field, _, _ := strings.Cut(name, "=")
		s.do(t, s.alice, "GET", "/images/search_advanced/?"+name, nil).want(t, 400, `"`+field+`"`)
	}
}

func TestImageSets(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	own := s.addLab(t, s.alice, "own")
	loose := imagesOf(s.addRun(t, s.alice, "loose"))
	shared := s.do(t, s.bob, "POST", "/projects/", `{"name": "shared", "is_public": true, "can_share_images": true}`).id(t)
	unshared := s.do(t, s.bob, "POST", "/projects/", `{"name": "unshared", "is_public": true}`).id(t)
	sharedImage := idOf(imagesOf(s.addRun(t, s.bob, "b1", "project", itoa(shared)))[0])
	unsharedImage := idOf(imagesOf(s.addRun(t, s.bob, "b2", "project", itoa(unshared)))[0])
	hiddenImage := idOf(imagesOf(s.addRun(t, s.bob, "b3"))[0])
	for name, c := range map[string]struct {
		images  any
		project any
		status  int
		text    string
	}{
		"own":                       {[]int64{own.image, own.image + 1}, own.project, 201, `"project":{"id":1`},
		"own and shared":            {[]int64{own.image, sharedImage}, own.project, 201, ""},
		"as text":                   {itoa(own.image) + ", " + itoa(sharedImage), own.project, 201, ""},
		"not shared":                {[]int64{own.image, unsharedImage}, own.project, 400, `"images"`},
		"in no project":             {[]int64{idOf(loose[0])}, own.project, 400, `"images"`},
		"without a project":         {[]int64{own.image, idOf(loose[0]), unsharedImage}, nil, 201, `"project":null`},
		"hidden":                    {[]int64{hiddenImage}, nil, 400, `"images"`},
		"unknown":                   {[]int64{9999}, nil, 400, `"images"`},
		"none":                      {[]int64{}, nil, 400, `"images"`},
		"absent":                    {nil, nil, 400, `"images"`},
		"project that is only seen": {[]int64{sharedImage}, shared, 403, "detail"},
		"project that is not there": {[]int64{own.image}, 999, 400, `"project"`},
	} {
		t.Run(name, func(t *testing.T) {
			body := map[string]any{"name": name, "images": c.images, "project": c.project, "description": nil}
			made := s.do(t, s.alice, "POST", "/imagesets/", body).want(t, c.status, c.text)
			if c.status != 201 {
				return
			}
			got := s.do(t, s.alice, "GET", "/imagesets/"+itoa(made.id(t))+"/", nil).want(t, 200)
			if diff := cmp.Diff(made.object(t), got.object(t)); diff != "" {
				t.Error(diff)
			}
			inBobs := s.do(t, s.bob, "GET", "/imagesets/"+itoa(made.id(t))+"/", nil)
			inBobs.want(t, 404)
		})
	}
	s.do(t, s.alice, "POST", "/imagesets/", map[string]any{"images": []int64{own.image}}).want(t, 400, `"name"`)
	image := s.do(t, s.alice, "GET", "/images/"+itoa(own.image)+"/", nil).object(t)
	if n := len(image["imagesets"].([]any)); n != 5 {
		t.Errorf("the image is in %d sets, want 5 (its run's and four)", n)
	}
}

// A whole number that is a float on the wire stays one.
func TestFloats(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.addLab(t, s.alice, "one")
	path := "/images/" + itoa(l.image) + "/"
	for value, want := range map[string]string{
		"500": "500.0", "0": "0.0", "-3": "-3.0", "0.1": "0.1", "1e20": "1e+20", "1e-9": "1e-09", "123456.789": "123456.789", "1e6": "1000000.0",
	} {
		got := s.do(t, s.alice, "PUT", path, `{"fov_size": `+value+`}`).want(t, 200, `"fov_size":`+want+`,`)
		if !json.Valid(got.body) {
			t.Errorf("%s: not JSON: %s", value, got.body)
		}
	}
}
