package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/api"
	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// deed is a request that changes something, and the line that it has to leave
// in the audit record. before and after are what the line has in it: exactly
// that JSON, or with "~" before it, that text in it; "null" is nothing.
type deed struct {
	who           user
	path          string
	body          any
	action, kind  string
	before, after string
	account       string // who did it; empty: who
}

// unrecorded are the routes that change nothing of an object.
var unrecorded = map[string]string{
	"log-in":          "logins are in the log, and in the account's last_login",
	"refresh-token":   "so are tokens",
	"put-stored-file": "the bytes of an upload are nothing until they are queued",
}

// deeds has one for each route that changes something. They are done in the
// order of the table of routes, on one server: what a line's request needs is
// made before them all.
func (s *server) deeds(t *testing.T) map[string]deed {
	t.Helper()
	l := s.addLab(t, s.alice, "given")
	other := s.addRun(t, s.alice, "other")
	putURL, location := s.sign(t, s.alice, l.run)
	s.put(t, putURL, string(mibiTIFF(t, "given", folder, "CD3"))).want(t, 200)
	post := func(who user, path string, body any) string {
		return itoa(s.do(t, who, "POST", path, body).want(t, 201).id(t))
	}
	project, run, image := itoa(l.project), itoa(l.run), itoa(l.image)
	imageset := post(s.alice, "/imagesets/", `{"name": "set", "images": [`+image+`]}`)
	aperture := post(s.admin, "/apertures/", `{"code": "F", "name": "50 µm"}`)
	instrument := post(s.admin, "/instruments/", `{"name": "Beta9"}`)
	s.do(t, s.alice, "POST", "/projects/"+project+"/members/", `{"email": "bob@example.org", "role": "viewer"}`).want(t, 201)
	eve := user{email: "eve@example.org"}
	s.withPassword(t, eve.email)
	eve.token = s.logIn(t, eve.email)
	carol := s.addUser(t, "carol@example.org", false)
	secret, hash := auth.NewSecret()
	must(t, s.store.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.AddLink(t.Context(), carol.id, model.LinkReset, hash, s.api.Now())
		return err
	}))
	dave := s.addUser(t, "dave@example.org", false)
	key := post(s.alice, "/keys/", `{"name": "pipeline", "scope": "upload"}`)
	tissue, slide, panel, section := itoa(l.tissue), itoa(l.slide), itoa(l.panel), itoa(l.section)

	all := map[string]deed{
		"change-my-password": {who: eve, path: "/users/me/password/", body: map[string]any{"old_password": password, "new_password": "staple battery"},
			action: "change", kind: "account", before: "null", after: `{"password":"changed","tokens":"changed"}`},
		"set-password": {who: user{}, account: carol.email, path: "/users/set-password/", body: map[string]any{"token": secret, "password": "staple battery"},
			action: "change", kind: "account", before: "null", after: `{"password":"changed","tokens":"changed"}`},
		"create-user": {who: s.admin, path: "/users/", body: `{"email": "new@example.org", "name": "New"}`,
			action: "create", kind: "account", before: "null", after: `~"email":"new@example.org","is_admin":false,"links":[{"expires_at":"`},
		"change-user":  s.changes(s.admin, "/users/"+itoa(dave.id)+"/", "account", "name", nil, "Dave"),
		"patch-user":   s.changes(s.admin, "/users/"+itoa(dave.id)+"/", "account", "is_admin", false, true),
		"log-out-user": {who: s.admin, path: "/users/" + itoa(dave.id) + "/tokens/", action: "change", kind: "account", before: "null", after: `{"tokens":"changed"}`},
		"reset-user":   {who: s.admin, path: "/users/" + itoa(carol.id) + "/reset/", action: "change", kind: "account", before: `{"links":[]}`, after: `~{"links":[{"expires_at":"`},
		"create-key":   {who: s.alice, path: "/keys/", body: `{"name": "k", "scope": "read", "expires_at": null}`, action: "create", kind: "key", before: "null", after: `{"name":"k","scope":"read","user":2}`},
		"create-run":   {who: s.alice, path: "/runs/", body: runForm("made", runXML), action: "create", kind: "run", before: "null", after: `~"images":2,"instrument":1,"label":"made"`},
		"change-run":   s.changes(s.alice, "/runs/"+run+"/", "run", "operator", nil, "Ann"),
		"patch-run":    s.changes(s.alice, "/runs/"+run+"/", "run", "operator", "Ann", "Bea"),
		"create-image": {who: s.alice, path: "/images/", body: `{"run": ` + itoa(idOf(other)) + `, "folder": "Point9/x"}`, action: "create", kind: "image", before: "null", after: `{"folder":"Point9/x","number":"Point9","run":` + itoa(idOf(other)) + `}`},
		"change-image": s.changes(s.alice, "/images/"+image+"/", "image", "description", nil, "one"),
		"patch-image":  s.changes(s.alice, "/images/"+image+"/", "image", "description", "one", "two"),
		"upload-channel": {who: s.alice, path: "/images/" + itoa(l.image+1) + "/upload_channel/", body: newForm().file("attachment", "cells.png", "image/png", pngOf(t, 512, 512, 8)),
			action: "change", kind: "image", before: `{"extra_channels":null}`, after: `~{"extra_channels":{"cells":"`},
		"enqueue-upload": {who: s.alice, path: "/upload_mibitiff/", body: `{"location": "` + location + `", "run_id": ` + run + `}`,
			action: "upload", kind: "image", before: `{"upload":null}`, after: `~{"upload":{"sha256":"`},
		"create-imageset": {who: s.alice, path: "/imagesets/", body: `{"name": "set 2", "images": [` + image + `]}`, action: "create", kind: "imageset", before: "null", after: `{"images":[` + image + `],"name":"set 2"}`},
		"change-imageset": {who: s.alice, path: "/imagesets/" + imageset + "/", body: `{"images": [` + image + `, ` + itoa(l.image+1) + `]}`, action: "change", kind: "imageset", before: `{"images":[` + image + `]}`, after: `{"images":[` + image + `,` + itoa(l.image+1) + `]}`},
		"patch-imageset":  s.changes(s.alice, "/imagesets/"+imageset+"/", "imageset", "name", "set", "set 3"),
		"create-project":  {who: s.alice, path: "/projects/", body: `{"name": "P", "is_public": true}`, action: "create", kind: "project", before: "null", after: `{"is_public":true,"members":{"alice@example.org":"manager"},"name":"P"}`},
		"change-project":  s.changes(s.alice, "/projects/"+project+"/", "project", "description", nil, "one"),
		"patch-project":   s.changes(s.alice, "/projects/"+project+"/", "project", "is_public", false, true),
		"add-member":      {who: s.alice, path: "/projects/" + project + "/members/", body: `{"email": "dave@example.org", "role": "editor"}`, action: "change", kind: "project", before: `{"members":{"dave@example.org":null}}`, after: `{"members":{"dave@example.org":"editor"}}`},
		"change-member":   {who: s.alice, path: "/projects/" + project + "/members/" + itoa(s.bob.id) + "/", body: `{"role": "editor"}`, action: "change", kind: "project", before: `{"members":{"bob@example.org":"viewer"}}`, after: `{"members":{"bob@example.org":"editor"}}`},
		"patch-member":    {who: s.alice, path: "/projects/" + project + "/members/" + itoa(s.bob.id) + "/", body: `{"role": "manager"}`, action: "change", kind: "project", before: `{"members":{"bob@example.org":"editor"}}`, after: `{"members":{"bob@example.org":"manager"}}`},
		"remove-member":   {who: s.alice, path: "/projects/" + project + "/members/" + itoa(s.bob.id) + "/", action: "change", kind: "project", before: `{"members":{"bob@example.org":"manager"}}`, after: `{"members":{"bob@example.org":null}}`},
		"create-slide":    {who: s.alice, path: "/slides/", body: `{"name": "S"}`, action: "create", kind: "slide", before: "null", after: `{"name":"S"}`},
		"change-slide":    s.changes(s.alice, "/slides/"+slide+"/", "slide", "lot", nil, "L1"),
		"patch-slide":     s.changes(s.alice, "/slides/"+slide+"/", "slide", "lot", "L1", "L2"),
		"create-section":  {who: s.alice, path: "/sections/", body: `{"panel": ` + panel + `}`, action: "create", kind: "section", before: "null", after: `{"panel":` + panel + `}`},
		"change-section":  s.changes(s.alice, "/sections/"+section+"/", "section", "block", nil, "B1"),
		"patch-section":   s.changes(s.alice, "/sections/"+section+"/", "section", "slide", l.slide, nil),
		"create-panel": {who: s.alice, path: "/panels/", body: `{"name": "P", "conjugates": [{"target": "CD3", "mass": 144}, {"target": "CD8", "mass": 146}]}`,
			action: "create", kind: "panel", before: "null", after: `~"mass":146,"position":2,"target":"CD8"}]`},
		"change-panel":      {who: s.alice, path: "/panels/" + panel + "/", body: `{"conjugates": [{"target": "CD3", "mass": 144}]}`, action: "change", kind: "panel", before: `~"target":"Calprotectin"`, after: `~"target":"CD3"`},
		"patch-panel":       s.changes(s.alice, "/panels/"+panel+"/", "panel", "description", nil, "one"),
		"create-aperture":   {who: s.admin, path: "/apertures/", body: `{"code": "G", "name": "20 µm"}`, action: "create", kind: "aperture", before: "null", after: `{"code":"G","name":"20 µm"}`},
		"change-aperture":   s.changes(s.admin, "/apertures/"+aperture+"/", "aperture", "name", "50 µm", "51 µm"),
		"patch-aperture":    s.changes(s.admin, "/apertures/"+aperture+"/", "aperture", "name", "51 µm", "52 µm"),
		"create-instrument": {who: s.admin, path: "/instruments/", body: `{"name": "Beta8"}`, action: "create", kind: "instrument", before: "null", after: `{"name":"Beta8"}`},
		"change-instrument": s.changes(s.admin, "/instruments/"+instrument+"/", "instrument", "description", nil, "one"),
		"patch-instrument":  s.changes(s.admin, "/instruments/"+instrument+"/", "instrument", "description", "one", "two"),
		"create-tissue":     {who: s.alice, path: "/tissues/", body: `{"organ": "Colon"}`, action: "create", kind: "tissue", before: "null", after: `~"organ":"Colon"`},
		"change-tissue":     s.changes(s.alice, "/tissues/"+tissue+"/", "tissue", "description", nil, "one"),
		"patch-tissue":      s.changes(s.alice, "/tissues/"+tissue+"/", "tissue", "subsite", "", "crypt"),
	}
	// Last of all, so that the others still find them.
	for name, d := range map[string]deed{
		"delete-user": {who: s.admin, path: "/users/" + itoa(dave.id) + "/", kind: "account"}, "revoke-key": {who: s.alice, path: "/keys/" + key + "/", kind: "key"},
		"delete-run": {who: s.alice, path: "/runs/" + itoa(idOf(other)) + "/", kind: "run"}, "delete-image": {who: s.alice, path: "/images/" + itoa(l.image+1) + "/", kind: "image"},
		"delete-imageset": {who: s.alice, path: "/imagesets/" + imageset + "/", kind: "imageset"}, "delete-project": {who: s.alice, path: "/projects/" + project + "/", kind: "project"},
		"delete-slide": {who: s.alice, path: "/slides/" + slide + "/", kind: "slide"}, "delete-section": {who: s.alice, path: "/sections/" + section + "/", kind: "section"},
		"delete-panel": {who: s.alice, path: "/panels/" + panel + "/", kind: "panel"}, "delete-aperture": {who: s.admin, path: "/apertures/" + aperture + "/", kind: "aperture"},
		"delete-instrument": {who: s.admin, path: "/instruments/" + instrument + "/", kind: "instrument"}, "delete-tissue": {who: s.alice, path: "/tissues/" + tissue + "/", kind: "tissue"},
	} {
		d.action, d.before, d.after = "delete", `{"active":true}`, `{"active":false}`
		all[name] = d
	}
	all["delete-user"] = deed{who: s.admin, path: "/users/" + itoa(dave.id) + "/", kind: "account", action: "delete",
		before: `{"active":true}`, after: `{"active":false,"tokens":"changed"}`}
	all["log-out-everywhere"] = deed{who: s.alice, path: "/users/me/tokens/", action: "change", kind: "account", before: "null", after: `{"tokens":"changed"}`}
	return all
}

// changes is a change of one field.
func (s *server) changes(who user, path, kind, field string, before, after any) deed {
	side := func(v any) string {
		text, _ := json.Marshal(map[string]any{field: v}) // of plain values
		return string(text)
	}
	return deed{who: who, path: path, body: map[string]any{field: after}, action: "change", kind: kind, before: side(before), after: side(after)}
}

// logIn gets a token by a password.
func (s *server) logIn(t *testing.T, email string) string {
	t.Helper()
	got := s.do(t, user{}, "POST", "/api-token-auth/", map[string]any{"email": email, "password": password}).want(t, 200)
	token, _ := got.object(t)["token"].(string)
	return token
}

// line is a record as the API shows it.
type line struct {
	ID        int64
	Action    string
	Kind      string
	Object    int64
	Actor     *string
	Account   *struct{ Email string }
	Key       *int64
	RequestID *string `json:"request_id"`
	Before    json.RawMessage
	After     json.RawMessage
}

// audit returns the records, oldest first, as an administrator sees them.
func (s *server) audit(t *testing.T) (lines []line) {
	t.Helper()
	must(t, json.Unmarshal(s.do(t, s.admin, "GET", "/audit/?paging=no&ordering=id", nil).want(t, 200).body, &lines))
	return lines
}

func (d deed) check(t *testing.T, got line) {
	t.Helper()
	who := d.account
	if who == "" {
		who = d.who.email
	}
	if got.Action != d.action || got.Kind != d.kind || got.Actor == nil || *got.Actor != who || got.Account == nil || got.Account.Email != who {
		t.Errorf("%s %s by %v, %v; want %s %s by %s", got.Action, got.Kind, got.Actor, got.Account, d.action, d.kind, who)
	}
	for _, side := range []struct{ name, want, got string }{{"before", d.before, string(got.Before)}, {"after", d.after, string(got.After)}} {
		part, isPart := strings.CutPrefix(side.want, "~")
		if isPart && !strings.Contains(side.got, part) || !isPart && side.got != side.want {
			t.Errorf("%s: %s, want %s", side.name, side.got, side.want)
		}
	}
}

// request makes a deed's request; sent again it is the same to the byte.
func (d deed) request(t *testing.T, s *server, method, key string) func() answer {
	t.Helper()
	var contentType string
	var body []byte
	switch b := d.body.(type) {
	case nil:
	case *form:
		must(t, b.w.Close())
		body, contentType = b.b.Bytes(), b.w.FormDataContentType()
	case string:
		body, contentType = []byte(b), "application/json"
	default:
		text, err := json.Marshal(b)
		must(t, err)
		body, contentType = text, "application/json"
	}
	return func() answer {
		req, err := http.NewRequestWithContext(t.Context(), method, s.URL+d.path, io.NopCloser(bytes.NewReader(body)))
		must(t, err)
		if body != nil {
			req.Header.Set("Content-Type", contentType)
		}
		if d.who.token != "" {
			req.Header.Set("Authorization", "JWT "+d.who.token)
		}
		if key != "" {
			req.Header.Set("Idempotency-Key", key)
		}
		return s.send(t, req)
	}
}

// Every route that changes something leaves one line: by whom, of what, before
// and after. A repetition under the same key leaves none, and neither does the
// same change again.
func TestEveryChangeIsRecorded(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	deeds := s.deeds(t)
	routes := s.api.Routes()
	// What deletes comes last, and who logs out last of all.
	slices.SortStableFunc(routes, func(a, b api.Route) int { return lateness(a) - lateness(b) })
	for _, route := range routes {
		if route.Method == "GET" || route.Method == "HEAD" || route.Method == "OPTIONS" || unrecorded[route.Name] != "" {
			continue
		}
		d, known := deeds[route.Name]
		if !known {
			t.Errorf("%s %s: no deed for it in this test", route.Method, route.Path)
			continue
		}
		delete(deeds, route.Name)
		t.Run(route.Name, func(t *testing.T) {
			key := ""
			if route.Method == "POST" && route.Name != "set-password" {
				key = "a key"
			}
			send := d.request(t, s, route.Method, key)
			had := len(s.audit(t))
			first := send()
			if first.status/100 != 2 {
				t.Fatalf("%d %s", first.status, first.body)
			}
			lines := s.audit(t)
			if len(lines) != had+1 {
				t.Fatalf("%d lines more: %+v", len(lines)-had, lines[had:])
			}
			d.check(t, lines[had])
			if id := lines[had].RequestID; id == nil || *id != first.header.Get("X-Request-Id") {
				t.Errorf("request %v, want %s", id, first.header.Get("X-Request-Id"))
			}
			again := send()
			switch {
			case key != "" || route.Method == "PATCH":
				if again.status != first.status {
					t.Errorf("again: %d %s", again.status, again.body)
				}
			case route.Name == "log-out-user":
				return // whenever it is asked, tokens end
			}
			if n := len(s.audit(t)); n != had+1 {
				t.Errorf("again: %d %s leaves %d lines more", again.status, again.body, n-had-1)
			}
		})
	}
	for name := range maps.Keys(deeds) {
		t.Errorf("no route %s", name)
	}
}

// lateness orders routes so that each finds what it changes.
func lateness(r api.Route) int {
	switch {
	case r.Name == "log-out-everywhere":
		return 3
	case r.Name == "delete-project":
		return 2
	case r.Method == "DELETE":
		return 1
	}
	return 0
}
