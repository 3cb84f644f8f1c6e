package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/api"
)

// Every route answers the same with one slash, none, and doubled ones: never
// a redirect, a 404 of the router, or HTML.
func TestSlashForms(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, route := range s.api.Routes() {
		t.Run(route.Name, func(t *testing.T) {
			path := route.Path
			for _, name := range []string{"{id}", "{file}", "{account}"} {
				path = strings.ReplaceAll(path, name, "987654")
			}
			if strings.Contains(path, "{") {
				t.Fatalf("a parameter that this test does not know: %s", path)
			}
			trimmed := strings.Trim(path, "/")
			var first answer
			for i, form := range []string{path, "/" + trimmed, "//" + trimmed + "//", "//" + strings.ReplaceAll(trimmed, "/", "//") + "/"} {
				who := s.alice
				if route.Access != api.Open {
					// Without credentials nothing but the route itself answers.
					who = user{}
				}
				got := s.do(t, who, route.Method, form, nil)
				if i == 0 {
					first = got
				}
				if got.status != first.status || got.status == http.StatusMethodNotAllowed || got.status/100 == 3 {
					t.Errorf("%s %s: %d, and %d for %s: %s", route.Method, form, got.status, first.status, path, got.body)
				}
				if route.Access != api.Open && got.status != http.StatusUnauthorized {
					t.Errorf("%s %s: %d without credentials", route.Method, form, got.status)
				}
				if ct := got.header.Get("Content-Type"); strings.Contains(ct, "html") {
					t.Errorf("%s %s: %s", route.Method, form, ct)
				}
			}
		})
	}
}

// What no route knows answers JSON.
func TestUnknownRoutes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, c := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/nothing/", 404, ""},
		{"GET", "/apertures/x/y/z", 404, ""},
		{"DELETE", "/apertures/", 405, "GET, HEAD, POST"},
		{"POST", "//download", 405, "GET, HEAD"},
		{"DELETE", "/tissues", 405, "GET, HEAD, POST"},
		{"PROPFIND", "/tissues", 405, "GET, HEAD, POST"},
		{"PROPFIND", "/nothing", 404, ""},
		{"GET", "/apertures/one/", 404, ""},
		{"GET", "/apertures/-1/", 404, ""},
		{"GET", "/apertures/99999999999999999999/", 404, ""},
		{"GET", "/apertures/%31/", 200, ""},
		{"GET", "/apertures%2F1/", 404, ""},
	} {
		got := s.do(t, s.alice, c.method, c.path, nil)
		if got.status != c.status || got.header.Get("Allow") != c.allow {
			t.Errorf("%s %s: %d, Allow %q: %s", c.method, c.path, got.status, got.header.Get("Allow"), got.body)
		}
		if c.status != 200 && got.object(t)["detail"] == "" {
			t.Errorf("%s %s: %s", c.method, c.path, got.body)
		}
	}
	got := s.do(t, s.alice, "GET", "/apertures/?name="+strings.Repeat("x", 17<<10), nil)
	got.want(t, http.StatusRequestURITooLong, "detail")
}

// HEAD answers as GET does, without the body.
func TestHead(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, path := range []string{"/apertures", "/apertures/1/", "/runs/?paging=no", "/openapi.json"} {
		get, head := s.do(t, s.alice, "GET", path, nil).want(t, 200), s.do(t, s.alice, "HEAD", path, nil)
		if head.status != 200 || len(head.body) != 0 || len(get.body) == 0 || head.header.Get("Content-Type") != get.header.Get("Content-Type") {
			t.Errorf("HEAD %s: %d, %q, %v", path, head.status, head.body, head.header)
		}
	}
	if got := s.do(t, user{}, "HEAD", "/runs/", nil); got.status != 401 {
		t.Errorf("without credentials: %d", got.status)
	}
	if got := s.do(t, s.alice, "HEAD", "/runs/99/", nil); got.status != 404 {
		t.Errorf("of nothing: %d", got.status)
	}
}

// The OpenAPI document knows every route of the table.
func TestOpenAPI(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	doc := s.do(t, user{}, "GET", "/openapi.json", nil).want(t, 200).object(t)
	paths, ok := doc["paths"].(map[string]any)
	if !ok {
		t.Fatalf("no paths: %v", doc)
	}
	described := 0
	for _, route := range s.api.Routes() {
		operations, _ := paths[route.Path].(map[string]any)
		if operation, _ := operations[strings.ToLower(route.Method)].(map[string]any); operation["operationId"] == route.Name {
			described++
		} else {
			t.Errorf("%s %s is missing", route.Method, route.Path)
		}
	}
	if described != len(s.api.Routes()) {
		t.Errorf("%d described of %d", described, len(s.api.Routes()))
	}
}
