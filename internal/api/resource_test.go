package api_test

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// kindOf is a kind of object as the tests of all of them know it.
type kindOf struct {
	path string
	who  user // may do everything with it
	make func(*testing.T, map[string]any) int64
	// first and then are values of every field that clients write. A relation is
	// an id here, and an object in answers.
	first, then map[string]any
	null        []string                 // the fields that null clears
	follows     []string                 // fields of answers that are made of others
	filters     map[string]string        // for an object of first
	shown       map[string]func(any) any // what an answer shows, as it was written
	wrong       map[string]string        // a body that is refused → the field that is named
	foreign     int                      // the status of a change by somebody else
}

// relation reads the id of a related object.
func relation(v any) any {
	if m, ok := v.(map[string]any); ok {
		return m["id"]
	}
	return v
}

func relationIDs(v any) any {
	out := []any{}
	for _, one := range v.([]any) {
		out = append(out, relation(one))
	}
	return out
}

// kinds makes all kinds of object, with what they relate to.
func (s *server) kinds(t *testing.T) map[string]kindOf {
	t.Helper()
	a, b := s.addLab(t, s.alice, "a"), s.addLab(t, s.alice, "b")
	to := func(id int64) any { return float64(id) }
	related := map[string]func(any) any{"project": relation, "tissue": relation, "slide": relation, "panel": relation, "section": relation,
		"aperture": relation, "instrument": relation, "images": relationIDs, "slides": relationIDs}
	post := func(who user, path string) func(*testing.T, map[string]any) int64 {
		return func(t *testing.T, body map[string]any) int64 {
			return s.do(t, who, "POST", path, body).want(t, 201).id(t)
		}
	}
	long := func(n int) string { return fmt.Sprintf("%0*d", n, 0) }
	names := func(fields ...string) map[string]string {
		out := map[string]string{}
		for _, f := range fields {
			out[`{"`+f+`": "`+long(256)+`"}`] = f
			out[`{"`+f+`": ["x"]}`] = f
			out[`{"`+f+`": "a\u0000"}`] = f
		}
		return out
	}
	and := func(a map[string]string, pairs ...string) map[string]string {
		for i := 0; i < len(pairs); i += 2 {
			a[pairs[i]] = pairs[i+1]
		}
		a[`{"active": "perhaps"}`], a[`{"active": null}`] = "active", "active"
		return a
	}
	instrument := s.do(t, s.admin, "POST", "/instruments/", `{"name": "Alpha"}`).want(t, 201).id(t)
	return map[string]kindOf{
		"project": {path: "/projects/", who: s.alice, make: post(s.alice, "/projects/"), foreign: 404,
			first: map[string]any{"name": "TONIC", "description": "d", "is_public": false, "can_share_images": true},
			then:  map[string]any{"name": "TONIC 2", "description": "e", "is_public": true, "can_share_images": false},
			null:  []string{"description"}, follows: []string{"edit_date"},
			filters: map[string]string{"name": "TONIC", "description": "d", "is_public": "false", "can_share_images": "true", "created_by": "Alice@example.org"},
			wrong: and(names("name"), `{"name": ""}`, "name", `{"name": null}`, "name", `{"name": "Validation a"}`, "name",
				`{"is_public": "perhaps"}`, "is_public", `{"is_public": null}`, "is_public", `{"can_share_images": 7}`, "can_share_images")},
		"tissue": {path: "/tissues/", who: s.alice, make: post(s.alice, "/tissues/"), foreign: 403,
			first: map[string]any{"organ": "Liver", "subsite": "left lobe", "diagnosis": "HCC", "description": "d"},
			then:  map[string]any{"organ": "Lung", "subsite": "", "diagnosis": "", "description": "e"},
			null:  []string{"description"}, follows: []string{"name"},
			filters: map[string]string{"organ": "LIVER", "subsite": "left lobe", "diagnosis": "HCC", "description": "d", "name": "Liver left lobe [HCC]"},
			wrong:   and(names("organ", "subsite", "diagnosis"), `{"organ": " "}`, "organ", `{"organ": null}`, "organ")},
		"instrument": {path: "/instruments/", who: s.admin, make: post(s.admin, "/instruments/"), foreign: 403,
			first: map[string]any{"name": "Beta2", "description": "d"}, then: map[string]any{"name": "Beta3", "description": "e"},
			null:    []string{"description"},
			filters: map[string]string{"name": "Beta2", "description": "d"},
			wrong:   and(names("name"), `{"name": "Alpha"}`, "name", `{"name": null}`, "name")},
		"aperture": {path: "/apertures/", who: s.admin, make: post(s.admin, "/apertures/"), foreign: 403,
			first: map[string]any{"code": "F", "name": "50 µm"}, then: map[string]any{"code": "G", "name": "60 µm"}, follows: []string{"label"},
			filters: map[string]string{"code": "F", "label": "F", "name": "50 µm"},
			wrong: and(names("name", "code"), `{"code": "A"}`, "code", `{"code": "12"}`, "code", `{"code": " A"}`, "code", `{"code": null}`, "code",
				`{"code": "`+long(17)+`"}`, "code", `{"name": ""}`, "name")},
		"slide": {path: "/slides/", who: s.alice, make: post(s.alice, "/slides/"), foreign: 404, shown: related,
			first: map[string]any{"name": "S9", "description": "d", "external_id": "x9", "source": "biobank", "lot": "L1", "slide_type": "coated",
				"location": "box 1", "project": to(a.project)},
			then: map[string]any{"name": "S10", "description": "e", "external_id": "x10", "source": "clinic", "lot": "L2", "slide_type": "glass",
				"location": "box 2", "project": to(b.project)},
			null: []string{"description", "external_id", "source", "lot", "slide_type", "location", "project"},
			filters: map[string]string{"name": "S9", "description": "d", "external_id": "x9", "source": "biobank", "lot": "L1", "slide_type": "coated",
				"location": "box 1", "project": itoa(a.project), "project__name": "Validation a"},
			wrong: and(names("name", "external_id", "source", "lot", "slide_type", "location"), `{"name": ""}`, "name",
				`{"project": 99}`, "project", `{"project": "x"}`, "project")},
		"section": {path: "/sections/", who: s.alice, make: post(s.alice, "/sections/"), foreign: 404, shown: related,
			first: map[string]any{"position": "top", "description": "d", "block": "B1", "cut_date": "2022-01-22", "stain_date": "2022-01-23",
				"receive_date": "2022-01-24", "tissue": to(a.tissue), "slide": to(a.slide), "panel": to(a.panel), "project": to(a.project)},
			then: map[string]any{"position": "bottom", "description": "e", "block": "B2", "cut_date": "2022-02-22", "stain_date": "2022-02-23",
				"receive_date": "2022-02-24", "tissue": to(b.tissue), "slide": to(b.slide), "panel": to(b.panel), "project": to(b.project)},
			null: []string{"position", "description", "block", "cut_date", "stain_date", "receive_date", "tissue", "slide", "panel", "project"},
			filters: map[string]string{"position": "top", "description": "d", "block": "B1", "cut_date": "2022-01-22", "stain_date": "2022-01-23",
				"receive_date": "2022-01-24", "tissue": itoa(a.tissue), "slide": itoa(a.slide), "panel": itoa(a.panel), "project": itoa(a.project),
				"tissue__organ": "TONSIL", "tissue__diagnosis": "Unremarkable", "slide__name": "S1", "panel__name": "TONIC", "project__name": "Validation a"},
			wrong: and(names("position", "block"), `{"cut_date": "2022-13-01"}`, "cut_date", `{"stain_date": 7}`, "stain_date",
				`{"receive_date": "soon"}`, "receive_date", `{"tissue": 99}`, "tissue", `{"slide": 99}`, "slide", `{"panel": 99}`, "panel", `{"project": 99}`, "project")},
		"imageset": {path: "/imagesets/", who: s.alice, make: post(s.alice, "/imagesets/"), foreign: 404, shown: related,
			first:   map[string]any{"name": "set", "description": "d", "project": to(a.project), "images": []any{to(a.image)}},
			then:    map[string]any{"name": "set 2", "description": "e", "images": []any{to(a.image), to(a.image + 1)}},
			null:    []string{"description", "project"},
			filters: map[string]string{"name": "set", "description": "d", "project": itoa(a.project), "project__name": "Validation a"},
			wrong: and(names("name"), `{"name": null}`, "name", `{"images": []}`, "images", `{"images": null}`, "images", `{"images": [99]}`, "images",
				`{"images": "x"}`, "images", `{"project": 99}`, "project", fmt.Sprintf(`{"project": %d}`, b.project), "images")},
		"run": {path: "/runs/", who: s.alice, foreign: 404, shown: related,
			make: func(t *testing.T, body map[string]any) int64 {
				var pairs []string
				for field, v := range body {
					if field != "label" && field != "run_date" && field != "instrument" && field != "name" {
						pairs = append(pairs, field, fmt.Sprint(v))
					}
				}
				return idOf(s.addRun(t, s.alice, body["label"].(string), append(pairs, "user_run_date", body["run_date"].(string)+"T00:00:00")...))
			},
			first: map[string]any{"label": "L", "name": "20190308_2169_2170", "description": "d", "operator": "o", "run_date": "2020-01-01", "fov_size": 400.0, "magnification": 100.0,
				"aperture": 1.0, "instrument": 1.0, "project": to(a.project)},
			then: map[string]any{"label": "M", "name": "n", "description": "e", "operator": "p", "run_date": "2020-01-02", "fov_size": 500.0, "magnification": 200.0,
				"aperture": 2.0, "instrument": to(instrument), "project": to(b.project)},
			null: []string{"description", "operator", "run_date", "fov_size", "magnification", "aperture", "project"}, follows: []string{"imageset"},
			filters: map[string]string{"label": "L", "name": "20190308_2169_2170", "description": "d", "operator": "o", "run_date": "2020-01-01", "fov_size": "400",
				"magnification": "100", "aperture": "1", "instrument": "1", "project": itoa(a.project)},
			wrong: and(names("label", "name", "operator"), `{"label": "a"}`, "label", `{"label": null}`, "label", `{"fov_size": "x"}`, "fov_size",
				`{"magnification": "x"}`, "magnification", `{"instrument": null}`, "instrument", `{"instrument": 99}`, "instrument",
				`{"slides": [99]}`, "slides", `{"project": 99}`, "project", `{"aperture": "Z"}`, "aperture")},
		"image": {path: "/images/", who: s.alice, foreign: 404, shown: related,
			make: func(t *testing.T, body map[string]any) int64 {
				body = maps.Clone(body)
				body["run"] = a.run
				return post(s.alice, "/images/")(t, body)
			},
			first: map[string]any{"description": "d", "point": "p", "folder": "Point8/x", "dwell_time": 1.5, "depths": 3.0, "frame": 512.0, "fov_size": 400.0,
				"mass_gain": 0.5, "mass_offset": 0.25, "time_bin": 0.5, "x_coord": 1.5, "y_coord": -2.0, "imaging_preset": "fine", "lens1_voltage": 12.5,
				"aperture": 1.0, "tissue": to(a.tissue), "section": to(a.section), "project": to(a.project)},
			then: map[string]any{"description": "e", "point": "q", "folder": "FOV9/y", "dwell_time": 2.5, "depths": 4.0, "frame": 1024.0, "fov_size": 500.0,
				"mass_gain": 0.6, "mass_offset": 0.35, "time_bin": 0.6, "x_coord": 2.5, "y_coord": 3.0, "imaging_preset": "coarse", "lens1_voltage": 0.0,
				"aperture": 5.0, "tissue": to(b.tissue), "section": to(b.section), "project": to(b.project)},
			null: []string{"description", "point", "dwell_time", "depths", "frame", "fov_size", "mass_gain", "mass_offset", "time_bin", "x_coord", "y_coord",
				"imaging_preset", "lens1_voltage", "aperture", "tissue", "section"},
			follows: []string{"number", "formatted_tissue"},
			filters: map[string]string{"description": "d", "point": "p", "folder": "Point8/x", "number": "Point8", "dwell_time": "1.5", "depths": "3", "frame": "512",
				"fov_size": "400", "mass_gain": "0.5", "mass_offset": "0.25", "time_bin": "0.5", "x_coord": "1.5", "y_coord": "-2", "imaging_preset": "fine",
				"lens1_voltage": "12.5", "aperture": "1", "tissue": itoa(a.tissue), "section": itoa(a.section), "project": itoa(a.project), "run": itoa(a.run),
				"status": "U", "run__label": "a", "tissue__organ": "tonsil"},
			wrong: and(names("point", "imaging_preset"), `{"folder": "a/../b"}`, "folder", `{"folder": "`+long(256)+`/x"}`, "folder", `{"number": "other"}`, "number",
				`{"tissue": 99}`, "tissue", `{"section": 99}`, "section", `{"frame": 0}`, "frame", `{"depths": -1}`, "depths", `{"x_coord": "left"}`, "x_coord")},
	}
}

// Every field of every kind goes there and back: when the object is made, when
// the field alone is changed, and as null.
func TestEveryFieldRoundTrips(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for name, k := range s.kinds(t) {
		t.Run(name, func(t *testing.T) {
			at := k.path + itoa(k.make(t, k.first)) + "/"
			now := s.do(t, k.who, "GET", at, nil).want(t, 200).object(t)
			k.expect(t, k.first, now)
			for _, values := range []map[string]any{k.then, k.first} {
				for _, field := range slices.Sorted(maps.Keys(values)) {
					now = k.put(t, s, at, now, field, values[field])
				}
			}
			for _, field := range k.null {
				now = k.put(t, s, at, now, field, nil)
			}
			// Nothing given, nothing changed.
			k.same(t, now, s.do(t, k.who, "PATCH", at, "{}").want(t, 200).object(t), "")
		})
	}
}

// put changes one field and holds all others against what they were.
func (k kindOf) put(t *testing.T, s *server, at string, before map[string]any, field string, value any) map[string]any {
	t.Helper()
	got := s.do(t, k.who, "PUT", at, map[string]any{field: value}).want(t, 200).object(t)
	k.expect(t, map[string]any{field: value}, got)
	k.same(t, before, got, field)
	if diff := cmp.Diff(got, s.do(t, k.who, "GET", at, nil).want(t, 200).object(t)); diff != "" {
		t.Errorf("%s: PUT and GET differ: %s", field, diff)
	}
	return got
}

func (k kindOf) expect(t *testing.T, want, got map[string]any) {
	t.Helper()
	for field, v := range want {
		have := got[field]
		if show := k.shown[field]; show != nil {
			have = show(have)
		}
		if diff := cmp.Diff(v, have); diff != "" {
			t.Errorf("%s: %s", field, diff)
		}
	}
}

// same compares two answers but for a field, and what is made of others.
func (k kindOf) same(t *testing.T, before, after map[string]any, but string) {
	t.Helper()
	for field := range before {
		if field == but || slices.Contains(k.follows, field) {
			continue
		}
		if diff := cmp.Diff(before[field], after[field]); diff != "" {
			t.Errorf("changing %q changed %s: %s", but, field, diff)
		}
	}
}

// A list finds an object by each of its fields, and does not by another value.
func TestEveryFilterFinds(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for name, k := range s.kinds(t) {
		t.Run(name, func(t *testing.T) {
			id := k.make(t, k.first)
			for field, value := range k.filters {
				if ids := s.ids(t, k.who, k.path+"?"+field+"="+url.QueryEscape(value)); !slices.Contains(ids, id) {
					t.Errorf("%s=%s finds %v, not %d", field, value, ids, id)
				}
				other, ok := k.then[field]
				if !ok || field == "status" {
					continue
				}
				if ids := s.ids(t, k.who, k.path+"?"+field+"="+url.QueryEscape(fmt.Sprint(other))); slices.Contains(ids, id) {
					t.Errorf("%s=%v finds %d, which has another", field, other, id)
				}
			}
		})
	}
}

func (s *server) ids(t *testing.T, who user, path string) (out []int64) {
	t.Helper()
	for _, one := range s.do(t, who, "GET", path+"&paging=no", nil).want(t, 200).array(t) {
		out = append(out, idOf(one))
	}
	return out
}

// What is deleted is hidden from lists, answers under its id, and comes back.
func TestEveryKindIsDeletedSoftly(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for name, k := range s.kinds(t) {
		t.Run(name, func(t *testing.T) {
			id := k.make(t, k.first)
			at := k.path + itoa(id) + "/"
			listed := func(want bool) {
				t.Helper()
				if got := slices.Contains(s.ids(t, k.who, k.path+"?active=true"), id); got != want {
					t.Errorf("listed among the living: %v", got)
				}
				if got := slices.Contains(s.ids(t, k.who, k.path+"?limit=1"), id); got != want {
					t.Errorf("listed: %v", got)
				}
				if got := slices.Contains(s.ids(t, k.who, k.path+"?active=false"), id); got == want {
					t.Errorf("listed among the deleted: %v", got)
				}
			}
			for range 2 {
				if got := s.do(t, k.who, "DELETE", at, nil).want(t, 204); len(got.body) > 0 {
					t.Errorf("DELETE answers %q", got.body)
				}
				s.do(t, k.who, "GET", at, nil).want(t, 200, `"active":false`)
				listed(false)
			}
			s.do(t, k.who, "PUT", at, `{"active": true}`).want(t, 200, `"active":true`)
			listed(true)
			s.do(t, k.who, "PATCH", at, `{"active": false}`).want(t, 200, `"active":false`)
			listed(false)
		})
	}
}
