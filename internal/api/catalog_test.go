package api_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/api"
)

// What a new data folder has.
func TestSeeds(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	var codes []any
	for _, a := range s.do(t, s.alice, "GET", "/apertures/?paging=no&ordering=code", nil).want(t, 200).array(t) {
		codes = append(codes, a.(map[string]any)["code"], a.(map[string]any)["name"])
	}
	if diff := cmp.Diff([]any{"A", "1 mm", "B", "300 µm", "C", "100 µm", "D", "30 µm", "E", "500 µm"}, codes); diff != "" {
		t.Error(diff)
	}
	s.do(t, s.alice, "GET", "/apertures/?code=C", nil).want(t, 200, `"count":1`, `{"id":3,"code":"C","label":"C","name":"100 µm","active":true}`)
	s.do(t, s.alice, "GET", "/apertures/5/", nil).want(t, 200, `"code":"E"`)
	s.do(t, s.alice, "GET", "/apertures/6/", nil).want(t, 404, "detail")
	s.do(t, s.alice, "GET", "/instruments/?paging=no", nil).want(t, 200, `"name":"MIBIscope"`)
}

func TestCatalog(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, c := range []struct {
		who    user
		path   string
		body   any
		status int
		text   string
	}{
		{s.alice, "/instruments/", `{"name": "Beta2"}`, 403, `"detail":"This is for administrators."`},
		{s.admin, "/instruments/", `{"name": "Beta2"}`, 201, `"active":true`},
		{s.admin, "/instruments/", `{"name": "Beta2"}`, 400, `"name"`},
		{s.admin, "/instruments/", `{}`, 400, `"name"`},
		{s.alice, "/projects/", `{"name": "TONIC", "description": "d"}`, 201, `"is_admin":true,"active":true,"can_view":true,"can_edit":true,"is_public":false,"created_by":"alice@example.org"`},
		{s.alice, "/projects/", `{"name": "TONIC"}`, 400, `"name"`},
		{s.bob, "/projects/", `{"name": "TONIC"}`, 201, `"created_by":"bob@example.org"`},
		{s.bob, "/projects/", `{"name": ""}`, 400, `"name"`},
		{s.alice, "/tissues/", `{"organ": "Tonsil", "subsite": "left", "diagnosis": "d"}`, 201, `"name":"Tonsil left [d]"`},
		{s.alice, "/tissues/", `{"subsite": "left"}`, 400, `"organ"`},
		{s.alice, "/slides/", `{"name": "S", "project": 1, "external_id": "e", "lot": "l", "slide_type": "coated", "location": "x", "source": "y"}`, 201,
			`"external_id":"e","source":"y","name":"S","lot":"l","slide_type":"coated","location":"x","project":{"id":1,`},
		{s.bob, "/slides/", `{"name": "S", "project": 1}`, 400, `"project"`},
		{s.alice, "/sections/", `{"slide": 1, "tissue": 1, "cut_date": "2022-01-22T00:00:00"}`, 201, `"cut_date":"2022-01-22"`},
		{s.bob, "/sections/", `{"slide": 1}`, 400, `"slide"`},
		{s.bob, "/sections/", `{"tissue": 1, "panel": 4}`, 400, `"panel"`},
		{s.alice, "/sections/", `{"cut_date": "tomorrow"}`, 400, `"cut_date"`},
		{s.alice, "/panels/", `{"name": "P", "conjugates": [{"target": "CD3", "mass": 159}, {"target": "CD8"}]}`, 400, `2. conjugate, mass`},
		{s.alice, "/panels/", `{"name": "P", "conjugates": [null]}`, 400, `1. conjugate, target`},
		{s.alice, "/panels/", `{"name": "P", "conjugates": {"a": 1}}`, 400, `"conjugates"`},
		{s.alice, "/panels/", `{"name": "P", "conjugates": [{"target": "CD3", "mass": 15900}]}`, 400, `"conjugates"`},
		{s.alice, "/panels/", `{"name": "P", "is_draft": true}`, 201, `"conjugates":[]`},
		{s.alice, "/panels/", `{"name": "P"}`, 201, `"batches":[],"previous_id":null,"next_id":null,"owned_by_user":true`},
	} {
		s.do(t, c.who, "POST", c.path, c.body).want(t, c.status, c.text)
	}
	// What is another's is not there; the lab's vocabulary is everyone's.
	for path, status := range map[string]int{
		"/projects/1/": 404, "/slides/1/": 404, "/sections/1/": 404, "/panels/1/": 404, "/tissues/1/": 200, "/instruments/2/": 200, "/imagesets/1/": 404,
		"/projects/99/": 404, "/tissues/99/": 404, "/instruments/99/": 404, "/users/me/": 200, "/users/me": 200,
	} {
		s.do(t, s.bob, "GET", path, nil).want(t, status)
	}
	for _, path := range []string{"/projects/1/", "/slides/1/", "/sections/1/", "/panels/1/", "/tissues/1/", "/instruments/1/"} {
		if got := s.do(t, s.alice, "GET", path, nil).want(t, 200); got.id(t) != 1 {
			t.Errorf("%s: %s", path, got.body)
		}
	}
}

// A crash between the file's bytes and the commit leaves the file to the
// collector; one after the commit loses nothing.
func TestCrashMoments(t *testing.T) {
	t.Parallel()
	crash := errors.New("the power went")
	for moment, want := range map[string]struct{ runs, garbage int }{
		"run.staged":        {0, 0}, // the request still tidied up
		"run.before-commit": {0, 1},
		"run.after-commit":  {1, 0},
	} {
		t.Run(moment, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, func(c *api.Config) {
				c.Hook = func(_ context.Context, m string) error {
					if m == moment {
						return crash
					}
					return nil
				}
			})
			s.do(t, s.alice, "POST", "/runs/", runForm("x", runXML)).want(t, 500, "detail")
			if got := s.do(t, s.alice, "GET", "/runs/", nil).object(t)["count"]; got != float64(want.runs) {
				t.Errorf("%v runs, want %d", got, want.runs)
			}
			due, err := s.store.DueGarbage(t.Context(), far, 10)
			must(t, err)
			if len(due) != want.garbage || len(s.stored(t)) != want.runs+want.garbage {
				t.Errorf("garbage %v, blobs %v", due, s.stored(t))
			}
		})
	}
}
