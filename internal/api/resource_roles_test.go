package api_test

import (
	"maps"
	"testing"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

func (s *server) setRole(t *testing.T, project int64, who user, role model.Role) {
	t.Helper()
	must(t, s.store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.SetProjectRole(t.Context(), project, who.id, role)
	}))
}

// Who may change what lies in a project, and the project itself.
func TestEveryKindByRole(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.addLab(t, s.alice, "roles")
	set := s.do(t, s.alice, "POST", "/imagesets/", map[string]any{"name": "set", "project": l.project, "images": []int64{l.image}}).want(t, 201).id(t)
	people := map[string]user{"alice": s.alice, "admin": s.admin, "other": s.bob}
	for _, role := range []string{"viewer", "editor", "manager"} {
		people[role] = s.addUser(t, role+"@example.org", false)
		s.setRole(t, l.project, people[role], model.Role(role))
	}
	// Who made it all has left.
	s.setRole(t, l.project, s.alice, model.RoleNone)
	inside := map[string]int{"alice": 404, "other": 404, "viewer": 403, "editor": 200, "manager": 200, "admin": 200}
	words := map[string]int{"alice": 403, "other": 403, "viewer": 403, "editor": 403, "manager": 403, "admin": 200}
	project, tissue, public := maps.Clone(inside), maps.Clone(words), maps.Clone(inside)
	project["editor"], tissue["alice"] = 403, 200
	public["alice"], public["other"] = 403, 403
	for _, open := range []bool{false, true} {
		if open {
			s.do(t, s.admin, "PUT", "/projects/"+itoa(l.project)+"/", `{"is_public": true}`).want(t, 200)
			maps.Copy(inside, public)
			project["alice"], project["other"] = 403, 403
		}
		for path, want := range map[string]map[string]int{
			"/projects/" + itoa(l.project): project, "/slides/" + itoa(l.slide): inside, "/sections/" + itoa(l.section): inside,
			"/imagesets/" + itoa(set): inside, "/runs/" + itoa(l.run): inside, "/images/" + itoa(l.image): inside,
			"/tissues/" + itoa(l.tissue): tissue, "/instruments/1": words, "/apertures/1": words,
		} {
			for name, who := range people {
				s.do(t, who, "PUT", path+"/", `{}`).want(t, want[name])
				s.do(t, who, "PATCH", path+"/", `{"active": true}`).want(t, want[name])
				deleted := want[name]
				if deleted == 200 {
					deleted = 204
				}
				s.do(t, who, "DELETE", path+"/", nil).want(t, deleted)
				s.do(t, s.admin, "PUT", path+"/", `{"active": true}`).want(t, 200)
			}
		}
	}
	for name, who := range people {
		status := 403
		if name == "admin" {
			status = 400
		}
		s.do(t, who, "POST", "/instruments/", `{}`).want(t, status)
		s.do(t, who, "POST", "/apertures/", `{}`).want(t, status)
	}
}

// Moving needs the right to change things in both projects, and what leaves
// all of them is its creator's.
func TestMoving(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.addLab(t, s.alice, "moving")
	s.setRole(t, l.project, s.bob, model.RoleEditor)
	post := func(body string) int64 { return s.do(t, s.alice, "POST", "/projects/", body).want(t, 201).id(t) }
	hidden, seen, shared := post(`{"name": "hidden"}`), post(`{"name": "seen", "is_public": true}`), post(`{"name": "shared"}`)
	s.setRole(t, shared, s.bob, model.RoleEditor)
	gone := post(`{"name": "gone"}`)
	s.setRole(t, gone, s.bob, model.RoleEditor)
	s.do(t, s.alice, "DELETE", "/projects/"+itoa(gone)+"/", nil).want(t, 204)
	for _, path := range []string{"/slides/" + itoa(l.slide), "/sections/" + itoa(l.section), "/runs/" + itoa(l.run), "/images/" + itoa(l.image)} {
		move := func(to any) answer { return s.do(t, s.bob, "PUT", path+"/", map[string]any{"project": to}) }
		move(hidden).want(t, 400, "no such object")
		move(9999).want(t, 400, "no such object")
		move(gone).want(t, 400, "deleted")
		move(seen).want(t, 403, "detail")
		move(l.project).want(t, 200)
		if path[:4] != "/ima" {
			move(nil).want(t, 400, `"project"`) // it would be out of his sight
		}
		move(shared).want(t, 200)
		move(l.project).want(t, 200)
	}
	// What lies in a deleted project stays, and can be changed where it is.
	s.do(t, s.alice, "DELETE", "/projects/"+itoa(l.project)+"/", nil).want(t, 204)
	s.do(t, s.bob, "PUT", "/slides/"+itoa(l.slide)+"/", map[string]any{"project": l.project, "name": "x"}).want(t, 200, `"active":false`)
	s.do(t, s.bob, "POST", "/slides/", map[string]any{"project": l.project, "name": "y"}).want(t, 400, "deleted")
	s.do(t, s.alice, "PUT", "/slides/"+itoa(l.slide)+"/", `{"project": null}`).want(t, 200, `"project":null`)
	s.do(t, s.bob, "GET", "/slides/"+itoa(l.slide)+"/", nil).want(t, 404)
}
