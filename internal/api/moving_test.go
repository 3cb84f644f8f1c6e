package api_test

import (
	"testing"

	"github.com/openmibi/openmibi/internal/store"
)

// Nobody takes an object out of their own sight: the change would be made, and
// answered with 404.
func TestLeaveAProject(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.addLab(t, s.alice, "shared")
	must(t, s.store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.SetProjectRole(t.Context(), l.project, s.bob.id, modelRole("editor"))
	}))
	run, image := "/runs/"+itoa(l.run)+"/", "/images/"+itoa(l.image)+"/"
	s.do(t, s.bob, "PUT", run, `{"project": null, "operator": "bob"}`).want(t, 400, `"project"`)
	if got := s.do(t, s.alice, "GET", run, nil).object(t); got["project"] == nil || got["operator"] != nil {
		t.Errorf("after a refused change: %v", got)
	}

	bobs := s.do(t, s.bob, "POST", "/projects/", `{"name": "Bob's"}`).want(t, 201).id(t)
	s.do(t, s.bob, "PUT", image, map[string]any{"project": bobs}).want(t, 200)
	s.do(t, s.bob, "PUT", image, `{"project": null}`).want(t, 200) // back to its run's
	s.do(t, s.bob, "PUT", image, map[string]any{"project": bobs}).want(t, 200)
	must(t, s.store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.SetProjectRole(t.Context(), l.project, s.bob.id, modelRole(""))
	}))
	s.do(t, s.bob, "PUT", image, `{"project": null}`).want(t, 400, `"project"`)

	s.do(t, s.alice, "PUT", run, `{"project": null}`).want(t, 200)
	s.do(t, s.admin, "PUT", run, map[string]any{"project": l.project}).want(t, 200)
}

// An image is whose its run is, whoever added it.
func TestImageOfARunOutsideProjects(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	run := s.addRun(t, s.alice, "own")
	added := s.do(t, s.admin, "POST", "/images/", map[string]any{"run": idOf(run), "folder": "Point9/RowNumber0/Depth_Profile0"}).want(t, 201).id(t)
	s.do(t, s.alice, "PUT", "/images/"+itoa(added)+"/", `{"point": "mine"}`).want(t, 200)
	if got := imagesOf(s.do(t, s.alice, "GET", "/runs/"+itoa(idOf(run))+"/", nil).object(t)); len(got) != 3 {
		t.Errorf("%d images in the run, want 3", len(got))
	}

	// An editor's image stays with the run that leaves the project.
	l := s.addLab(t, s.alice, "shared")
	must(t, s.store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.SetProjectRole(t.Context(), l.project, s.bob.id, modelRole("editor"))
	}))
	added = s.do(t, s.bob, "POST", "/images/", map[string]any{"run": l.run, "folder": "Point9/RowNumber0/Depth_Profile0"}).want(t, 201).id(t)
	s.do(t, s.alice, "PUT", "/runs/"+itoa(l.run)+"/", `{"project": null}`).want(t, 200)
	s.do(t, s.alice, "GET", "/images/"+itoa(added)+"/", nil).want(t, 200)
	s.do(t, s.bob, "GET", "/images/"+itoa(added)+"/", nil).want(t, 404)
}
