package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/api"
)

// Who forges the id of another lab's object, in a path or in a body, is
// answered to the letter as with an id that nobody has; and changes nothing.
func TestForgedIDsTellNothing(t *testing.T) {
	t.Parallel()
	with, without := newLabs(t, true), newLabs(t, false)
	n := 0
	alike := func(method, path string, body func() any) {
		t.Helper()
		if n++; n%thin != 0 {
			return
		}
		before := with.do(t, with.admin, "GET", "/audit/?limit=1", nil).want(t, 200).object(t)["count"]
		got, want := with.do(t, with.ann, method, path, body()), without.do(t, without.ann, method, path, body())
		if got.alike() != want.alike() {
			t.Errorf("%s %s %v:\n%s\nwhere there is no such object:\n%s", method, path, body(), got.alike(), want.alike())
		}
		if got.status/100 != 4 {
			t.Errorf("%s %s %v: %d %s", method, path, body(), got.status, got.body)
		}
		if after := with.do(t, with.admin, "GET", "/audit/?limit=1", nil).object(t)["count"]; after != before {
			t.Errorf("%s %s: %v lines of the audit record, then %v", method, path, before, after)
		}
	}
	text := func(body string) func() any { return func() any { return body } }

	// In paths: every route that names an object.
	for _, route := range with.api.Routes() {
		kind := strings.Split(route.Path, "/")[1]
		if !strings.Contains(route.Path, "{id}") || route.Method == "GET" || route.Access == api.Admin || route.Access == api.Session ||
			kind == "tissues" || kind == "instruments" || kind == "apertures" {
			continue
		}
		for _, path := range with.idsInto(route.Path, labIDs{}) {
			for _, body := range []string{`{}`, `{"name": 7}`, `nonsense`, `{"role": "viewer", "email": "ann@example.org"}`} {
				alike(route.Method, path, text(body))
			}
		}
	}
	paths := n

	// In bodies: every field that names one.
	a := with.a
	for _, b := range []labIDs{with.b, with.own} {
		for _, to := range []struct {
			path   string
			id     int64
			fields map[string]int64
		}{
			{"/images/", a.image, map[string]int64{"project": b.project, "section": b.section}},
			{"/slides/", a.slide, map[string]int64{"project": b.project}},
			{"/sections/", a.section, map[string]int64{"project": b.project, "slide": b.slide, "panel": b.panel}},
			{"/sections/", a.section, map[string]int64{"slide": b.gone}},
			{"/panels/", a.panel, map[string]int64{"project": b.project, "previous_id": b.panel}},
			{"/runs/", a.run, map[string]int64{"project": b.project}},
			{"/imagesets/", a.set, map[string]int64{"project": b.project}},
		} {
			for field, id := range to.fields {
				if id == 0 {
					continue
				}
				body := text(fmt.Sprintf(`{"name": "x", "position": "x", "run": %d, "folder": "x/y", "images": [%d], %q: %d}`, a.run, a.image, field, id))
				alike("PUT", to.path+itoa(to.id)+"/", text(fmt.Sprintf(`{%q: %d}`, field, id)))
				alike("PATCH", to.path+itoa(to.id)+"/", text(fmt.Sprintf(`{%q: "%d"}`, field, id)))
				if to.path != "/runs/" {
					alike("POST", to.path, body)
				}
			}
		}
		for _, slide := range []int64{b.slide, b.gone} {
			alike("PUT", "/runs/"+itoa(a.run)+"/", text(fmt.Sprintf(`{"slides": [%d, %d]}`, a.slide, slide)))
			alike("POST", "/runs/", func() any { return runForm("forged", runXML, "slides", itoa(slide)) })
		}
		if b.project != 0 {
			alike("POST", "/runs/", func() any { return runForm("forged", runXML, "project", itoa(b.project)) })
		}
		alike("POST", "/images/", text(fmt.Sprintf(`{"run": %d, "folder": "x/y"}`, b.run)))
		alike("POST", "/imagesets/", text(fmt.Sprintf(`{"name": "x", "images": [%d, %d]}`, a.image, b.image)))
		alike("PUT", "/imagesets/"+itoa(a.set)+"/", text(fmt.Sprintf(`{"images": [%d, %d]}`, a.image, b.image+1)))
		alike("PUT", "/images/"+itoa(a.image)+"/", func() any { return newForm("section", itoa(b.section)) })
		alike("POST", "/upload_mibitiff/", text(fmt.Sprintf(`{"location": %q, "run_id": %d}`, with.location(t, b.run), b.run)))
		alike("POST", "/upload_mibitiff/", text(fmt.Sprintf(`{"location": %q, "run_id": %d}`, with.location(t, b.run), a.run)))
		for _, conjugate := range with.conjugatesOf(t, b.panel) {
			alike("POST", "/panels/", text(fmt.Sprintf(`{"name": "x", "conjugates": [{"target": "x", "mass": 1, "conjugate_id": %d}]}`, conjugate)))
			alike("PUT", "/panels/"+itoa(a.panel)+"/", text(fmt.Sprintf(`{"conjugates": [{"id": %d, "target": "x", "mass": 1}]}`, conjugate)))
		}
	}
	t.Logf("%d requests × 2 servers: %d with ids in paths, %d in bodies", n, paths, n-paths)
}

// location is a place that Bob was given to upload to.
func (l *labs) location(t *testing.T, run int64) string {
	t.Helper()
	_, location := l.sign(t, l.bob, run)
	return location
}

// conjugatesOf are the ids that the conjugates of a panel have.
func (l *labs) conjugatesOf(t *testing.T, panel int64) (ids []int64) {
	t.Helper()
	conjugates, _ := l.do(t, l.admin, "GET", "/panels/"+itoa(panel)+"/", nil).want(t, 200).object(t)["conjugates"].([]any)
	for _, c := range conjugates {
		ids = append(ids, idOf(c), int64(c.(map[string]any)["conjugate_id"].(float64)))
	}
	if len(ids) == 0 {
		t.Fatal("no conjugates")
	}
	return ids
}

// A signed URL is for who holds it; it opens one file, for one method.
func TestSignedURLsOpenNothingElse(t *testing.T) {
	t.Parallel()
	l := newLabs(t, true)
	urlOf := func(who user, path string) string {
		text, _ := l.do(t, who, "GET", path, nil).want(t, 200).object(t)["url"].(string)
		return text
	}
	file := folder + "/summed_image.tiff"
	hers := []string{
		urlOf(l.ann, "/download/?path="+l.a.path+"/"+file), urlOf(l.ann, "/download/?path="+l.a.path+"/alpha_run.xml"),
		urlOf(l.ann, "/images/"+itoa(l.a.image)+"/channel_url/?channel=alphaextra"),
	}
	putURL, _ := l.sign(t, l.ann, l.a.run)
	theirs := urlOf(l.bob, "/download/?path="+l.b.path+"/"+file)
	secret := l.at(t, "GET", theirs, "").want(t, 200).body
	bobPut, _ := l.sign(t, l.bob, l.b.run)
	for _, u := range hers {
		l.at(t, "PUT", u, "x", "Content-Type", "image/tiff").want(t, 403)
		l.at(t, "DELETE", u, "").want(t, 405)
		own := l.at(t, "GET", u, "").want(t, 200).body
		// Another name in the URL opens no other file.
		base, grant, _ := strings.Cut(u, "?")
		for _, name := range []string{"summed_image.tiff", "zeta_run.xml", "zeta.bmp", "..", "%2e%2e%2f" + l.b.path} {
			got := l.at(t, "GET", base[:strings.LastIndex(base, "/")+1]+name+"?"+grant, "")
			if got.status == 200 && string(got.body) != string(own) || string(got.body) == string(secret) {
				t.Errorf("%s with another's grant: %d, %d bytes", name, got.status, len(got.body))
			}
		}
		// Neither does a grant that was put together of two.
		_, foreign, _ := strings.Cut(theirs, "grant=")
		_, mine, _ := strings.Cut(u, "grant=")
		for _, at := range []int{len(mine) / 4, len(mine) / 2, strings.IndexAny(mine, ".~_-") + 1} {
			for _, spliced := range []string{mine[:at] + foreign[min(at, len(foreign)):], foreign[:min(at, len(foreign))] + mine[at:]} {
				if spliced != foreign && spliced != mine {
					l.at(t, "GET", base+"?grant="+spliced, "").want(t, 403)
				}
			}
		}
	}
	for _, u := range []string{putURL, bobPut} {
		l.at(t, "GET", u, "").want(t, 403)
		l.at(t, "HEAD", u, "").want(t, 403)
	}
}
