package api_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/store"
)

// held sends a request whose body waits: meanwhile runs when the server has
// looked at who asks and begins to read.
func (s *server) held(t *testing.T, who user, method, path, body string, meanwhile func()) answer {
	t.Helper()
	return s.heldAs(t, who, method, path, "application/json", body, meanwhile)
}

func (s *server) heldAs(t *testing.T, who user, method, path, media, body string, meanwhile func()) answer {
	t.Helper()
	r, w := io.Pipe()
	reading := make(chan struct{})
	trace := &httptrace.ClientTrace{Got100Continue: func() { close(reading) }}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), trace), method, s.URL+path, r)
	must(t, err)
	req.Header.Set("Content-Type", media)
	req.Header.Set("Authorization", "JWT "+who.token)
	req.Header.Set("Expect", "100-continue")
	transport := &http.Transport{ExpectContinueTimeout: cutoff}
	defer transport.CloseIdleConnections()
	var group sync.WaitGroup
	group.Go(func() {
		defer func() { _ = w.Close() }() // of a pipe: it does not fail
		select {
		case <-reading:
		case <-time.After(cutoff):
			t.Error("the server does not read")
			return
		}
		meanwhile()
		_, _ = io.Copy(w, strings.NewReader(body)) // a reader that is gone shows in the answer
	})
	defer group.Wait()
	res, err := transport.RoundTrip(req)
	must(t, err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	must(t, err)
	return answer{res.StatusCode, res.Header, text}
}

// Rights count when a change is written, not when its request began.
func TestRightsTakenMeanwhile(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.addLab(t, s.alice, "one")
	set := s.do(t, s.alice, "POST", "/imagesets/", map[string]any{"name": "set", "project": l.project, "images": []int64{l.image}}).want(t, 201).id(t)
	carol := s.addUser(t, "carol@example.org", false)
	for _, c := range []struct {
		role   string // before
		then   string // meanwhile
		status int
	}{{"editor", "viewer", 403}, {"editor", "", 404}, {"manager", "", 404}} {
		for _, r := range []struct{ method, path, body string }{
			{"PUT", "/slides/" + itoa(l.slide) + "/", `{"name": "taken"}`},
			{"PUT", "/sections/" + itoa(l.section) + "/", `{"position": "taken"}`},
			{"PUT", "/imagesets/" + itoa(set) + "/", `{"name": "taken"}`},
			{"PUT", "/runs/" + itoa(l.run) + "/", `{"operator": "taken"}`},
			{"PUT", "/images/" + itoa(l.image) + "/", `{"point": "taken"}`},
			{"PATCH", "/images/" + itoa(l.image) + "/", `{"point": "taken"}`},
		} {
			s.setRole(t, l.project, carol, modelRole(c.role))
			s.held(t, carol, r.method, r.path, r.body, func() { s.setRole(t, l.project, carol, modelRole(c.then)) }).want(t, c.status)
			if got := string(s.do(t, s.alice, "GET", r.path, nil).want(t, 200).body); strings.Contains(got, "taken") {
				t.Errorf("%s was written: %s", r.path, got)
			}
		}
	}
	s.setRole(t, l.project, carol, "editor")
	f := newForm().file("attachment", "taken.png", "image/png", pngOf(t, 1024, 1024, 8))
	must(t, f.w.Close())
	image := "/images/" + itoa(l.image) + "/"
	s.heldAs(t, carol, "POST", image+"upload_channel/", f.w.FormDataContentType(), f.b.String(), func() { s.setRole(t, l.project, carol, "viewer") }).want(t, 403)
	s.do(t, s.alice, "GET", image+"channelnames/", nil).want(t, 200, "[]")
	project := "/projects/" + itoa(l.project) + "/"
	manager := func(then string) func() {
		s.setRole(t, l.project, carol, "manager")
		return func() { s.setRole(t, l.project, carol, modelRole(then)) }
	}
	s.held(t, carol, "PUT", project, `{"name": "taken"}`, manager("editor")).want(t, 403)
	s.held(t, carol, "POST", project+"members/", `{"email": "bob@example.org", "role": "manager"}`, manager("editor")).want(t, 403)
	s.held(t, carol, "PUT", project+"members/"+itoa(carol.id)+"/", `{"role": "manager"}`, manager("viewer")).want(t, 403)
	if got := s.roles(t, s.alice, project+"members/"); len(got) != 2 || got["carol@example.org"] != "viewer" {
		t.Errorf("members: %v", got)
	}
}

// What an administrator takes away counts for what is under way.
func TestAccountTakenMeanwhile(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.addLab(t, s.alice, "one")
	slide, project := "/slides/"+itoa(l.slide)+"/", "/projects/"+itoa(l.project)+"/"
	change := func(f func(*store.Tx) error) func() {
		return func() { must(t, s.store.Write(t.Context(), f)) }
	}
	root := s.addUser(t, "root@example.org", true)
	demote := change(func(tx *store.Tx) error { return tx.SetAdmin(t.Context(), root.id, false) })
	s.held(t, root, "POST", "/instruments/", `{"name": "taken"}`, demote).want(t, 403, "no more")
	must(t, s.store.Write(t.Context(), func(tx *store.Tx) error { return tx.SetAdmin(t.Context(), root.id, true) }))
	s.held(t, root, "PUT", slide, `{"name": "taken"}`, demote).want(t, 403, "no more")

	out := s.addUser(t, "out@example.org", false)
	s.setRole(t, l.project, out, "manager")
	logOut := change(func(tx *store.Tx) error { return tx.EndTokens(t.Context(), out.id, time.Now().Add(time.Hour)) })
	s.held(t, out, "PUT", project, `{"name": "taken"}`, logOut).want(t, 401, "expired")
	gone := s.addUser(t, "gone@example.org", false)
	s.setRole(t, l.project, gone, "manager")
	disable := change(func(tx *store.Tx) error { return tx.SetActive(t.Context(), gone.id, false, time.Now()) })
	s.held(t, gone, "POST", project+"members/", `{"email": "bob@example.org", "role": "viewer"}`, disable).want(t, 401, "not active")
	for _, path := range []string{slide, project, "/instruments/?paging=no", project + "members/?paging=no"} {
		if got := string(s.do(t, s.admin, "GET", path, nil).want(t, 200).body); strings.Contains(got, "taken") || strings.Contains(got, "bob@") {
			t.Errorf("%s was written: %s", path, got)
		}
	}
}

// So do the relations that a change names.
func TestRelationsTakenMeanwhile(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.addLab(t, s.alice, "one")
	own := s.addRun(t, s.bob, "own")
	section := `{"section": ` + itoa(l.section) + `}`
	at := "/images/" + itoa(idOf(imagesOf(own)[0])) + "/"
	s.setRole(t, l.project, s.bob, "viewer")
	s.held(t, s.bob, "PUT", at, section, func() { s.setRole(t, l.project, s.bob, "") }).want(t, 400, "no such object")
	s.setRole(t, l.project, s.bob, "viewer")
	s.held(t, s.bob, "PUT", at, section, func() {
		s.do(t, s.alice, "DELETE", "/sections/"+itoa(l.section)+"/", nil).want(t, 204)
	}).want(t, 400, "deleted")
	s.setRole(t, l.project, s.bob, "editor")
	slide := `{"name": "s", "project": ` + itoa(l.project) + `}`
	s.held(t, s.bob, "POST", "/slides/", slide, func() { s.setRole(t, l.project, s.bob, "viewer") }).want(t, 403)
	s.setRole(t, l.project, s.bob, "editor")
	s.held(t, s.bob, "POST", "/slides/", slide, func() {
		s.do(t, s.alice, "DELETE", "/projects/"+itoa(l.project)+"/", nil).want(t, 204)
	}).want(t, 400, "deleted")
}

// Membership and a project's openness show in every list at once.
func TestVisibleAtOnce(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.addLab(t, s.alice, "one")
	s.do(t, s.alice, "POST", "/imagesets/", map[string]any{"name": "set", "project": l.project, "images": []int64{l.image}}).want(t, 201)
	want := map[string]int{"/projects/": 1, "/runs/": 1, "/images/": 2, "/images/search_advanced/": 2, "/slides/": 1, "/sections/": 1, "/panels/": 1, "/imagesets/": 2}
	check := func(when string, sees bool) {
		t.Helper()
		for path, n := range want {
			if !sees {
				n = 0
			}
			if got := s.do(t, s.bob, "GET", path, nil).want(t, 200).object(t); got["count"] != float64(n) || len(got["results"].([]any)) != n {
				t.Errorf("%s: %s counts %v and shows %d, want %d", when, path, got["count"], len(got["results"].([]any)), n)
			}
		}
	}
	project := "/projects/" + itoa(l.project) + "/"
	for round := range 3 {
		check(fmt.Sprint("before ", round), false)
		s.do(t, s.alice, "POST", project+"members/", `{"email": "bob@example.org", "role": "viewer"}`).want(t, 201)
		check("as a member", true)
		s.do(t, s.alice, "DELETE", project+"members/"+itoa(s.bob.id)+"/", nil).want(t, 204)
		check("as one no more", false)
		s.do(t, s.alice, "PUT", project, `{"is_public": true}`).want(t, 200)
		check("of a public project", true)
		s.do(t, s.alice, "PUT", project, `{"is_public": false}`).want(t, 200)
	}
	for _, path := range []string{"/runs/" + itoa(l.run), "/images/" + itoa(l.image), "/slides/" + itoa(l.slide)} {
		s.do(t, s.bob, "GET", path+"/", nil).want(t, 404)
	}
}
