package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestForgedIDs: an id of something that the caller may not see is answered as
// one that nobody has, in paths, bodies and filters alike, and changes nothing.
func TestForgedIDs(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	f := newFOV(t)
	ctx := t.Context()
	run, image := f.shared(ctx, t, s.client(t, alice))
	hers, his := s.token(t, alice), s.token(t, bob)
	make1 := func(path, body string) (id int64) {
		t.Helper()
		status, text := s.ask(t, hers, http.MethodPost, path, body)
		var made struct{ ID int64 }
		if err := json.Unmarshal([]byte(text), &made); err != nil || status != http.StatusCreated {
			t.Fatalf("POST %s: %d %s", path, status, text)
		}
		return made.ID
	}
	project := make1("/projects/", `{"name": "hers"}`)
	slide := make1("/slides/", fmt.Sprintf(`{"name": "hers", "project": %d}`, project))
	panel := make1("/panels/", fmt.Sprintf(`{"name": "hers", "project": %d, "conjugates": [{"target": "CD3", "mass": 142}]}`, project))
	section := make1("/sections/", fmt.Sprintf(`{"position": "hers", "project": %d}`, project))
	set := make1("/imagesets/", fmt.Sprintf(`{"name": "hers", "images": [%d]}`, image.ID))
	before := s.holds(t)
	const nobodys = 999_999
	// alike asks with her id and with nobody's: the answers are the same, but
	// for the id and the request's number.
	alike := func(method, path, body string, id int64) {
		t.Helper()
		var answers [2]string
		for i, id := range []int64{id, nobodys} {
			is := func(text string) string { return strings.ReplaceAll(text, "ID", itoa(id)) }
			status, text := s.ask(t, his, method, is(path), is(body))
			var got map[string]any
			if err := json.Unmarshal([]byte(text), &got); err != nil {
				var list []any
				if json.Unmarshal([]byte(text), &list) != nil {
					t.Fatalf("%s %s: %d %s", method, path, status, text)
				}
			}
			delete(got, "request_id")
			clean, _ := json.Marshal(got)
			answers[i] = fmt.Sprint(status, strings.ReplaceAll(string(clean), itoa(id), "ID"))
			if status < 300 && method != http.MethodGet {
				t.Errorf("%s %s %s: %d %s", method, path, body, status, text)
			}
		}
		if answers[0] != answers[1] {
			t.Errorf("%s %s %s: hers %s, nobody's %s", method, path, body, answers[0], answers[1])
		}
	}
	for path, id := range map[string]int64{
		"/runs/ID/": run.ID, "/images/ID/": image.ID, "/projects/ID/": project, "/slides/ID/": slide, "/panels/ID/": panel, "/sections/ID/": section, "/imagesets/ID/": set,
	} {
		alike(http.MethodGet, path, "", id)
		alike(http.MethodPut, path, `{"description": "his"}`, id)
		alike(http.MethodPatch, path, `{"description": "his", "active": false}`, id)
		alike(http.MethodDelete, path, "", id)
	}
	for _, path := range []string{"/images/ID/conjugates/", "/images/ID/channelnames/", "/images/ID/channel_url/?channel=CD3", "/images/?id=ID"} {
		alike(http.MethodGet, path, "", image.ID)
	}
	for _, path := range []string{"/images/?run=ID", "/upload_mibitiff/sign_tiff_url/?run_id=ID", "/runs/?id=ID"} {
		alike(http.MethodGet, path, "", run.ID)
	}
	alike(http.MethodPost, "/images/", `{"run": ID, "folder": "F"}`, run.ID)
	alike(http.MethodPost, "/imagesets/", `{"name": "his", "images": [ID]}`, image.ID)
	for path, body := range map[string]string{
		"/slides/": `{"name": "his", "project": ID}`, "/sections/": `{"position": "his", "project": ID}`, "/panels/": `{"name": "his", "project": ID, "conjugates": []}`, "/imagesets/": `{"name": "his", "images": [], "project": ID}`,
	} {
		alike(http.MethodPost, path, body, project)
	}
	for field, id := range map[string]int64{"slide": slide, "panel": panel} {
		alike(http.MethodPost, "/sections/", `{"position": "his", "`+field+`": ID}`, id)
	}
	if after := s.holds(t); after.Counts != before.Counts || len(after.Files) != len(before.Files) {
		t.Errorf("something has changed: %+v, before %+v", after.Counts, before.Counts)
	}
}

// TestSignedURLsAreWhole: what surrounds a grant means nothing, and two grants
// are not one.
func TestSignedURLsAreWhole(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	f := newFOV(t)
	run := f.createRun(t.Context(), t, s.client(t, alice))
	token := s.token(t, alice)
	_, text := s.ask(t, token, http.MethodGet, "/download/?path="+url.QueryEscape(run.Path+"/"+run.Filename), "")
	var signed struct{ URL string }
	if err := json.Unmarshal([]byte(text), &signed); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	grant := grantOf(t, signed.URL)
	altered := []byte(grant)
	altered[len(altered)/2] ^= 1
	for path, want := range map[string]int{
		"/storage/x/?grant=" + url.QueryEscape(grant):                                           200, // the grant says what it is of
		"/storage/..%2fx/?grant=" + url.QueryEscape(grant):                                      200,
		"/storage/x/?grant=" + url.QueryEscape(grant) + "&key=../secrets.json&path=/etc/passwd": 200,
		"/storage/x/?grant=" + url.QueryEscape(string(altered)):                                 403,
		"/storage/x/?grant=&grant=" + url.QueryEscape(grant):                                    403,
		"/storage/x/?Grant=" + url.QueryEscape(grant):                                           403,
		"/storage/x/?grant[]=" + url.QueryEscape(grant):                                         403,
		"/storage/x/?grant=" + url.QueryEscape(grant+"\x00"):                                    403,
		"/storage/x/?grant=" + url.QueryEscape(" "+grant):                                       403,
		"/storage/x/?grant=" + url.QueryEscape(grant+grant):                                     403,
		"/storage/x/?grant=" + strings.Repeat("A", 10_000):                                      403,
		"/storage/x/": 403,
	} {
		res, body := bare(t, http.MethodGet, s.url+path, nil, nil)
		if res.StatusCode != want || want == 200 && string(body) != string(f.xml) {
			t.Errorf("GET %.80s: %d %.200s, want %d", path, res.StatusCode, body, want)
		}
	}
	for _, method := range []string{http.MethodPut, http.MethodPost, http.MethodDelete, http.MethodPatch, http.MethodOptions, http.MethodTrace} {
		status, _ := s.ask(t, "", method, "/storage/x/?grant="+url.QueryEscape(grant), "")
		if status != http.StatusForbidden && status != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, status)
		}
	}
}
