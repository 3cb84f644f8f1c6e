package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/go-chi/chi/v5"

	"github.com/openmibi/openmibi/internal/api"
)

// Every refusal with a detail has the number of its request, whoever refuses:
// the handlers, huma, the router, the middleware. It is the answer's own
// X-Request-Id, whatever number a client sends.
func TestRequestIDs(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(c *api.Config) {
		c.Mount = func(r chi.Router) {
			r.Get("/panic/", func(http.ResponseWriter, *http.Request) { panic("on purpose") })
		}
	})
	seen := map[string]bool{}
	for _, test := range []struct {
		who                user
		method, path, body string
		status             int
	}{
		{user{}, "GET", "/runs/", "", 401},
		{s.alice, "GET", "/runs/99/", "", 404},
		{s.alice, "GET", "/runs/x/", "", 404}, // huma's word
		{s.alice, "GET", "/runs/99999999999999999999/", "", 404},
		{s.alice, "GET", "/nowhere/", "", 404},
		{s.alice, "DELETE", "/runs/", "", 405},
		{s.alice, "BREW", "/runs/", "", 405},
		{s.alice, "POST", "/projects/", "no JSON", 400},
		{s.alice, "POST", "/projects/", `{"name": "` + strings.Repeat("x", 1<<20) + `"}`, 413},
		{s.alice, "GET", "/runs/?x=" + strings.Repeat("x", 20<<10), "", 414},
		{s.alice, "POST", "/instruments/", `{"name": "x"}`, 403},
		{s.alice, "GET", "/panic/", "", 500},
		{user{}, "GET", "/storage/x/?grant=none", "", 403},
	} {
		req, err := http.NewRequestWithContext(t.Context(), test.method, s.URL+test.path, strings.NewReader(test.body))
		must(t, err)
		req.Header.Set("X-Request-Id", "mine\tand forged")
		req.Header.Set("Content-Type", "application/json")
		if test.who.token != "" {
			req.Header.Set("Authorization", "JWT "+test.who.token)
		}
		got := s.send(t, req).want(t, test.status)
		var body map[string]string
		if err := json.Unmarshal(got.body, &body); err != nil || len(body) != 2 || body["detail"] == "" {
			t.Errorf("%s %.40s: %s", test.method, test.path, got.body)
			continue
		}
		id := body["request_id"]
		if len(id) != 16 || id != got.header.Get("X-Request-Id") || seen[id] {
			t.Errorf("%s %.40s: number %q, header %q", test.method, test.path, id, got.header.Get("X-Request-Id"))
		}
		seen[id] = true
		if ct := got.header.Get("Content-Type"); ct != "application/json" {
			t.Errorf("%s %.40s: Content-Type %q", test.method, test.path, ct)
		}
	}
	// The errors of fields stay what they are.
	got := s.do(t, s.alice, "POST", "/projects/", "{}").want(t, 400)
	var fields map[string][]string
	if err := json.Unmarshal(got.body, &fields); err != nil || len(fields["name"]) != 1 || len(got.header.Get("X-Request-Id")) != 16 {
		t.Errorf("%s: %v", got.body, err)
	}
}

// Every line that is logged about a request has its number.
func TestFailuresAreLoggedUnderTheirNumber(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	must(t, s.store.Close())
	got := s.do(t, s.alice, "GET", "/runs/", nil).want(t, 500)
	s.Close()
	id := got.header.Get("X-Request-Id")
	if log := s.log.String(); strings.Count(log, "request_id="+id) != 1 || strings.Count(log, "request_id=") != strings.Count(log, "\n") {
		t.Errorf("number %s, log %s", id, log)
	}
}
