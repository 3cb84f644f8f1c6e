package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sendAs sends a body of a media type.
func (s *server) sendAs(t *testing.T, who user, method, path, media, body string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	must(t, err)
	req.Header.Set("Content-Type", media)
	req.Header.Set("Authorization", "JWT "+who.token)
	return s.send(t, req)
}

// Every way that a kind's routes refuse, and that nothing changes by it.
func TestEveryKindRefuses(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for name, k := range s.kinds(t) {
		t.Run(name, func(t *testing.T) {
			at := k.path + itoa(k.make(t, k.first)) + "/"
			before := s.do(t, k.who, "GET", at, nil).want(t, 200).object(t)
			for body, field := range k.wrong {
				s.do(t, k.who, "PUT", at, body).want(t, 400, `"`+field+`"`)
				s.do(t, k.who, "PATCH", at, body).want(t, 400, `"`+field+`"`)
				if name != "run" && field != "active" { // a run is made by a form
					s.do(t, k.who, "POST", k.path, body).want(t, 400)
				}
			}
			for _, method := range []string{"PUT", "PATCH", "DELETE"} {
				s.do(t, user{}, method, at, `{}`).want(t, 401, "detail")
				s.do(t, user{token: "forged"}, method, at, `{}`).want(t, 401, "detail")
				s.do(t, s.bob, method, at, `{}`).want(t, k.foreign, "detail")
				s.do(t, k.who, method, k.path+"9999/", `{}`).want(t, 404, "detail")
				s.do(t, k.who, method, k.path+"x/", `{}`).want(t, 404, "detail")
				s.do(t, k.who, method, k.path+"0/", `{}`).want(t, 404, "detail")
			}
			s.do(t, k.who, "POST", at, `{}`).want(t, 405, "detail")
			s.do(t, k.who, "DELETE", k.path, nil).want(t, 405, "detail")
			// Who may not change it is told so, whatever it sends.
			s.sendAs(t, s.bob, "PUT", at, "text/plain", "x").want(t, k.foreign, "detail")
			large := `{"description": "` + strings.Repeat("x", 2<<20) + `"}`
			for method, path := range map[string]string{"PUT": at, "PATCH": at, "POST": k.path} {
				s.sendAs(t, k.who, method, path, "text/plain", "x").want(t, 415, "detail")
				s.sendAs(t, k.who, method, path, "application/json", "[]").want(t, 400, "detail")
				s.sendAs(t, k.who, method, path, "application/json", large).want(t, 413, "detail")
			}
			if diff := cmp.Diff(before, s.do(t, k.who, "GET", at, nil).want(t, 200).object(t)); diff != "" {
				t.Errorf("something changed: %s", diff)
			}
		})
	}
}

// What a description may hold is bounded, too.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for name, k := range s.kinds(t) {
		if _, ok := k.first["description"]; !ok {
			continue
		}
		t.Run(name, func(t *testing.T) {
			at := k.path + itoa(k.make(t, k.first)) + "/"
			s.do(t, k.who, "PUT", at, map[string]any{"description": strings.Repeat("ü", 64<<10)}).want(t, 200)
			s.do(t, k.who, "PUT", at, map[string]any{"description": strings.Repeat("ü", 64<<10+1)}).want(t, 400, `"description"`)
		})
	}
}
