package api_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/api"
	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// A query beside a body is part of what was asked: with another one it is
// another request.
func TestRepeatedWithAnotherQuery(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	post := func(query string) *httptest.ResponseRecorder {
		req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/panels/?"+query, strings.NewReader("Mass,Target\n89,CD3\n"))
		req.Header.Set("Content-Type", "text/csv")
		req.Header.Set("Authorization", "JWT "+s.alice.token)
		req.Header.Set("Idempotency-Key", "k")
		w := httptest.NewRecorder()
		s.api.ServeHTTP(w, req)
		return w
	}
	first, again, other := post("name=one"), post("name=one"), post("name=two")
	if first.Code != 201 || again.Code != 201 || first.Body.String() != again.Body.String() {
		t.Errorf("%d %s, again %d %s", first.Code, first.Body, again.Code, again.Body)
	}
	if other.Code != http.StatusUnprocessableEntity {
		t.Errorf("another name: %d %s", other.Code, other.Body)
	}
}

// A key that ends while a body is on its way changes nothing any more.
func TestKeyExpiresMeanwhile(t *testing.T) {
	t.Parallel()
	var late atomic.Int64
	s := newServer(t, func(c *api.Config) {
		c.Now = func() time.Time { return time.Now().Add(time.Duration(late.Load())) }
	})
	text, hash := auth.NewSecret()
	var id int64
	ends := time.Now().Add(time.Hour)
	must(t, s.store.Write(t.Context(), func(tx *store.Tx) (err error) {
		id, err = tx.AddKey(t.Context(), model.APIKey{AccountID: s.alice.id, Name: "k", Scope: model.ScopeWrite, SecretSHA256: hash,
			CreatedAt: time.Now(), ExpiresAt: &ends})
		return err
	}))
	body := io.MultiReader(strings.NewReader(`{"organ": "late"}`), atEnd(func() { late.Store(int64(2 * time.Hour)) }))
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/tissues/", body)
	req.Header.Set("Authorization", "Bearer "+auth.FormatKey(id, text))
	w := httptest.NewRecorder()
	s.api.ServeHTTP(w, req)
	if w.Code != http.StatusUnauthorized {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// Whatever a route is written like, the key's scope is asked for the handler
// that answers, and what headers say of another method does not count.
func TestSpellingsOfRoutes(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	text, hash := auth.NewSecret()
	var id int64
	must(t, s.store.Write(t.Context(), func(tx *store.Tx) (err error) {
		id, err = tx.AddKey(t.Context(), model.APIKey{AccountID: s.admin.id, Name: "k", Scope: model.ScopeRead, SecretSHA256: hash, CreatedAt: time.Now()})
		return err
	}))
	key := "Bearer " + auth.FormatKey(id, text)
	tissue := itoa(s.do(t, s.admin, "POST", "/tissues/", `{"organ": "spleen"}`).id(t))
	run := itoa(idOf(s.addRun(t, s.admin, "one")))
	ask := func(method, target, body string, headers ...string) *httptest.ResponseRecorder {
		req := httptest.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
		req.Header.Set("Authorization", key)
		for i := 0; i < len(headers); i += 2 {
			req.Header.Set(headers[i], headers[i+1])
		}
		w := httptest.NewRecorder()
		s.api.ServeHTTP(w, req)
		return w
	}
	for _, target := range []string{
		"/users/", "//users", "/users//", "/%75sers/", "/users/%31/", "/users/1", "/audit", "//audit//", "/%61udit/", "/keys/", "/ke%79s/", "/keys/1/",
		"/upload_mibitiff/sign_tiff_url/?run_id=" + run, "/upload_mibitiff//sign_tiff_url?run_id=" + run,
		"/upload_mibitiff/sign%5Ftiff%5Furl/?run_id=" + run, "/users/./", "/runs/../users/", "/runs/..%2fusers/", "/users;x/", "/users/%2e/", "/users%2f",
	} {
		for _, method := range []string{"GET", "HEAD"} {
			if w := ask(method, target, ""); w.Code < 400 {
				t.Errorf("%s %s: %d %s", method, target, w.Code, w.Body)
			}
		}
	}
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "put", "Delete", "PURGE", "GET\t"} {
		for _, target := range []string{"/tissues/" + tissue + "/", "/tissues/" + tissue, "//tissues//" + tissue + "//", "/tissue%73/" + tissue, "/tissues/"} {
			req := httptest.NewRequestWithContext(t.Context(), "GET", target, strings.NewReader(`{"organ": "liver"}`))
			req.Method = method
			req.Header.Set("Authorization", key)
			w := httptest.NewRecorder()
			s.api.ServeHTTP(w, req)
			if w.Code < 400 {
				t.Errorf("%s %s: %d %s", method, target, w.Code, w.Body)
			}
		}
	}
	for _, header := range []string{"X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Original-URL", "X-Rewrite-URL"} {
		for _, value := range []string{"DELETE", "PUT", "/tissues/" + tissue + "/"} {
			ask("GET", "/tissues/"+tissue+"/?_method="+value, `{"organ": "liver"}`, header, value)
		}
	}
	s.do(t, s.admin, "GET", "/tissues/"+tissue+"/", nil).want(t, 200, `"organ":"spleen"`, `"active":true`)
}

// Fields that no route takes change nothing, whatever they are called.
func TestForgedFields(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	forged := fmt.Sprintf(`"id": 77, "created_by": %d, "creator": %d, "created_by_id": %d, "creator_id": %d, "project_id": 1, "caller_role": "manager",
		"role": "manager", "is_admin": true, "can_edit": true, "edit_date": "2000-01-01", "active": false, "members": [{"id": %d, "role": "manager"}],
		"account_id": %d, "path": "x", "xml": "x", "xml_key": "x", "tiff_key": "x", "status": ["A"], "tiff_size": 1, "number_of": 1`,
		s.bob.id, s.bob.id, s.bob.id, s.bob.id, s.bob.id, s.bob.id)
	for path, fields := range map[string]string{
		"/projects/": `"name": "p"`, "/slides/": `"name": "s"`, "/sections/": `"block": "b"`, "/panels/": `"name": "p"`, "/tissues/": `"organ": "o"`,
	} {
		made := s.do(t, s.alice, "POST", path, "{"+fields+","+forged+"}").want(t, 201, `"active":true`)
		at := path + itoa(made.id(t)) + "/"
		if made.id(t) == 77 {
			t.Errorf("%s: its id was taken from the body", path)
		}
		mine := path != "/tissues/"
		for _, who := range []user{s.bob} {
			got := s.do(t, who, "GET", at, nil)
			if mine && got.status != 404 {
				t.Errorf("%s: %d for the one who was named as its maker", at, got.status)
			}
			if got := s.do(t, who, "PUT", at, `{"description": "mine"}`); got.status < 400 {
				t.Errorf("%s: changed by the one who was named as its maker", at)
			}
		}
		s.do(t, s.alice, "PUT", at, "{"+strings.Replace(forged, `"active": false`, `"active": true`, 1)+"}")
		s.do(t, s.alice, "GET", at, nil).want(t, 200)
		if got := s.do(t, s.bob, "GET", at, nil); mine && got.status != 404 {
			t.Errorf("%s: %d after a change that names its maker", at, got.status)
		}
	}
	s.do(t, s.alice, "GET", "/users/me/", nil).want(t, 200, `"is_admin":false`)
}
