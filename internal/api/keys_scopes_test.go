package api_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/api"
)

// Every route with a key of every scope: a new route has to find its place here.
func TestScopes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	scopes := []string{"read", "upload", "write", "admin"}
	keys := map[string]string{}
	for _, scope := range scopes {
		_, keys[scope] = s.addKey(t, s.admin, scope)
	}
	uploads := []string{"create-run", "create-image", "enqueue-upload", "upload-channel", "sign-upload"}
	sessions := []string{"change-my-password", "log-out-everywhere", "list-keys", "create-key", "get-key", "revoke-key"}
	for _, route := range s.api.Routes() {
		if route.Access == api.Open {
			continue
		}
		var least string
		switch reads := route.Method == "GET" || route.Method == "HEAD" || route.Method == "OPTIONS"; {
		case slices.Contains(sessions, route.Name):
			least = "none"
		case route.Access == api.Session:
			t.Errorf("%s: is it for login tokens only?", route.Name)
			continue
		case strings.Contains(route.Path, "/users/") && route.Path != "/users/me/" || strings.HasPrefix(route.Path, "/audit/"), route.Access == api.Admin:
			least = "admin"
		case slices.Contains(uploads, route.Name):
			least = "upload"
		case route.Access == api.Upload:
			t.Errorf("%s: is it for keys of scope upload?", route.Name)
			continue
		case reads:
			least = "read"
		default:
			least = "write"
		}
		methods := []string{route.Method}
		if route.Method == "GET" {
			methods = append(methods, "HEAD")
		}
		for i, scope := range scopes {
			allowed := least != "none" && i >= slices.Index(scopes, least)
			for _, method := range methods {
				got := s.with(t, keys[scope], method, absent(route), nil)
				refused := got.status == 403 && (method == "HEAD" || strings.Contains(string(got.body), "API key"))
				if refused == allowed || got.status == 401 {
					t.Errorf("%s %s with scope %s: %d %s, allowed should be %v", method, route.Path, scope, got.status, got.body, allowed)
				}
				want := "This API key has the scope " + scope + ". Scope " + least + " is needed."
				if least == "none" {
					want = "An API key cannot do this. Log in with a password."
				}
				if refused && method != "HEAD" && !strings.Contains(string(got.body), want) {
					t.Errorf("%s %s with scope %s: %s, want %q", method, route.Path, scope, got.body, want)
				}
			}
		}
	}
}

// Without the scope an administrator's key is an ordinary account's; with it
// the key of an account that is an administrator no more, too.
func TestKeysOfAdministrators(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	run := s.addRun(t, s.alice, "private")
	path := "/runs/" + itoa(idOf(run)) + "/"
	_, write := s.addKey(t, s.admin, "write")
	_, admin := s.addKey(t, s.admin, "admin")
	s.with(t, write, "GET", path, nil).want(t, 404)
	s.with(t, write, "PUT", path, map[string]any{"description": "x"}).want(t, 404)
	s.with(t, write, "GET", "/runs/", nil).want(t, 200, `"count":0`)
	s.with(t, write, "GET", "/users/me/", nil).want(t, 200, `"is_admin":false`)
	s.with(t, admin, "GET", path, nil).want(t, 200)
	s.with(t, admin, "GET", "/users/", nil).want(t, 200)
	s.with(t, admin, "GET", "/users/me/", nil).want(t, 200, `"is_admin":true`, `"scope":"admin"`)
	s.do(t, s.admin, "PUT", "/users/"+itoa(s.bob.id)+"/", `{"is_admin": true}`).want(t, 200)
	s.do(t, s.bob, "PUT", "/users/"+itoa(s.admin.id)+"/", `{"is_admin": false}`).want(t, 200)
	s.with(t, admin, "GET", path, nil).want(t, 404)
	s.with(t, admin, "GET", "/users/", nil).want(t, 403, "administrators")
}

// A key does what its scope says, and its owner may.
func TestKeyWorks(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	_, write := s.addKey(t, s.alice, "write")
	_, upload := s.addKey(t, s.alice, "upload")
	id := s.with(t, write, "POST", "/slides/", map[string]any{"name": "by a key"}).want(t, 201).id(t)
	s.with(t, write, "PUT", "/slides/"+itoa(id)+"/", map[string]any{"name": "again"}).want(t, 200)
	s.with(t, upload, "PUT", "/slides/"+itoa(id)+"/", map[string]any{"name": "no"}).want(t, 403)
	run := s.addRun(t, s.alice, "uploaded")
	s.with(t, upload, "GET", "/upload_mibitiff/sign_tiff_url/?run_id="+itoa(idOf(run)), nil).want(t, 200, "location")
	s.with(t, upload, "POST", "/images/", map[string]any{"run": idOf(run), "folder": "Point9/RowNumber0/Depth_Profile0"}).want(t, 201)
}
