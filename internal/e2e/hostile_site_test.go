package e2e

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/server"
)

const root = "root@example.org"

// rootToken makes an administrator.
func (s *site) rootToken(t *testing.T) string {
	t.Helper()
	if _, err := server.AddUser(t.Context(), s.data, root, password, true); err != nil {
		t.Fatal(err)
	}
	return s.token(t, root)
}

// token logs somebody in.
func (s *site) token(t *testing.T, who string) string {
	t.Helper()
	status, text := s.ask(t, "", http.MethodPost, "/api-token-auth/", `{"email": "`+who+`", "password": "`+password+`"}`)
	var got struct{ Token string }
	if err := json.Unmarshal([]byte(text), &got); err != nil || status != http.StatusOK {
		t.Fatalf("log in: %d %s", status, text)
	}
	return got.Token
}

// ask sends a request as it is, with JSON where there is a body, and checks
// what holds for every answer: it is JSON that no browser takes for a page, and
// no other site may read it.
func (s *site) ask(t *testing.T, token, method, path, body string, headers ...string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, s.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatalf("%s %q: %v", method, path, err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		req.Header.Set("Authorization", "JWT "+token)
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatalf("%s %q: %v", method, path, err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %q: %v", method, path, err)
	}
	harmlessAnswer(t, method+" "+path, res, string(text))
	return res.StatusCode, string(text)
}

func harmlessAnswer(t *testing.T, what string, res *http.Response, text string) {
	t.Helper()
	h := res.Header
	switch {
	case h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "'none'"):
		t.Errorf("%s: a browser may take it for a page: %v", what, h)
	case h.Get("Set-Cookie") != "" || h.Get("Access-Control-Allow-Origin") != "" || h.Get("Access-Control-Allow-Credentials") != "":
		t.Errorf("%s: cookies, or other sites' access: %v", what, h)
	case len(text) > 0 && !strings.HasPrefix(h.Get("Content-Type"), "application/json") && !strings.Contains(what, "/storage/"):
		t.Errorf("%s: Content-Type %q: %.200s", what, h.Get("Content-Type"), text)
	case res.StatusCode >= http.StatusInternalServerError && res.StatusCode != http.StatusNotImplemented:
		t.Errorf("%s: %d %s", what, res.StatusCode, text)
	case res.StatusCode >= http.StatusBadRequest && len(text) > 0 && !json.Valid([]byte(text)):
		t.Errorf("%s: %d %q", what, res.StatusCode, text)
	}
}

// speak sends bytes as they are and returns the answers until the server closes
// the connection, or has given as many.
func (s *site) speak(t *testing.T, text string, most int) (statuses []int, bodies []string) {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(conn)
	for len(statuses) < most {
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			break
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			break
		}
		statuses, bodies = append(statuses, res.StatusCode), append(bodies, string(body))
	}
	return statuses, bodies
}
