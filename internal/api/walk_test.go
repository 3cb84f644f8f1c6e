package api_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/api"
)

// Every route × every role: who is let in, who is told that it may not, and
// who is not even told that there is something. A new route needs a line in
// steps, or this fails.
func TestEveryRouteByEveryRole(t *testing.T) {
	t.Parallel()
	sequential(t)
	w := newWalk(t)
	table := steps()
	routes := w.api.Routes()
	slices.SortStableFunc(routes, func(a, b api.Route) int { return lateness(a) - lateness(b) })
	for _, route := range routes {
		line, known := table[route.Name]
		if !known {
			t.Errorf("%s %s (%s) has no line in this test", route.Method, route.Path, route.Name)
			continue
		}
		delete(table, route.Name)
		t.Run(route.Name, func(t *testing.T) {
			statuses := strings.Fields(strings.ReplaceAll(line.roles, "|", ""))
			if (line.roles == open) != (route.Access == api.Open) {
				t.Fatalf("%s: the line says %s", route.Access, line.roles)
			}
			if line.roles != open && len(statuses) != len(w.roles) {
				t.Fatalf("%d statuses for %d roles", len(statuses), len(w.roles))
			}
			for i, c := range w.roles {
				want := "200"
				if line.roles != open {
					want = statuses[i]
				}
				w.step(t, route, line, c, want, shows(line, i))
			}
			for _, c := range w.strangers {
				want := "401"
				if line.roles == open {
					want = "200"
				}
				w.step(t, route, line, c, want, false)
			}
		})
	}
	for name := range table {
		t.Errorf("%s has a line, and is no route", name)
	}
	t.Logf("%d routes × %d roles: %d requests", len(routes), len(w.roles)+len(w.strangers), w.requests)
}

// shows tells whether a list shows a role the object that it holds.
func shows(line step, role int) bool {
	statuses := strings.Fields(strings.ReplaceAll(line.sees, "|", ""))
	return role < len(statuses) && statuses[role] == "200"
}

// step asks for a route as a caller, and checks the answer and what it left.
func (w *walk) step(t *testing.T, route api.Route, line step, c caller, want string, shown bool) {
	t.Helper()
	w.n++
	var body any
	switch b := line.body.(type) {
	case string:
		body = c.at.fill(b, w.n)
	case func(*testing.T, *walk, caller) any:
		body = b(t, w, c)
	}
	path := c.at.fill(line.path, w.n)
	writes := route.Method != "GET" && route.Method != "HEAD" && route.Method != "OPTIONS"
	object := ""
	if line.object != "" {
		object = c.at.fill(line.object, 0)
	} else if line.roles != open && route.Path != "/users/me/password/" {
		object = path
	}
	before := ""
	refused := want[0] == '4'
	if refused && writes {
		before = w.state(t, object)
	}
	if want == "200" && line.ok != "" {
		want = line.ok
	}
	got := w.ask(t, c, route.Method, path, body)
	if itoa(int64(got.status)) != want {
		t.Errorf("%s: %s %s: %d, want %s: %.300s", c.name, route.Method, path, got.status, want, got.body)
	}
	if got.status == 401 && got.header.Get("WWW-Authenticate") == "" {
		t.Errorf("%s: a 401 without WWW-Authenticate", c.name)
	}
	if refused && writes {
		if after := w.state(t, object); after != before {
			t.Errorf("%s: %s %s was refused, and changed\n%s\nto\n%s", c.name, route.Method, path, before, after)
		}
	}
	if got.status == 200 && line.holds != "" && got.listed(t, c.at.values[line.holds]) != shown {
		t.Errorf("%s: %s %s: shows %s: %v, want %v", c.name, route.Method, path, line.holds, !shown, shown)
	}
	// HEAD tells no more than GET does.
	if route.Method == "GET" && !strings.Contains(route.Path, "/storage/") {
		if head := w.ask(t, c, "HEAD", path, nil); head.status != got.status || len(head.body) != 0 {
			t.Errorf("%s: HEAD %s: %d, GET %d", c.name, path, head.status, got.status)
		}
	}
	if got.status/100 == 2 && line.after != nil {
		line.after(t, w, c)
	}
}
