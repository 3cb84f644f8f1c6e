package api_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

func (s *server) roles(t *testing.T, who user, path string) map[string]any {
	t.Helper()
	out := map[string]any{}
	for _, m := range s.do(t, who, "GET", path+"?paging=no", nil).want(t, 200).array(t) {
		out[m.(map[string]any)["email"].(string)] = m.(map[string]any)["role"]
	}
	return out
}

func TestMembers(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	project := s.do(t, s.alice, "POST", "/projects/", `{"name": "p"}`).want(t, 201).object(t)
	at := "/projects/" + itoa(idOf(project)) + "/"
	members := at + "members/"
	carol, dave := s.addUser(t, "carol@example.org", false), s.addUser(t, "dave@example.org", false)

	// Being a member is what makes it visible, at once.
	s.do(t, s.bob, "GET", at, nil).want(t, 404)
	s.do(t, s.alice, "POST", members, `{"email": " Bob@Example.org", "role": "viewer"}`).want(t, 201,
		fmt.Sprintf(`{"id":%d,"email":"bob@example.org","role":"viewer","active":true}`, s.bob.id))
	s.do(t, s.bob, "GET", at, nil).want(t, 200, `"is_admin":false`, `"can_view":true,"can_edit":false`)
	bob := members + itoa(s.bob.id) + "/"
	s.do(t, s.alice, "PUT", bob, `{"role": "editor"}`).want(t, 200, `"role":"editor"`)
	s.do(t, s.bob, "GET", at, nil).want(t, 200, `"is_admin":false`, `"can_view":true,"can_edit":true`)
	s.do(t, s.alice, "PATCH", bob, `{"role": "manager"}`).want(t, 200, `"role":"manager"`)
	s.do(t, s.bob, "GET", at, nil).want(t, 200, `"is_admin":true`)
	s.do(t, s.bob, "PATCH", bob, `{}`).want(t, 200, `"role":"manager"`)
	s.do(t, s.bob, "POST", members, `{"email": "carol@example.org", "role": "viewer"}`).want(t, 201)
	if diff := cmp.Diff(map[string]any{"alice@example.org": "manager", "bob@example.org": "manager", "carol@example.org": "viewer"}, s.roles(t, carol, members)); diff != "" {
		t.Error(diff)
	}
	for query, want := range map[string]float64{"role=manager": 2, "email=carol@example.org": 1, "id=" + itoa(carol.id): 1, "role=viewer&id=1": 0} {
		if got := s.do(t, s.alice, "GET", members+"?"+query, nil).want(t, 200).object(t)["count"]; got != want {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}

	// It changed the project.
	if again := s.do(t, s.alice, "GET", at, nil).object(t); again["edit_date"] == project["edit_date"] {
		t.Errorf("edit_date stays at %v", again["edit_date"])
	}

	// Who may not see them, and who may not change them.
	for _, open := range []bool{false, true} {
		hidden := 404
		if open {
			s.do(t, s.alice, "PUT", at, `{"is_public": true}`).want(t, 200)
			hidden = 403
		}
		for who, want := range map[user]struct{ list, change int }{
			s.admin: {200, 200}, s.alice: {200, 200}, carol: {200, 403}, dave: {hidden, hidden}, {}: {401, 401},
		} {
			s.do(t, who, "GET", members, nil).want(t, want.list)
			s.do(t, who, "PUT", bob, `{"role": "manager"}`).want(t, want.change)
			s.do(t, who, "PUT", bob, `{}`).want(t, want.change)
			if want.change != 200 {
				s.do(t, who, "POST", members, `{"email": "dave@example.org", "role": "viewer"}`).want(t, want.change)
				s.do(t, who, "DELETE", bob, nil).want(t, want.change)
				s.do(t, who, "DELETE", members+itoa(s.alice.id)+"/", nil).want(t, want.change)
			}
		}
	}

	must(t, s.store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.SetActive(t.Context(), dave.id, false, time.Now())
	}))
	for body, field := range map[string]string{
		`{}`: "email", `{"email": "bob@example.org"}`: "role", `{"email": "bob@example.org", "role": "viewer"}`: "email",
		`{"email": "nobody@example.org", "role": "viewer"}`: "email", `{"email": "dave@example.org", "role": "viewer"}`: "email",
		`{"email": "carol@example.org", "role": "owner"}`: "role", `{"email": "carol@example.org", "role": null}`: "role",
		`{"email": "carol@example.org", "role": "none"}`: "role", `{"email": "carol@example.org", "role": ""}`: "role",
	} {
		s.do(t, s.alice, "POST", members, body).want(t, 400, `"`+field+`"`)
	}
	for _, body := range []string{`{"role": "owner"}`, `{"role": ""}`, `{"role": null}`, `{"role": 7}`} {
		s.do(t, s.alice, "PUT", bob, body).want(t, 400, `"role"`)
	}
	s.do(t, s.alice, "PUT", members+"9999/", `{"role": "viewer"}`).want(t, 404, "detail")
	s.do(t, s.alice, "PUT", "/projects/9999/members/1/", `{"role": "viewer"}`).want(t, 404, "detail")
	s.do(t, s.alice, "POST", bob, `{}`).want(t, 405)
	s.do(t, s.alice, "DELETE", members, nil).want(t, 405)

	// Whoever leaves, leaves; and then it is out of sight.
	s.do(t, s.alice, "PUT", at, `{"is_public": false}`).want(t, 200)
	s.do(t, carol, "DELETE", members+itoa(carol.id)+"/", nil).want(t, 204)
	s.do(t, carol, "GET", at, nil).want(t, 404)
	s.do(t, s.alice, "DELETE", members+itoa(carol.id)+"/", nil).want(t, 404)
	s.do(t, s.alice, "DELETE", bob, nil).want(t, 204)
	s.do(t, s.bob, "GET", at, nil).want(t, 404)
}

// A project keeps a manager who can log in, unless an administrator decides.
func TestLastManager(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	at := "/projects/" + itoa(s.do(t, s.alice, "POST", "/projects/", `{"name": "p"}`).want(t, 201).id(t)) + "/members/"
	alice, bob := at+itoa(s.alice.id)+"/", at+itoa(s.bob.id)+"/"
	refused := func() {
		t.Helper()
		s.do(t, s.alice, "DELETE", alice, nil).want(t, 400, "last manager")
		s.do(t, s.alice, "PUT", alice, `{"role": "editor"}`).want(t, 400, "last manager")
		s.do(t, s.alice, "PUT", alice, `{"role": "manager"}`).want(t, 200)
	}
	refused()
	s.do(t, s.alice, "POST", at, `{"email": "bob@example.org", "role": "manager"}`).want(t, 201)
	must(t, s.store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.SetActive(t.Context(), s.bob.id, false, time.Now())
	}))
	refused()
	s.do(t, s.alice, "DELETE", bob, nil).want(t, 204) // who cannot log in is nobody's last manager
	s.do(t, s.admin, "PUT", alice, `{"role": "viewer"}`).want(t, 200)
	s.do(t, s.admin, "DELETE", alice, nil).want(t, 204)
}

// Two managers who go at the same moment do not both go.
func TestManagersGoAtOnce(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for round := range 10 {
		id := s.do(t, s.alice, "POST", "/projects/", fmt.Sprintf(`{"name": "p%d"}`, round)).want(t, 201).id(t)
		s.setRole(t, id, s.bob, model.RoleManager)
		var group sync.WaitGroup
		for _, who := range []user{s.alice, s.bob} {
			group.Go(func() { s.do(t, who, "DELETE", fmt.Sprintf("/projects/%d/members/%d/", id, who.id), nil) })
		}
		group.Wait()
		if left := s.roles(t, s.admin, fmt.Sprintf("/projects/%d/members/", id)); len(left) != 1 {
			t.Fatalf("round %d: %v are left", round, left)
		}
	}
}

func TestTooManyMembers(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	id := s.do(t, s.alice, "POST", "/projects/", `{"name": "p"}`).want(t, 201).id(t)
	must(t, s.store.Write(t.Context(), func(tx *store.Tx) error {
		for i := range 998 {
			account, err := tx.AddAccount(t.Context(), fmt.Sprintf("m%d@example.org", i), "", false)
			if err != nil {
				return err
			}
			if err := tx.SetProjectRole(t.Context(), id, account, model.RoleViewer); err != nil {
				return err
			}
		}
		return nil
	}))
	at := fmt.Sprintf("/projects/%d/members/", id)
	s.do(t, s.alice, "POST", at, `{"email": "bob@example.org", "role": "viewer"}`).want(t, 201)
	s.do(t, s.alice, "POST", at, `{"email": "admin@example.org", "role": "viewer"}`).want(t, 400, "1000 members")
}
