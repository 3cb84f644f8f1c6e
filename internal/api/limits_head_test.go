package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// What stands before a body has limits, which the contract's errors say.
func TestHeadLimits(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	many := make([]string, 600)
	for i := range many {
		many[i] = fmt.Sprintf("p%d=1", i)
	}
	get := func(path string, headers ...string) answer {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+path, http.NoBody)
		must(t, err)
		req.Header.Set("Authorization", "JWT "+s.alice.token)
		for i := 0; i < len(headers); i += 2 {
			req.Header.Add(headers[i], headers[i+1])
		}
		return s.send(t, req)
	}
	get("/runs/?"+strings.Join(many, "&")).want(t, 400, `"detail":"The query string has more than 500 parameters."`)
	get("/runs/?name=%zz").want(t, 400, "detail")
	get("/users/me/?a=1;b=2").want(t, 400, "detail")
	get("/runs/?name="+strings.Repeat("x", 17<<10)).want(t, 414, "detail")
	get("/users/me/", "X-Large", strings.Repeat("x", 33<<10)).want(t, 431, "detail", "request_id")
	get("/users/me/", "Authorization", "JWT "+strings.Repeat("x", 33<<10)).want(t, 431, "detail")
	var lines []string
	for range 101 {
		lines = append(lines, "X-Many", "x")
	}
	get("/users/me/", lines...).want(t, 431, "detail", "request_id")
	get("/users/me/", lines[:160]...).want(t, 200)
	for host, status := range map[string]int{
		"mibi.example.org": 200, "mibi_server:8000": 200, "[::1]:80": 200, "[fe80::1%25eth0]": 200,
		"a,b": 400, "a'b": 400, "a;b": 400, "a=b&c": 400, strings.Repeat("h", 300): 400,
	} {
		req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+"/users/me/", http.NoBody)
		must(t, err)
		req.Host = host
		req.Header.Set("Authorization", "JWT "+s.alice.token)
		if got := s.send(t, req); got.status != status {
			t.Errorf("host %.20q: %d %s, want %d", host, got.status, got.body, status)
		}
	}
}

// The shape of JSON has limits, and what programs read differently is refused.
func TestJSONShape(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	fields := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,"f%d":{"a":1,"b":[2,{"c":":"}]}`, i)
		}
		return b.String()
	}
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for name, test := range map[string]struct {
		body   string
		status int
		text   string
	}{
		"deep":                 {`{"name":"a","x":` + nested(32) + `}`, 400, "32 levels"},
		"very deep":            {strings.Repeat(`{"a":`, 100_000), 400, "32 levels"},
		"not too deep":         {`{"name":"a","x":` + nested(31) + `}`, 201, ""},
		"many fields":          {`{"name":"a"` + fields(1000) + `}`, 400, "1000 fields"},
		"not too many":         {`{"name":"b"` + fields(999) + `}`, 201, ""},
		"twice":                {`{"name":"c","description":"d","name":"e"}`, 400, "twice"},
		"twice, escaped":       {`{"name":"c","n\u0061me":"e"}`, 400, "twice"},
		"brackets in texts":    {`{"name":"[[[{{{\":\"\\","description":"` + nested(40) + `"}`, 201, ""},
		"an array":             {`[1]`, 400, "object"},
		"null":                 {`null`, 400, "object"},
		"nothing":              {``, 400, "object"},
		"two objects":          {`{"name":"f"}{"name":"g"}`, 400, "object"},
		"a byte order mark":    {"\ufeff{\"name\":\"h\"}", 400, "object"},
		"UTF-16":               {"{\x00\"\x00n\x00", 400, "object"},
		"a text without end":   {`{"name": "`, 400, "object"},
		"an escape at the end": {`{"name": "\`, 400, "object"},
	} {
		if got := s.do(t, s.alice, "POST", "/projects/", test.body); got.status != test.status || !strings.Contains(string(got.body), test.text) {
			t.Errorf("%s: %d %s, want %d %s", name, got.status, got.body, test.status, test.text)
		}
	}
}

// Somebody who is not logged in cannot make the server hold much.
func TestOpenBodies(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, path := range []string{"/api-token-auth/", "/api-token-refresh/"} {
		s.do(t, user{}, "POST", path, map[string]string{"token": strings.Repeat("x", 33<<10)}).want(t, 413, "detail")
		s.do(t, user{}, "POST", path, newForm("token", strings.Repeat("x", 33<<10))).want(t, 413, "detail")
	}
	form := strings.Repeat("a=1&", 300)
	req, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+"/api-token-auth/", strings.NewReader(form))
	must(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	s.send(t, req).want(t, 400, "256 fields")
}
