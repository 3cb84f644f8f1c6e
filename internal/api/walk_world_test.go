package api_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/api"
	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/blob"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// place is where a route's objects lie, as values for the names in braces of
// paths and bodies: in a project, in a public one, or in none.
type place struct {
	name   string
	values map[string]string
}

func (p place) fill(text string, n int) string {
	pairs := []string{"{n}", strconv.Itoa(n)}
	for name, value := range p.values {
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// caller is a role: who asks, how it proves it, and where.
type caller struct {
	name          string
	authorization string
	account       int64 // 0: nobody that the server knows
	at            place
}

// walk is a server with a caller of every role.
type walk struct {
	*server

	roles     []caller // in the order of the table's columns
	strangers []caller // whose credentials are none, or no good
	n         int      // of requests that write, so that each has names of its own
	requests  int
}

// newWalk makes the places and the callers.
func newWalk(t *testing.T) *walk {
	t.Helper()
	// Each request comes from an address of its own: bad keys are throttled by
	// it, which is tested elsewhere.
	w := &walk{server: newServer(t, func(c *api.Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	})}
	s := w.server
	people := map[string]user{}
	for _, name := range []string{"maker", "outsider", "viewer", "editor", "manager", "reader", "creator", "stranger", "disabled"} {
		people[name] = s.addUser(t, name+"@example.org", false)
	}
	root := s.addUser(t, "root@example.org", true)
	project, public, own := w.place(t, people["maker"], "project"), w.place(t, people["maker"], "public"), w.place(t, people["creator"], "own")
	id := func(p place, name string) int64 {
		n, err := strconv.ParseInt(p.values[name], 10, 64)
		must(t, err)
		return n
	}
	for _, role := range []string{"viewer", "editor", "manager"} {
		s.setRole(t, id(project, "project"), people[role], model.Role(role))
	}
	s.do(t, s.admin, "PUT", "/projects/"+public.values["project"]+"/", `{"is_public": true}`).want(t, 200)
	// Who made it all is no member any more, and so nothing special.
	s.setRole(t, id(project, "project"), people["maker"], model.RoleNone)
	// Whose key it is.
	for _, p := range []place{project, public, own} {
		key, _ := s.addKey(t, people["editor"], "read")
		p.values["key"] = itoa(key)
	}

	token := func(name, who string, at place) caller {
		return caller{name, "JWT " + people[who].token, people[who].id, at}
	}
	people["admin"] = root
	w.roles = []caller{
		token("outsider", "outsider", project), token("viewer", "viewer", project), token("editor", "editor", project),
		token("manager", "manager", project), token("reader of a public project", "reader", public), token("creator", "creator", own),
		token("another than the creator", "stranger", own), token("administrator", "admin", project),
	}
	for _, scope := range []string{"read", "upload", "write"} {
		_, header := s.addKey(t, people["editor"], scope)
		w.roles = append(w.roles, caller{"editor's key " + scope, header, people["editor"].id, project})
	}
	for _, scope := range []string{"read", "upload", "write", "admin"} {
		_, header := s.addKey(t, root, scope)
		w.roles = append(w.roles, caller{"administrator's key " + scope, header, root.id, project})
	}

	s.tokens.Now = func() time.Time { return time.Now().Add(-365 * 24 * time.Hour) }
	old, _, err := s.tokens.Issue(auth.Identity{UserID: root.id, Username: root.email, Email: root.email})
	must(t, err)
	s.tokens.Now = time.Now
	revoked, header := s.addKey(t, root, "admin")
	s.do(t, s.admin, "DELETE", "/keys/"+itoa(revoked)+"/", nil).want(t, 204)
	s.do(t, s.admin, "DELETE", "/users/"+itoa(people["disabled"].id)+"/", nil).want(t, 204)
	w.strangers = []caller{
		{"nobody", "", 0, project}, {"bad token", "JWT " + root.token + "x", 0, project}, {"expired token", "JWT " + old, 0, project},
		token("disabled account", "disabled", project), {"revoked key", header, 0, project}, {"no such key", "Bearer mibi_9_" + strings.Repeat("a", 40), 0, project},
	}
	return w
}

// place makes one object of every kind. In the place "own" they are in no
// project, but for the project itself.
func (w *walk) place(t *testing.T, who user, name string) place {
	t.Helper()
	s := w.server
	post := func(as user, path string, body map[string]any) int64 {
		return s.do(t, as, "POST", path, body).want(t, 201).id(t)
	}
	v := map[string]string{}
	project := post(who, "/projects/", map[string]any{"name": name})
	in := func(body map[string]any) map[string]any {
		if name != "own" {
			body["project"] = project
		}
		return body
	}
	form := []string{}
	v["in"], v["label"] = "", name
	if name != "own" {
		v["in"] = `, "project": ` + itoa(project)
		form = []string{"project", itoa(project)}
	}
	tissue := post(who, "/tissues/", map[string]any{"organ": "Organ of " + name})
	slide := post(who, "/slides/", in(map[string]any{"name": "S"}))
	panel := post(who, "/panels/", in(map[string]any{"name": "P", "conjugates": []any{map[string]any{"target": "CD3", "mass": 144}}}))
	section := post(who, "/sections/", in(map[string]any{"slide": slide, "panel": panel, "tissue": tissue}))
	run := s.addRun(t, who, name, form...)
	image := idOf(imagesOf(run)[0])
	s.do(t, who, "PUT", "/images/"+itoa(image)+"/", map[string]any{"section": section, "tissue": tissue}).want(t, 200)
	set := post(who, "/imagesets/", in(map[string]any{"name": "set", "images": []int64{image}}))
	member, victim := s.addUser(t, "member-"+name+"@example.org", false), s.addUser(t, "victim-"+name+"@example.org", false)
	s.setRole(t, project, member, model.RoleViewer)
	must(t, s.store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.PutExtraChannel(t.Context(), model.Channel{ImageID: image, Name: "cells", Key: "x", DType: "uint8"})
	}))
	for field, id := range map[string]int64{
		"project": project, "tissue": tissue, "slide": slide, "panel": panel, "section": section, "run": idOf(run), "image": image,
		"image2": image + 1, "imageset": set, "member": member.id, "victim": victim.id,
		"aperture":   post(s.admin, "/apertures/", map[string]any{"code": "W" + name, "name": "walked"}),
		"instrument": post(s.admin, "/instruments/", map[string]any{"name": "walked " + name}),
	} {
		v[field] = itoa(id)
	}
	v["path"], _ = run["path"].(string)
	v["xml"], _ = run["xml"].(string)
	return place{name, v}
}

// ask sends a request as a caller. body is nil, a JSON text, or a form.
func (w *walk) ask(t *testing.T, c caller, method, path string, body any) answer {
	t.Helper()
	var r io.Reader
	contentType := "application/json"
	switch b := body.(type) {
	case nil:
	case string:
		r = strings.NewReader(b)
	case *form:
		must(t, b.w.Close())
		r, contentType = bytes.NewReader(b.b.Bytes()), b.w.FormDataContentType()
	default:
		t.Fatalf("a body of %T", body)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, w.URL+path, r)
	must(t, err)
	if body != nil {
		req.Header.Set("Content-Type", contentType)
	}
	if c.authorization != "" {
		req.Header.Set("Authorization", c.authorization)
	}
	w.requests++
	req.Header.Set("X-Forwarded-For", fmt.Sprintf("10.%d.%d.1", w.requests/250, w.requests%250))
	return w.send(t, req)
}

// state is what an administrator sees of an object, and how much is in the
// audit record: what refused requests must leave as it is.
func (w *walk) state(t *testing.T, path string) string {
	t.Helper()
	count := w.do(t, w.admin, "GET", "/audit/?limit=1", nil).want(t, 200).object(t)["count"]
	text := ""
	if path != "" {
		text = string(w.do(t, w.admin, "GET", path, nil).want(t, 200).body)
	}
	return fmt.Sprint(count, text)
}

// listed tells whether a list that was asked for in one piece has an object.
func (a answer) listed(t *testing.T, id string) bool {
	t.Helper()
	var all []struct {
		ID json.Number `json:"id"`
	}
	must(t, json.Unmarshal(a.body, &all))
	for _, one := range all {
		if string(one.ID) == id {
			return true
		}
	}
	return false
}

func mustInt(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	must(t, err)
	return n
}

func uploadOf(location string, run, account int64) model.Upload {
	return model.Upload{ID: location, RunID: run, AccountID: account, Key: "uploads/" + location, ExpiresAt: far}
}

func blobOptions(text string) blob.PutOptions { return blob.PutOptions{Size: int64(len(text))} }

func hexOf(sum []byte) string { return hex.EncodeToString(sum) }
