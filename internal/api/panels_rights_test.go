package api_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/store"
)

func (s *server) addMember(t *testing.T, project int64, who user, role string) {
	t.Helper()
	must(t, s.store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.SetProjectRole(t.Context(), project, who.id, modelRole(role))
	}))
}

func TestPanelRights(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	project := s.do(t, s.alice, "POST", "/projects/", `{"name": "TONIC"}`).want(t, 201).id(t)
	viewer, editor := s.addUser(t, "viewer@example.org", false), s.addUser(t, "editor@example.org", false)
	s.addMember(t, project, viewer, "viewer")
	s.addMember(t, project, editor, "editor")
	inProject := s.addPanel(t, s.alice, `{"name": "P", "project": `+itoa(project)+`, "conjugates": [{"target": "CD3", "mass": 159}]}`)
	alone := s.addPanel(t, s.alice, `{"name": "Q"}`)
	for _, test := range []struct {
		who              user
		panel            map[string]any
		see, edit, again int // read, change, and the next version
		owner            bool
	}{
		{user{}, inProject, 401, 401, 401, false},
		{s.bob, inProject, 404, 404, 400, false},
		{viewer, inProject, 200, 403, 403, false},
		{editor, inProject, 200, 200, 201, false},
		{s.alice, inProject, 200, 200, 201, true},
		{s.admin, inProject, 200, 200, 201, false},
		{user{}, alone, 401, 401, 401, false},
		{s.bob, alone, 404, 404, 400, false},
		{editor, alone, 404, 404, 400, false},
		{s.alice, alone, 200, 200, 201, true},
		{s.admin, alone, 200, 200, 201, false},
	} {
		path := panelPath(test.panel)
		got := s.do(t, test.who, "GET", path, nil).want(t, test.see)
		if test.see == 200 && got.object(t)["owned_by_user"] != test.owner {
			t.Errorf("%s: owned_by_user %s", test.who.email, got.body)
		}
		s.do(t, test.who, "GET", path+"csv/", nil).want(t, test.see)
		s.do(t, test.who, "PUT", path, `{"description": "d"}`).want(t, test.edit)
		s.do(t, test.who, "PATCH", path, `{"description": "d", "name": 7}`).want(t, test.edit)
		s.do(t, test.who, "POST", "/panels/", `{"previous_id": `+itoa(idOf(test.panel))+`}`).want(t, test.again)
		if test.edit != 200 {
			s.do(t, test.who, "DELETE", path, nil).want(t, test.edit)
		}
	}
	s.do(t, s.alice, "GET", "/panels/99/csv/", nil).want(t, 404)
	s.do(t, s.alice, "GET", "/panels/x/csv/", nil).want(t, 404)
	// Into a project goes only who may add there, and out of it only the creator takes.
	for _, who := range []user{viewer, s.bob} {
		status := map[user]int{viewer: 403, s.bob: 400}[who]
		s.do(t, who, "POST", "/panels/", `{"name": "P", "project": `+itoa(project)+`}`).want(t, status)
	}
	s.do(t, editor, "PUT", panelPath(inProject), `{"project": null}`).want(t, 400, `"project"`)
	s.do(t, s.alice, "PUT", panelPath(inProject), `{"project": null}`).want(t, 200, `"project":null`)
	s.do(t, s.alice, "PUT", panelPath(inProject), `{"project": `+itoa(project)+`}`).want(t, 200, `"name":"TONIC"`)
	// An antibody conjugate is another panel's only for who sees one that has it.
	used := jsonText(t, partsOf(t, inProject, "conjugates")[0]["conjugate_id"])
	body := `{"name": "R", "conjugates": [{"target": "CD3", "mass": 159, "conjugate_id": ` + used + `}]}`
	s.do(t, s.bob, "POST", "/panels/", body).want(t, 400, "conjugate_id")
	s.do(t, viewer, "POST", "/panels/", body).want(t, 201, `"conjugate_id":`+used)
	s.do(t, s.alice, "PUT", "/projects/"+itoa(project)+"/", `{"active": false}`).want(t, 200)
	s.do(t, s.alice, "POST", "/panels/", `{"name": "P", "project": `+itoa(project)+`}`).want(t, 400, `"project"`)
	s.do(t, s.alice, "POST", "/panels/", `{"previous_id": `+itoa(idOf(inProject))+`}`).want(t, 400, `"project"`)
}

// A next version has what is not given from the version before, and its
// conjugates are the same antibodies.
func TestPanelVersions(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	first := s.addPanel(t, s.alice, fullPanel)
	id := itoa(idOf(first))
	second := s.addPanel(t, s.alice, `{"previous_id": `+id+`}`)
	if second["previous_id"] != first["id"] || second["next_id"] != nil || second["name"] != "TONIC_TNBC" || second["dilution"] != 0.5 {
		t.Errorf("the next version: %v", second)
	}
	for _, part := range []string{"batches", "conjugates"} {
		was, is := partsOf(t, first, part), partsOf(t, second, part)
		if diff := cmp.Diff(withoutFields(was, "id"), withoutFields(is, "id")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", part, diff)
		}
		if was[0]["id"] == is[0]["id"] {
			t.Errorf("%s are shared: %v", part, is)
		}
	}
	// What is given wins: a conjugate of the version before is known by its id.
	old := partsOf(t, first, "conjugates")
	third := s.addPanel(t, s.alice, `{"previous_id": `+id+`, "name": "third", "conjugates": [{"id": `+jsonText(t, old[1]["id"])+`, "titer": 3}, {"target": "new", "mass": 1}]}`)
	now := partsOf(t, third, "conjugates")
	if len(now) != 2 || now[0]["conjugate_id"] != old[1]["id"] || now[0]["id"] == old[1]["id"] || now[0]["titer"] != 3.0 || now[1]["conjugate_id"] != now[1]["id"] || third["name"] != "third" {
		t.Errorf("the third version: %v", third)
	}
	read := func(who user, panel map[string]any) map[string]any {
		t.Helper()
		return s.do(t, who, "GET", panelPath(panel), nil).want(t, 200).object(t)
	}
	if got := read(s.alice, first); got["next_id"] != third["id"] {
		t.Errorf("next_id %v, want the latest, %v", got["next_id"], third["id"])
	}
	// What is deleted does not come after, but it came before.
	s.do(t, s.alice, "DELETE", panelPath(third), nil).want(t, 204)
	if got := read(s.alice, first); got["next_id"] != second["id"] {
		t.Errorf("next_id %v, want %v", got["next_id"], second["id"])
	}
	s.do(t, s.alice, "DELETE", panelPath(first), nil).want(t, 204)
	if got := read(s.alice, second); got["previous_id"] != first["id"] {
		t.Errorf("previous_id %v", got["previous_id"])
	}
	// Versions that the caller does not see are not there.
	open := s.do(t, s.alice, "POST", "/projects/", `{"name": "open", "is_public": true}`).want(t, 201).id(t)
	shown := s.addPanel(t, s.alice, `{"name": "shown", "project": `+itoa(open)+`, "previous_id": `+itoa(idOf(second))+`}`)
	if got := read(s.bob, shown); got["previous_id"] != nil {
		t.Errorf("bob sees the version before: %v", got)
	}
	hidden := s.do(t, s.alice, "POST", "/projects/", `{"name": "hidden"}`).want(t, 201).id(t)
	s.addPanel(t, s.alice, `{"previous_id": `+itoa(idOf(shown))+`, "project": `+itoa(hidden)+`}`)
	if got := read(s.bob, shown); got["next_id"] != nil {
		t.Errorf("bob sees the version after: %v", got)
	}
	if got := s.do(t, s.bob, "GET", "/panels/?previous_id="+itoa(idOf(second)), nil).want(t, 200).object(t)["count"]; got != 0.0 {
		t.Errorf("bob finds by the version before: %v", got)
	}
	s.do(t, s.alice, "PUT", panelPath(shown), `{"previous_id": null}`).want(t, 400, `"previous_id"`)
}

// The conjugates of an image are those of its section's panel, in its order.
func TestImageConjugates(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.addLab(t, s.alice, "x")
	path := "/images/" + itoa(l.image) + "/"
	s.do(t, s.alice, "GET", path+"conjugates/?paging=no", nil).want(t, 200, "[]")
	s.do(t, s.alice, "PUT", path, `{"section": `+itoa(l.section)+`}`).want(t, 200)
	panel := s.do(t, s.alice, "GET", "/panels/"+itoa(l.panel)+"/", nil).object(t)
	if diff := cmp.Diff(panel["conjugates"], s.do(t, s.alice, "GET", path+"conjugates/?paging=no", nil).want(t, 200).json(t)); diff != "" {
		t.Errorf("-panel +image:\n%s", diff)
	}
	s.do(t, s.alice, "GET", path+"conjugates/?limit=1", nil).want(t, 200, `"count":2`, `"next":"http`, `"previous":null`, "Calprotectin")
	s.do(t, s.alice, "GET", path+"conjugates/?lot=1352", nil).want(t, 200, `"count":1`)
	s.do(t, s.alice, "GET", path+"conjugates/?colour=1", nil).want(t, 400, `"colour"`)
	s.do(t, s.bob, "GET", path+"conjugates/", nil).want(t, 404)
	s.do(t, s.alice, "PUT", "/sections/"+itoa(l.section)+"/", `{"panel": null}`).want(t, 200)
	s.do(t, s.alice, "GET", path+"conjugates/?paging=no", nil).want(t, 200, "[]")
}
