package api_test

import (
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/model"
)

// What is shown to somebody for a while is gone from everything as soon as it
// is not any more, and everything is as it was before.
func TestWhatWasSeenIsGoneAtOnce(t *testing.T) {
	t.Parallel()
	sequential(t)
	l := newLabs(t, true)
	var gets []string
	for i, path := range l.gets(t, l.a) {
		// All objects, all lists, and of what is filtered and ordered a part.
		list := !strings.Contains(path, "?") && strings.Count(path, "/") == 2
		if !list && i%thin != 0 {
			continue
		}
		if !strings.Contains(path, "?") || strings.Contains(path, "?limit=1&") || strings.Contains(path, "antibodyTarget=") || i%16 == 0 {
			gets = append(gets, path)
		}
	}
	ask := func() []string {
		out := make([]string, len(gets))
		for i, path := range gets {
			out[i] = l.do(t, l.ann, "GET", path, nil).alike()
		}
		return out
	}
	put := func(path string, id int64, body map[string]any) func() {
		return func() { l.do(t, l.admin, "PUT", path+itoa(id)+"/", body).want(t, 200) }
	}
	member := func(role model.Role) func() { return func() { l.setRole(t, l.b.project, l.ann, role) } }
	in := func(project any) map[string]any { return map[string]any{"project": project} }
	before := ask()
	for _, move := range []struct {
		name       string
		where      string // is one of the answers that show it
		show, hide func()
	}{
		{"a run that is moved", "/runs/", put("/runs/", l.b.run, in(l.a.project)), put("/runs/", l.b.run, in(l.b.project))},
		{"a run that had no project", "/images/", put("/runs/", l.own.run, in(l.a.project)), put("/runs/", l.own.run, in(nil))},
		{"an image", "/images/", put("/images/", l.b.image, in(l.a.project)), put("/images/", l.b.image, in(nil))},
		{"a section", "/images/", put("/sections/", l.b.section, in(l.a.project)), put("/sections/", l.b.section, in(l.b.project))},
		{"a panel", "/images/", put("/panels/", l.b.panel, in(l.a.project)), put("/panels/", l.b.panel, in(l.b.project))},
		{"a slide", "/slides/", put("/slides/", l.b.slide, in(l.a.project)), put("/slides/", l.b.slide, in(l.b.project))},
		{"an image set", "/imagesets/", put("/imagesets/", l.b.set, in(l.a.project)), put("/imagesets/", l.b.set, in(l.b.project))},
		{"a member", "/images/", member(model.RoleViewer), member(model.RoleNone)},
		{"a public project", "/images/", put("/projects/", l.b.project, map[string]any{"is_public": true}), put("/projects/", l.b.project, map[string]any{"is_public": false})},
	} {
		move.show()
		shown, there := 0, false
		for i, got := range ask() {
			if got != before[i] {
				shown++
				there = there || gets[i] == move.where
			}
		}
		move.hide()
		for i, got := range ask() {
			if got != before[i] {
				t.Errorf("%s: GET %s:\n%.900s\nbefore:\n%.900s", move.name, gets[i], got, before[i])
			}
		}
		t.Logf("%s: %d of %d answers showed it", move.name, shown, len(gets))
		if shown < 10/thin || !there {
			t.Errorf("%s: only %d of %d answers showed it, %s among them: %v", move.name, shown, len(gets), move.where, there)
		}
	}
}
