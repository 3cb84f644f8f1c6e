package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/openmibi/openmibi/internal/api"
)

// What was refused, or failed, wrote nothing: it is judged anew.
func TestRefusedIsNotKept(t *testing.T) {
	t.Parallel()
	var failing atomic.Pointer[string]
	s := newServer(t, func(c *api.Config) { c.Hook = failAt(&failing) })
	q := formPOST(t, s.alice, "/runs/", runForm("x", "no XML"), "k")
	for range 2 {
		s.ask(t, q).want(t, http.StatusBadRequest, `"xml"`)
	}
	q = formPOST(t, s.alice, "/runs/", runForm("x", runXML), "k")
	for _, moment := range []string{"run.staged", "run.before-commit", "answer.kept", "panic at run.staged"} {
		failing.Store(&moment)
		s.ask(t, q).want(t, http.StatusInternalServerError)
		if n := s.count(t, s.alice, "/runs/"); n != 0.0 {
			t.Fatalf("%s: %v runs", moment, n)
		}
	}
	failing.Store(nil)
	first := s.ask(t, q).want(t, http.StatusCreated)
	s.ask(t, q).same(t, first)
	// After the commit a failure changes nothing about what was written.
	q = formPOST(t, s.alice, "/runs/", runForm("y", runXML), "k2")
	moment := "run.after-commit"
	failing.Store(&moment)
	s.ask(t, q).want(t, http.StatusInternalServerError)
	s.ask(t, q).want(t, http.StatusCreated, `"label":"y"`)
	s.ask(t, jsonPOST(s.admin, "/instruments/", `{"name": "taken"}`)).want(t, http.StatusCreated)
	s.ask(t, jsonPOST(s.admin, "/instruments/", `{"name": "taken"}`, "k")).want(t, http.StatusBadRequest, `"name"`)
	s.ask(t, jsonPOST(s.admin, "/instruments/", `{"name": "free"}`, "k")).want(t, http.StatusCreated)
}

func TestKeyRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	long := strings.Repeat("k", 255)
	for name, c := range map[string]struct {
		keys   []string
		status int
	}{
		"empty":              {[]string{""}, 400},
		"blank":              {[]string{"  "}, 400},
		"too long":           {[]string{long + "k"}, 400},
		"two":                {[]string{"a", "b"}, 400},
		"two of one":         {[]string{"a", "a"}, 400},
		"a tab in it":        {[]string{"a\tb"}, 400},
		"a control of UTF-8": {[]string{"a\u0085b"}, 400},
		"no UTF-8":           {[]string{"a\xff"}, 400},
		"as long as may be":  {[]string{" " + long + " "}, 201},
		"no ASCII":           {[]string{`"Größe", 2`}, 201},
	} {
		q := jsonPOST(s.alice, "/slides/", `{"name": "`+name+`"}`, c.keys...)
		got := s.ask(t, q)
		if got.status != c.status || c.status == 400 && !strings.Contains(string(got.body), `{"Idempotency-Key":["`) {
			t.Errorf("%s: %d %s, want %d", name, got.status, got.body, c.status)
		}
	}
	if n := s.count(t, s.alice, "/slides/"); n != 2.0 {
		t.Errorf("%v slides", n)
	}
	// Where nothing is written, or nobody is logged in, it is not looked at.
	s.ask(t, jsonPOST(user{}, "/api-token-auth/", `{"email": "a", "password": "b"}`, "a", "b")).want(t, 400, "credentials")
	s.ask(t, jsonPOST(user{}, "/api-token-refresh/", `{"token": "`+s.alice.token+`"}`, "")).want(t, 200, "token")
}

// A repetition that is longer than the first is refused before it has arrived.
func TestLongerRepetition(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	body := `{"name": "x"}`
	s.ask(t, jsonPOST(s.alice, "/slides/", body, "k")).want(t, http.StatusCreated)
	_, r := s.dial(t, fmt.Sprintf("POST /slides/ HTTP/1.1\nHost: x\nAuthorization: JWT %s\nIdempotency-Key: k\nContent-Type: application/json\n"+
		"Content-Length: %d\n\n", s.alice.token, 1<<30)+body+strings.Repeat(" ", 5000))
	res, err := http.ReadResponse(r, nil)
	must(t, err)
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("status %d", res.StatusCode)
	}
}

// An answer that is too large to keep is not promised: nothing is written.
func TestAnswerTooLargeToKeep(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(c *api.Config) { c.MaxKept = 300 })
	q := formPOST(t, s.alice, "/runs/", runForm("x", runXML), "k")
	for range 2 {
		s.ask(t, q).want(t, http.StatusBadRequest, `{"Idempotency-Key":["`, "300")
	}
	if n := s.count(t, s.alice, "/runs/"); n != 0.0 {
		t.Errorf("%v runs", n)
	}
	q.keys = nil
	s.ask(t, q).want(t, http.StatusCreated)
	s.ask(t, jsonPOST(s.alice, "/slides/", `{"name": "x"}`, "k")).want(t, http.StatusCreated) // 200 bytes
}
