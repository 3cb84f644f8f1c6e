package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/server"
)

// TestWire speaks HTTP as no client should. No second request hides behind a
// first one, nothing is reflected, and every answer is the API's.
func TestWire(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(c *server.Config) { c.HeaderTimeout = 2 * time.Second })
	token := s.token(t, alice)
	auth := "Authorization: JWT " + token + "\r\n"
	const hidden = "GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
	for _, test := range []struct {
		name, text string
		want       []int // the answers; a connection that is closed gives no more
	}{
		{"length and chunks", "POST /api-token-auth/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + "", []int{400}},
		{"two lengths", "POST /api-token-auth/ HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 52\r\n\r\n" + hidden, []int{400}},
		{"a length with a sign", "POST /api-token-auth/ HTTP/1.1\r\nHost: x\r\nContent-Length: +5\r\n\r\n" + hidden, []int{400}},
		{"a list of lengths", "POST /api-token-auth/ HTTP/1.1\r\nHost: x\r\nContent-Length: 0, 5\r\n\r\n" + hidden, []int{400}},
		{"chunks spelled otherwise", "POST /api-token-auth/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n" + hidden, []int{501}},
		{"chunks twice", "POST /api-token-auth/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n" + hidden, []int{501}},
		{"a space before the colon", "POST /api-token-auth/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding : chunked\r\n\r\n" + hidden, []int{400}},
		{"a chunk without end", "POST /api-token-auth/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffffff\r\n" + hidden, []int{400}},
		{"a folded header", "GET /users/me/ HTTP/1.1\r\nHost: x\r\nX-A: a\r\n b\r\n\r\n", []int{401}},
		{"two hosts", "GET /users/me/ HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", []int{400}},
		{"no host", "GET /users/me/ HTTP/1.1\r\n\r\n", []int{400}},
		{"a host with a path", "GET /users/me/ HTTP/1.1\r\nHost: x/y\r\n\r\n", []int{400}},
		{"a host with a name", "GET /users/me/ HTTP/1.1\r\nHost: a@b\r\n\r\n", []int{400}},
		{"a NUL in a header", "GET /users/me/ HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n", []int{400}},
		{"no HTTP", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc", []int{400}},
		{"TRACE", "TRACE /users/me/ HTTP/1.1\r\nHost: x\r\nX-Secret: s\r\nConnection: close\r\n\r\n", []int{405}},
		{"CONNECT", "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org:443\r\nConnection: close\r\n\r\n", []int{405}},
		{"OPTIONS *", "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", []int{404}},
		{"another server's URL", "GET http://example.org/users/me/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", []int{401}},
		{"a method that is none", "G\x00T /users/me/ HTTP/1.1\r\nHost: x\r\n\r\n", []int{400}},
		{"pipelined", strings.Repeat("GET /users/me/ HTTP/1.1\r\nHost: x\r\n"+auth+"\r\n", 3), []int{200, 200, 200}},
		{"an unread body before another", "POST /nowhere/ HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789GET /users/me/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", []int{404, 401}},
		{"chunks without a length", "POST /projects/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" + auth + "Transfer-Encoding: chunked\r\n\r\n10\r\n{\"name\": \"chunk\"\r\n1\r\n}\r\n0\r\n\r\n", []int{201}},
		{"an expectation that is none", "POST /projects/ HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nContent-Length: 2\r\n\r\n{}", []int{417}},
	} {
		statuses, bodies := s.speak(t, test.text, len(test.want))
		if !slices.Equal(statuses, test.want) {
			t.Errorf("%s: %v %q, want %v", test.name, statuses, bodies, test.want)
		}
		for _, body := range bodies {
			if strings.Contains(body, "X-Secret") || strings.Contains(body, `"openapi"`) {
				t.Errorf("%s: %s", test.name, body)
			}
		}
	}
}

// TestHosts: absolute URLs begin with the host that the client itself has
// named, or with the public URL, and what a client sends cannot put anything
// else there. No answer with one is kept by caches for others.
func TestHosts(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	f := newFOV(t)
	c := s.client(t, alice)
	run := f.createRun(t.Context(), t, c)
	token := s.token(t, alice)
	path := "/upload_mibitiff/sign_tiff_url/?run_id=" + itoa(run.ID)
	for name, headers := range map[string]string{
		"a proxy that nobody trusts": "Host: mibi.example.org\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\nForwarded: host=evil.example\r\nX-Host: evil.example\r\nX-Original-Host: evil.example\r\n",
		"an absolute target":         "Host: mibi.example.org\r\n",
		"a path that others rewrite": "Host: mibi.example.org\r\nX-Original-URL: /evil\r\nX-Rewrite-URL: /evil\r\nX-HTTP-Method-Override: DELETE\r\n",
	} {
		statuses, bodies := s.speak(t, "GET "+path+" HTTP/1.1\r\n"+headers+"Authorization: JWT "+token+"\r\nConnection: close\r\n\r\n", 1)
		if len(statuses) != 1 || statuses[0] != 200 || !strings.Contains(bodies[0], `"http://mibi.example.org/storage/`) || strings.Contains(bodies[0], "evil") {
			t.Errorf("%s: %v %q", name, statuses, bodies)
		}
	}
	for _, host := range []string{"evil.example/path", "evil.example?x", "evil.example#", "a b", "<script>", "a\"b", "a\\b", "a,b", "a@b"} {
		statuses, bodies := s.speak(t, "GET "+path+" HTTP/1.1\r\nHost: "+host+"\r\nAuthorization: JWT "+token+"\r\n\r\n", 1)
		if len(statuses) != 1 || statuses[0] != 400 || strings.Contains(bodies[0], "storage") {
			t.Errorf("host %q: %v %q", host, statuses, bodies)
		}
	}
}

// TestOtherSites: no page of another site can read an answer or make a browser
// send credentials: there are no cookies, and no answer allows other origins.
func TestOtherSites(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := s.token(t, alice)
	for _, method := range []string{http.MethodGet, http.MethodOptions, http.MethodPost} {
		for _, path := range []string{"/users/me/", "/runs/", "/openapi.json", "/nowhere/"} {
			status, text := s.ask(t, token, method, path, "", "Origin", "https://evil.example", "Access-Control-Request-Method", "DELETE",
				"Access-Control-Request-Headers", "authorization", "Cookie", "session="+token)
			if strings.Contains(text, "evil") {
				t.Errorf("%s %s: %d %s", method, path, status, text)
			}
		}
	}
	// A cookie is no credential.
	if status, _ := s.ask(t, "", http.MethodGet, "/users/me/", "", "Cookie", "session="+token+"; token="+token); status != 401 {
		t.Errorf("with a cookie: %d", status)
	}
}

// TestSpellings: a path has one meaning however it is spelled, and a slash in a
// name stays in the name.
func TestSpellings(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := s.rootToken(t)
	for path, want := range map[string]int{
		"/users//me": 200, "//users/me//": 200, "/users/me": 200, "/users%2Fme/": 404, "/users/%6de/": 404, "/users/./me/": 404, "/runs/../users/me/": 404,
		"/runs/%2e%2e/users/me/": 404, "/users/me/%00": 404, "/users/me%00/": 404, "/users/me;a=b/": 404, "/USERS/me/": 404, "/users\\me/": 404, "/storage/..%2f..%2fsecrets.json/": 403,
		"/storage/%2e%2e/secrets.json": 404, "/assets/../secrets.json": 404, "/assets/%2e%2e%2fsecrets.json": 404, "/docs/..%2f..%2fsecrets.json": 404, "/runs/0/": 404, "/runs/-1/": 404,
		"/runs/1%27/": 404, "/runs/1e3/": 404, "/runs/0x1/": 404, "/runs/1%00/": 404, "/runs/%EF%BC%91/": 404, "/runs/9223372036854775808/": 404, "/runs/" + strings.Repeat("9", 300) + "/": 404,
	} {
		u, err := url.Parse(s.url + path)
		if err != nil {
			t.Fatal(err)
		}
		statuses, bodies := s.speak(t, fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\nAuthorization: JWT %s\r\nConnection: close\r\n\r\n", path, u.Host, token), 1)
		if len(statuses) != 1 || statuses[0] != want || !json.Valid([]byte(bodies[0])) {
			t.Errorf("%s: %v %.200q, want %d", path, statuses, bodies, want)
		}
	}
}
