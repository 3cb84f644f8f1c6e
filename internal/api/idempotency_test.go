package api_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/api"
	"github.com/openmibi/openmibi/internal/store"
)

// asked is a POST that can be sent again as it was.
type asked struct {
	who                     user
	path, contentType, body string
	keys                    []string // Idempotency-Key headers
}

func jsonPOST(who user, path, body string, keys ...string) asked {
	return asked{who, path, "application/json", body, keys}
}

func formPOST(t *testing.T, who user, path string, f *form, keys ...string) asked {
	t.Helper()
	must(t, f.w.Close())
	return asked{who, path, f.w.FormDataContentType(), f.b.String(), keys}
}

func (s *server) ask(t *testing.T, q asked) answer {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // without the feature some would wait for ever
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+q.path, strings.NewReader(q.body))
	must(t, err)
	req.Header.Set("Content-Type", q.contentType)
	req.Header["Idempotency-Key"] = q.keys
	if q.who.token != "" {
		req.Header.Set("Authorization", "JWT "+q.who.token)
	}
	return s.send(t, req)
}

func (a answer) same(t *testing.T, first answer) {
	t.Helper()
	if a.status != first.status || !bytes.Equal(a.body, first.body) || a.header.Get("Content-Type") != first.header.Get("Content-Type") {
		t.Errorf("asked again: %d %s %s\nfirst: %d %s %s", a.status, a.header.Get("Content-Type"), a.body,
			first.status, first.header.Get("Content-Type"), first.body)
	}
}

// count is how many objects a list has.
func (s *server) count(t *testing.T, who user, path string) any {
	t.Helper()
	return s.do(t, who, "GET", path+"?limit=1", nil).want(t, http.StatusOK).object(t)["count"]
}

// requests has a request for each route that writes.
func (s *server) requests(t *testing.T) map[string]asked {
	t.Helper()
	run := s.addRun(t, s.alice, "given")
	id, image := itoa(idOf(run)), itoa(idOf(imagesOf(run)[1]))
	putURL, location := s.sign(t, s.alice, idOf(run))
	s.put(t, putURL, string(mibiTIFF(t, "given", folder, "CD3"))).want(t, http.StatusOK)
	project := itoa(s.do(t, s.alice, "POST", "/projects/", `{"name": "members"}`).want(t, http.StatusCreated).id(t))
	return map[string]asked{
		"create-run":        formPOST(t, s.alice, "/runs/", runForm("<new> & other", runXML)),
		"create-image":      jsonPOST(s.alice, "/images/", `{"run": `+id+`, "folder": "Point9/RowNumber0/Depth_Profile0", "depths": 1}`),
		"enqueue-upload":    jsonPOST(s.alice, "/upload_mibitiff/", `{"location": "`+location+`", "run_id": `+id+`}`),
		"upload-channel":    formPOST(t, s.alice, "/images/"+image+"/upload_channel/", newForm().file("attachment", "cells.png", "image/png", pngOf(t, 512, 512, 8))),
		"create-imageset":   jsonPOST(s.alice, "/imagesets/", `{"name": "set", "images": [`+image+`]}`),
		"create-project":    jsonPOST(s.alice, "/projects/", `{"name": "project", "is_public": true}`),
		"add-member":        jsonPOST(s.alice, "/projects/"+project+"/members/", `{"email": "bob@example.org", "role": "editor"}`),
		"create-slide":      jsonPOST(s.alice, "/slides/", `{"name": "slide"}`),
		"create-section":    jsonPOST(s.alice, "/sections/", `{"position": "top"}`),
		"create-panel":      jsonPOST(s.alice, "/panels/", `{"name": "panel", "conjugates": [{"target": "CD3", "mass": 144}]}`),
		"create-aperture":   jsonPOST(s.admin, "/apertures/", `{"code": "F", "name": "50 µm"}`),
		"create-instrument": jsonPOST(s.admin, "/instruments/", `{"name": "Beta9"}`),
		"create-tissue":     jsonPOST(s.alice, "/tissues/", `{"organ": "Tonsil"}`),
		"create-user":       jsonPOST(s.admin, "/users/", `{"email": "dora@example.org", "name": "Dora"}`),
		"reset-user":        jsonPOST(s.admin, "/users/"+itoa(s.bob.id)+"/reset/", `{}`),
		"create-key":        jsonPOST(s.alice, "/keys/", `{"name": "pipeline", "scope": "read"}`),
	}
}

// Every POST of who is logged in honours the header: a new line of the table
// has to, or this fails.
func TestEveryPOSTIsDoneOnce(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	requests := s.requests(t)
	for _, route := range s.api.Routes() {
		if route.Method != http.MethodPost || route.Access == api.Open {
			continue
		}
		q, known := requests[route.Name]
		if !known {
			t.Errorf("POST %s: no request for it in this test", route.Path)
			continue
		}
		delete(requests, route.Name)
		t.Run(route.Name, func(t *testing.T) {
			creates := strings.HasPrefix(route.Name, "create-") || route.Name == "add-member"
			q.keys = []string{"the key"}
			first := s.ask(t, q)
			if want := map[bool]int{true: 201, false: 200}[creates]; first.status != want {
				t.Fatalf("%d %s, want %d", first.status, first.body, want)
			}
			var before any
			if creates {
				before = s.count(t, q.who, q.path)
			}
			for _, path := range []string{q.path, strings.TrimSuffix(q.path, "/"), "/" + q.path} {
				again := q
				again.path = path
				s.ask(t, again).same(t, first)
			}
			for _, body := range []string{q.body + "\n", q.body[:len(q.body)-1], ""} {
				other := q
				other.body = body
				s.ask(t, other).want(t, http.StatusUnprocessableEntity, `{"detail":"This Idempotency-Key`)
			}
			s.ask(t, q).same(t, first)
			if !creates {
				return
			}
			if after := s.count(t, q.who, q.path); after != before {
				t.Errorf("%v objects, %v before the repetitions", after, before)
			}
			// Without a key, and with another one, it is a request of its own.
			for _, keys := range [][]string{nil, {"another key"}} {
				other := q
				other.keys = keys
				if got := s.ask(t, other); got.status == http.StatusCreated && got.id(t) == first.id(t) || bytes.Equal(got.body, first.body) {
					t.Errorf("with keys %q: %d %s", keys, got.status, got.body)
				}
			}
		})
	}
	for name := range maps.Keys(requests) {
		t.Errorf("no route %s", name)
	}
	if jobs := s.jobs(t); len(jobs) != 1 {
		t.Errorf("jobs: %v", jobs)
	}
}

// The content type says what the bytes of a form mean: with another boundary
// they are another body.
func TestKeyAndBoundary(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	q := formPOST(t, s.alice, "/slides/", newForm("name", "one"), "k")
	first := s.ask(t, q).want(t, http.StatusCreated)
	other := q
	other.contentType = "multipart/form-data; boundary=other"
	s.ask(t, other).want(t, http.StatusUnprocessableEntity)
	s.ask(t, q).same(t, first)
	// JSON is JSON, however it is announced.
	q = jsonPOST(s.alice, "/slides/", `{"name": "two"}`, "k2")
	first = s.ask(t, q).want(t, http.StatusCreated)
	q.contentType = "application/json; charset=utf-8"
	s.ask(t, q).same(t, first)
}

// What was answered is answered again, whatever has become of it.
func TestAnswerOutlivesChanges(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	q := formPOST(t, s.alice, "/runs/", runForm("first label", runXML), "k")
	first := s.ask(t, q).want(t, http.StatusCreated)
	path := "/runs/" + itoa(first.id(t)) + "/"
	s.do(t, s.alice, "PUT", path, `{"label": "second label", "description": "changed"}`).want(t, http.StatusOK)
	s.ask(t, q).same(t, first)
	s.do(t, s.alice, "DELETE", path, nil).want(t, http.StatusNoContent)
	s.ask(t, q).same(t, first)
	s.do(t, s.alice, "GET", path, nil).want(t, http.StatusOK, "second label")
	if n := len(s.stored(t)); n != 1 {
		t.Errorf("%d files are stored", n)
	}
}

// A key is one account's, and counts for one route: what stands in its path
// belongs to it.
func TestKeyIsPerAccountAndRoute(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ids := map[int64]bool{}
	for _, who := range []user{s.alice, s.bob} {
		ids[s.ask(t, jsonPOST(who, "/slides/", `{"name": "x"}`, "k")).want(t, http.StatusCreated).id(t)] = true
	}
	if len(ids) != 2 {
		t.Errorf("two accounts made slides %v", ids)
	}
	s.ask(t, jsonPOST(s.alice, "/projects/", `{"name": "x"}`, "k")).want(t, http.StatusCreated, `"created_by"`)
	run := s.addRun(t, s.alice, "run")
	q := formPOST(t, s.alice, "", newForm().file("attachment", "cells.png", "image/png", pngOf(t, 512, 512, 8)), "k")
	image := idOf(imagesOf(run)[1])
	q.path = "/images/" + itoa(image) + "/upload_channel/"
	s.ask(t, q).want(t, http.StatusOK, `"image_id":`+itoa(image))
	q.path = "/images/" + itoa(idOf(imagesOf(run)[0])) + "/upload_channel/"
	s.ask(t, q).want(t, http.StatusBadRequest, "1024×1024") // judged by itself
	// Who is not logged in learns nothing.
	s.ask(t, jsonPOST(user{}, "/slides/", `{"name": "x"}`, "k")).want(t, http.StatusUnauthorized)
}

func TestKeyExpires(t *testing.T) {
	t.Parallel()
	start := time.Now()
	var passed atomic.Int64
	s := newServer(t, func(c *api.Config) {
		c.Now = func() time.Time { return start.Add(time.Duration(passed.Load())) }
	})
	q := jsonPOST(s.alice, "/slides/", `{"name": "x"}`, "k")
	first := s.ask(t, q).want(t, http.StatusCreated)
	passed.Store(int64(24*time.Hour - time.Second))
	s.ask(t, q).same(t, first)
	passed.Store(int64(24 * time.Hour))
	second := s.ask(t, q).want(t, http.StatusCreated)
	if second.id(t) == first.id(t) {
		t.Error("a day later it is answered what it was")
	}
	s.ask(t, q).same(t, second)
}

// A POST without a key leaves no trace of one.
func TestNoKey(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.ask(t, jsonPOST(s.alice, "/slides/", `{"name": "x"}`)).want(t, http.StatusCreated)
	s.ask(t, jsonPOST(s.alice, "/slides/", `{"name": "x"}`, "k")).want(t, http.StatusCreated)
	must(t, s.store.Write(t.Context(), func(tx *store.Tx) error {
		n, err := tx.ForgetAnswers(t.Context(), far, 10)
		if n != 1 {
			t.Errorf("%d answers were kept", n)
		}
		return err
	}))
}

// The document names the header where it counts, and what it may be refused with.
func TestKeyInOpenAPI(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	doc := s.do(t, user{}, "GET", "/openapi.json", nil).want(t, 200).object(t)
	for _, route := range s.api.Routes() {
		operations, _ := doc["paths"].(map[string]any)[route.Path].(map[string]any)
		operation, _ := operations[strings.ToLower(route.Method)].(map[string]any)
		responses, _ := operation["responses"].(map[string]any)
		text := fmt.Sprint(operation["parameters"])
		want := route.Method == http.MethodPost && route.Access != api.Open
		if got := strings.Contains(text, "name:Idempotency-Key") && responses["409"] != nil && responses["422"] != nil; got != want {
			t.Errorf("%s %s: the header is described: %t", route.Method, route.Path, got)
		}
		if want && !strings.Contains(fmt.Sprint(responses["201"]), "#/components/schemas/") && strings.HasPrefix(route.Name, "create-") {
			t.Errorf("%s: %v", route.Path, responses)
		}
	}
}
