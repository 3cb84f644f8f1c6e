package api_test

import (
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/store"
)

// The statuses of a route for the roles of [newWalk], in their order: outsider,
// viewer, editor, manager, reader of a public project, creator, another than the
// creator, administrator; an editor's keys read, upload, write; an
// administrator's keys read, upload, write, admin.
const (
	seen      = "404 200 200 200 200 200 404 200 | 200 200 200 | 404 404 404 200"
	changed   = "404 403 200 200 403 200 404 200 | 403 403 200 | 403 403 404 200"
	managed   = "404 403 403 200 403 200 404 200 | 403 403 403 | 403 403 404 200"
	known     = "404 200 200 200 403 200 404 200 | 200 200 200 | 404 404 404 200" // who is in a project
	everybody = "200 200 200 200 200 200 200 200 | 200 200 200 | 200 200 200 200"
	writers   = "200 200 200 200 200 200 200 200 | 403 403 200 | 403 403 200 200"
	words     = "403 403 403 403 403 200 403 200 | 403 403 403 | 403 403 403 200" // its creator, and administrators
	admins    = "403 403 403 403 403 403 403 200 | 403 403 403 | 403 403 403 200"
	loggedIn  = "200 200 200 200 200 200 200 200 | 403 403 403 | 403 403 403 403"
	keyOf     = "404 404 200 404 404 404 404 200 | 403 403 403 | 403 403 403 403"
	// Objects that are put into a project which the caller names: 400 where it
	// may not know of it. Outside of projects everybody adds.
	added    = "400 403 200 200 403 200 200 200 | 403 403 200 | 403 403 400 200"
	uploaded = "400 403 200 200 403 200 200 200 | 403 200 200 | 403 400 400 200"
	// What needs an object that another than the creator does not see.
	chosen = "400 403 200 200 403 200 400 200 | 403 403 200 | 403 403 400 200"
	grown  = "400 403 200 200 403 200 400 200 | 403 200 200 | 403 400 400 200"
	filled = "404 403 200 200 403 200 404 200 | 403 200 200 | 403 404 404 200"
	open   = "every"
)

// step is a route's line: how to ask for it, and what each role is answered.
type step struct {
	path string
	// body is nil, a JSON text with names in braces, or makes a form.
	body  any
	roles string
	ok    string // the status in place of 200 in roles; "" is 200
	// object is what a refusal must leave as it is: a path; "" is path, where an
	// administrator reads it.
	object string
	// holds is the object that a list has for those who see it by sees.
	holds, sees string
	// after puts back what was done.
	after func(*testing.T, *walk, caller)
}

// steps has a line for every route, by its name.
func steps() map[string]step {
	all := map[string]step{
		// Open: whoever asks, and whatever it proves.
		"log-in":           {path: "/api-token-auth/", body: `{}`, roles: open, ok: "400"},
		"refresh-token":    {path: "/api-token-refresh/", body: `{}`, roles: open, ok: "400"},
		"set-password":     {path: "/users/set-password/", body: `{}`, roles: open, ok: "400"},
		"get-openapi":      {path: "/openapi.json", roles: open},
		"get-stored-file":  {path: "/storage/summed_image.tiff/?grant=x", roles: open, ok: "403"},
		"head-stored-file": {path: "/storage/summed_image.tiff/?grant=x", roles: open, ok: "403"},
		"put-stored-file":  {path: "/storage/summed_image.tiff/?grant=x", body: `x`, roles: open, ok: "403"},

		"check-token":        {path: "/", roles: everybody},
		"get-me":             {path: "/users/me/", roles: everybody},
		"change-my-password": {path: "/users/me/password/", body: `{}`, roles: loggedIn, ok: "400"},
		"log-out-everywhere": {path: "/users/me/tokens/", roles: loggedIn, ok: "204", object: "/users/"},
		"list-users":         {path: "/users/?paging=no", roles: admins, holds: "victim", sees: admins},
		"create-user":        {path: "/users/", body: `{"email": "new{n}@example.org"}`, roles: admins, ok: "201"},
		"get-user":           {path: "/users/{victim}/", roles: admins},
		"change-user":        {path: "/users/{victim}/", body: `{"name": "{n}"}`, roles: admins},
		"patch-user":         {path: "/users/{victim}/", body: `{"is_admin": false}`, roles: admins},
		"delete-user":        {path: "/users/{victim}/", roles: admins, ok: "204", after: alive("/users/{victim}/")},
		"log-out-user":       {path: "/users/{victim}/tokens/", roles: admins, ok: "204", object: "/users/{victim}/"},
		"reset-user":         {path: "/users/{victim}/reset/", roles: admins, object: "/users/{victim}/"},
		"list-keys":          {path: "/keys/?paging=no", roles: loggedIn, holds: "key", sees: keyOf},
		"create-key":         {path: "/keys/", body: `{"name": "k", "scope": "read"}`, roles: loggedIn, ok: "201"},
		"get-key":            {path: "/keys/{key}/", roles: keyOf},
		"revoke-key":         {path: "/keys/{key}/", roles: keyOf, ok: "204"},
		"list-audit":         {path: "/audit/", roles: admins},

		"create-run":            {path: "/runs/", body: newRunForm, roles: uploaded, ok: "201"},
		"create-image":          {path: "/images/", body: `{"run": {run}, "folder": "Point{n}/x"}`, roles: grown, ok: "201", object: "/runs/{run}/"},
		"list-image-conjugates": {path: "/images/{image}/conjugates/", roles: seen},
		"list-image-channels":   {path: "/images/{image}/channelnames/", roles: seen},
		"search-images":         {path: "/images/search_advanced/?paging=no&antibodyTarget=cd3", roles: everybody, holds: "image", sees: seen},
		"download":              {path: "/download/?path={path}/{xml}", roles: seen},
		"get-channel-url":       {path: "/images/{image}/channel_url/?channel=cells", roles: seen},
		"sign-upload":           {path: "/upload_mibitiff/sign_tiff_url/?run_id={run}", roles: filled},
		"enqueue-upload":        {path: "/upload_mibitiff/", body: received, roles: filled, object: "/images/{image}/"},
		"upload-channel":        {path: "/images/{image2}/upload_channel/", body: newChannelForm, roles: filled, object: "/images/{image2}/"},

		"create-imageset": {path: "/imagesets/", body: `{"name": "s{n}", "images": [{image}]{in}}`, roles: chosen, ok: "201", object: "/images/{image}/"},
		"create-project":  {path: "/projects/", body: `{"name": "p{n}"}`, roles: writers, ok: "201"},
		"list-members":    {path: "/projects/{project}/members/?paging=no", roles: known, holds: "member", sees: known},
		"add-member":      {path: "/projects/{project}/members/", body: newMember, roles: managed, ok: "201"},
		"change-member":   {path: "/projects/{project}/members/{member}/", body: `{"role": "viewer"}`, roles: managed, object: "/projects/{project}/members/"},
		"patch-member":    {path: "/projects/{project}/members/{member}/", body: `{"role": "viewer"}`, roles: managed, object: "/projects/{project}/members/"},
		"remove-member": {path: "/projects/{project}/members/{member}/", roles: managed, ok: "204", object: "/projects/{project}/members/",
			after: func(t *testing.T, w *walk, c caller) {
				w.do(t, w.admin, "POST", c.at.fill("/projects/{project}/members/", 0), c.at.fill(`{"email": "member-{label}@example.org", "role": "viewer"}`, 0)).want(t, 201)
			}},
		"get-panel-csv":      {path: "/panels/{panel}/csv/", roles: seen},
		"search-tissues":     {path: "/tissues/search/?paging=no&q=organ", roles: everybody, holds: "tissue", sees: everybody},
		"list-tissue-images": {path: "/tissues/{tissue}/images/?paging=no", roles: everybody, holds: "image", sees: seen},
	}
	for _, kind := range []struct{ name, create, change, add, write string }{
		{"run", "", `{"operator": "o{n}"}`, "", changed},
		{"image", "", `{"description": "d{n}"}`, "", changed},
		{"imageset", "", `{"description": "d{n}"}`, "", changed},
		{"project", "", `{"description": "d{n}"}`, "", managed},
		{"slide", `{"name": "s{n}"{in}}`, `{"description": "d{n}"}`, added, changed},
		{"section", `{"position": "s{n}"{in}}`, `{"description": "d{n}"}`, added, changed},
		{"panel", `{"name": "s{n}"{in}}`, `{"description": "d{n}"}`, added, changed},
		{"tissue", `{"organ": "organ{n}"}`, `{"description": "d{n}"}`, writers, words},
		{"instrument", `{"name": "i{n}"}`, `{"description": "d{n}"}`, admins, strings.Replace(words, "403 200 403", "403 403 403", 1)},
		{"aperture", `{"code": "c{n}", "name": "a{n}"}`, `{"name": "a{n}"}`, admins, strings.Replace(words, "403 200 403", "403 403 403", 1)},
	} {
		list, view := "/"+kind.name+"s/", seen
		if kind.add == writers || kind.add == admins {
			view = everybody
		}
		one := list + "{" + kind.name + "}/"
		all["list-"+kind.name+"s"] = step{path: list + "?paging=no", roles: everybody, holds: kind.name, sees: view}
		all["get-"+kind.name] = step{path: one, roles: view}
		all["list-"+kind.name+"-audit"] = step{path: one + "audit/", roles: view}
		all["change-"+kind.name] = step{path: one, body: kind.change, roles: kind.write}
		all["patch-"+kind.name] = step{path: one, body: kind.change, roles: kind.write}
		all["delete-"+kind.name] = step{path: one, roles: kind.write, ok: "204", after: alive(one)}
		if kind.create != "" {
			all["create-"+kind.name] = step{path: list, body: kind.create, roles: kind.add, ok: "201"}
		}
	}
	return all
}

// alive undoes a deletion.
func alive(path string) func(*testing.T, *walk, caller) {
	return func(t *testing.T, w *walk, c caller) {
		t.Helper()
		w.do(t, w.admin, "PUT", c.at.fill(path, 0), `{"active": true}`).want(t, 200)
	}
}

func newRunForm(_ *testing.T, w *walk, c caller) any {
	pairs := []string{}
	if c.at.values["in"] != "" {
		pairs = []string{"project", c.at.values["project"]}
	}
	return runForm("walked "+itoa(int64(w.n)), runXML, pairs...)
}

func newChannelForm(t *testing.T, w *walk, _ caller) any {
	return newForm().file("attachment", "c"+itoa(int64(w.n))+".png", "image/png", pngOf(t, 512, 512, 8))
}

// newMember is an account that is in no project yet.
func newMember(t *testing.T, w *walk, _ caller) any {
	who := w.addUser(t, "joins"+itoa(int64(w.n))+"@example.org", false)
	return `{"email": "` + who.email + `", "role": "viewer"}`
}

// received is an upload of the caller's whose bytes are there, whatever right
// to the run the caller has now.
func received(t *testing.T, w *walk, c caller) any {
	t.Helper()
	location := "walked" + itoa(int64(w.n))
	if c.account != 0 {
		w.addUpload(t, location, c.account, c.at)
	}
	return c.at.fill(`{"location": "`+location+`", "run_id": {run}}`, 0)
}

func (w *walk) addUpload(t *testing.T, location string, account int64, at place) {
	t.Helper()
	text := string(mibiTIFF(t, at.values["label"], folder, "CD3"))
	key := "uploads/" + location
	info, err := w.blobs.Put(t.Context(), key, strings.NewReader(text), blobOptions(text))
	must(t, err)
	run := mustInt(t, at.values["run"])
	must(t, w.store.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.AddUpload(t.Context(), uploadOf(location, run, account)); err != nil {
			return err
		}
		return tx.UploadReceived(t.Context(), location, key, info.Size, hexOf(info.SHA256[:]))
	}))
}
