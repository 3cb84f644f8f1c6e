package api_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/api"
	"github.com/openmibi/openmibi/internal/model"
)

// The whole record is for administrators; an object's, for who sees the object.
func TestAuditIsFor(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.addLab(t, s.alice, "closed")
	imageset := s.do(t, s.alice, "POST", "/imagesets/", map[string]any{"name": "set", "images": []int64{l.image}, "project": l.project}).want(t, 201).id(t)
	objects := map[string]int64{"runs": l.run, "images": l.image, "imagesets": imageset, "projects": l.project,
		"slides": l.slide, "sections": l.section, "panels": l.panel}
	s.do(t, s.alice, "GET", "/audit/", nil).want(t, 403, "administrators")
	s.do(t, user{}, "GET", "/audit/", nil).want(t, 401)
	s.do(t, s.admin, "GET", "/audit/", nil).want(t, 200, "alice@example.org")
	for path, id := range objects {
		at := "/" + path + "/" + itoa(id) + "/audit/"
		want := 1
		if path == "images" {
			want = 0 // made with its run
		}
		for _, who := range []user{s.alice, s.admin} {
			got := s.do(t, who, "GET", at+"?paging=no", nil).want(t, 200).array(t)
			if len(got) != want {
				t.Errorf("%s as %s: %v", at, who.email, got)
			}
		}
		s.do(t, s.bob, "GET", at, nil).want(t, 404, "Not found.")
		s.do(t, user{}, "GET", at, nil).want(t, 401)
		s.do(t, s.admin, "GET", "/"+path+"/9999/audit/", nil).want(t, 404)
		s.do(t, s.admin, "GET", "/"+path+"/x/audit/", nil).want(t, 404)
	}
	for _, at := range []string{"/tissues/" + itoa(l.tissue), "/instruments/1", "/apertures/1"} {
		s.do(t, s.bob, "GET", at+"/audit/", nil).want(t, 200)
		s.do(t, s.bob, "GET", strings.TrimRight(at, "0123456789")+"9999/audit/", nil).want(t, 404)
	}
	s.do(t, s.bob, "GET", "/tissues/"+itoa(l.tissue)+"/audit/", nil).want(t, 200, `"organ":"Tonsil"`, `"actor":null`, `"account":null`, `"request_id":null`)
	s.do(t, s.alice, "GET", "/tissues/"+itoa(l.tissue)+"/audit/", nil).want(t, 200, `"actor":"alice@example.org"`)
}

// Who only looks on is not told who did it, nor who is in the project.
func TestAuditTellsWho(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.addLab(t, s.alice, "shared")
	carol := s.addUser(t, "carol@example.org", false)
	at := "/projects/" + itoa(l.project) + "/"
	s.do(t, s.alice, "PUT", at, `{"is_public": true}`).want(t, 200)
	s.setRole(t, l.project, carol, model.RoleViewer)
	s.do(t, s.alice, "PUT", "/runs/"+itoa(l.run)+"/", `{"operator": "Ann"}`).want(t, 200)
	names := func(who user, path string) (actors bool, members bool) {
		body := string(s.do(t, who, "GET", path+"audit/?paging=no", nil).want(t, 200).body)
		return strings.Contains(body, `"actor":"alice@example.org"`), strings.Contains(body, `"members":{`)
	}
	for _, test := range []struct {
		who             user
		role            model.Role
		actors, members bool
	}{
		{s.bob, model.RoleNone, false, false}, // the public
		{carol, model.RoleViewer, false, true},
		{carol, model.RoleEditor, true, true},
		{s.alice, model.RoleManager, true, true},
		{s.admin, model.RoleNone, true, true},
	} {
		if test.who == carol {
			s.setRole(t, l.project, carol, test.role)
		}
		actors, members := names(test.who, at)
		ofRun, _ := names(test.who, "/runs/"+itoa(l.run)+"/")
		if actors != test.actors || members != test.members || ofRun != test.actors {
			t.Errorf("%s %s: actors %v, of the run %v; members %v", test.who.email, test.role, actors, ofRun, members)
		}
		if actors {
			continue
		}
		// Nor by asking for a person's deeds.
		s.do(t, test.who, "GET", at+"audit/?account="+itoa(s.alice.id), nil).want(t, 400, "Unknown parameter")
	}
}

// What another project's object was shows nowhere in a shared object's record.
func TestAuditAcrossProjects(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	closed, shared := s.addLab(t, s.alice, "closed"), s.addLab(t, s.alice, "shared")
	s.setRole(t, shared.project, s.bob, model.RoleEditor)
	at := "/images/" + itoa(closed.image) + "/"
	change := func(body map[string]any) { t.Helper(); s.do(t, s.alice, "PATCH", at, body).want(t, 200) }
	change(map[string]any{"description": "of a patient", "section": closed.section})
	change(map[string]any{"description": "for all", "project": shared.project})
	change(map[string]any{"point": "P1"})
	got := s.do(t, s.bob, "GET", at+"audit/", nil).want(t, 200, `"count":2`, `"point":"P1"`, `"for all"`)
	for _, hidden := range []string{"of a patient", `"section":` + itoa(closed.section)} {
		if strings.Contains(string(got.body), hidden) {
			t.Errorf("%s shows in %s", hidden, got.body)
		}
	}
	s.do(t, s.alice, "GET", at+"audit/", nil).want(t, 200, `"count":3`, "of a patient", `"section":`+itoa(closed.section))
	// Relations of the present, to what is closed: null.
	change(map[string]any{"section": shared.section})
	s.do(t, s.bob, "GET", at+"audit/?limit=1", nil).want(t, 200, `"before":{"section":null},"after":{"section":`+itoa(shared.section)+`}`)
}

// What is refused, or undone by a crash, leaves no line; what was done by an
// API key says so.
func TestAuditOfRefusals(t *testing.T) {
	t.Parallel()
	crash := errors.New("the power went")
	s := newServer(t, func(c *api.Config) {
		c.Hook = func(_ context.Context, m string) error {
			if m == "run.before-commit" {
				return crash
			}
			return nil
		}
	})
	id := s.do(t, s.alice, "POST", "/slides/", `{"name": "S"}`).want(t, 201).id(t)
	at := "/slides/" + itoa(id) + "/"
	had := len(s.audit(t))
	s.do(t, s.alice, "POST", "/runs/", runForm("x", runXML)).want(t, 500)
	s.do(t, s.alice, "PATCH", at, `{"name": "T", "project": 99}`).want(t, 400)
	s.do(t, s.bob, "PATCH", at, `{"name": "T"}`).want(t, 404)
	s.do(t, s.alice, "PATCH", at, `{"name": "S"}`).want(t, 200)
	s.do(t, s.alice, "GET", at, nil).want(t, 200)
	if lines := s.audit(t); len(lines) != had {
		t.Errorf("%d lines more: %+v", len(lines)-had, lines[had:])
	}
	made := s.do(t, s.alice, "POST", "/keys/", `{"name": "k", "scope": "write"}`).want(t, 201)
	secret, _ := made.object(t)["key"].(string)
	req, err := http.NewRequestWithContext(t.Context(), "PATCH", s.URL+at, strings.NewReader(`{"name": "by a key"}`))
	must(t, err)
	req.Header.Set("Authorization", "Bearer "+secret)
	req.Header.Set("Content-Type", "application/json")
	s.send(t, req).want(t, 200)
	lines := s.audit(t)
	last := lines[len(lines)-1]
	if last.Key == nil || *last.Key != made.id(t) || *last.Actor != s.alice.email || string(last.After) != `{"name":"by a key"}` {
		t.Errorf("%+v", last)
	}
	for _, l := range lines {
		if strings.Contains(string(l.After), secret) || strings.Contains(string(l.After), "sha256") {
			t.Errorf("a secret: %s", l.After)
		}
	}
}

// The record is a list as all others are.
func TestAuditList(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, name := range []string{"one", "two", "three"} {
		s.do(t, s.alice, "POST", "/slides/", `{"name": "`+name+`"}`).want(t, 201)
	}
	s.do(t, s.bob, "POST", "/tissues/", `{"organ": "Colon"}`).want(t, 201)
	s.do(t, s.alice, "DELETE", "/slides/2/", nil).want(t, 204)
	now := s.audit(t)
	today := time.Now().UTC()
	day := func(d int) string { return today.AddDate(0, 0, d).Format(time.DateOnly) }
	for query, want := range map[string]int{
		"": len(now), "?kind=slide": 4, "?kind=slide&kind=tissue": 5, "?kind=slide&object=2": 2, "?object=2&action=delete": 1,
		"?account=" + itoa(s.bob.id): 1, "?account=" + itoa(s.alice.id): 4, "?action=delete": 1, "?kind=nothing": 0, "?key=1": 0,
		"?from=" + day(-1): len(now), "?from=" + day(2): 0, "?to=" + day(-2): 0, "?to=" + day(1): len(now), "?from=" + day(-1) + "&to=" + day(1) + "&kind=tissue": 1,
		"?active=false": 0, "?ordering=id": len(now), "?ordering=-at": len(now), "?id=1": 1,
	} {
		if got := s.do(t, s.admin, "GET", "/audit/"+query, nil).want(t, 200).object(t)["count"]; got != float64(want) {
			t.Errorf("%s: %v, want %d", query, got, want)
		}
	}
	for query, name := range map[string]string{
		"?password=x": "password", "?ordering=before": "ordering", "?from=yesterday": "from", "?object=x": "object", "?kind=%00": "kind",
	} {
		s.do(t, s.admin, "GET", "/audit/"+query, nil).want(t, 400, `"`+name+`"`)
	}
	var pages []float64
	for next := "/audit/?limit=3"; next != ""; {
		page := s.do(t, s.admin, "GET", next, nil).want(t, 200).object(t)
		results, _ := page["results"].([]any)
		for _, r := range results {
			id, _ := r.(map[string]any)["id"].(float64)
			pages = append(pages, id)
		}
		url, _ := page["next"].(string)
		next = strings.TrimPrefix(url, s.URL)
	}
	if !slices.IsSortedFunc(pages, func(a, b float64) int { return int(b - a) }) || len(pages) != len(now) {
		t.Errorf("newest first, in pages: %v", pages)
	}
}
