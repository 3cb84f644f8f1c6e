package api_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/openmibi/openmibi/internal/api"
)

func TestBodyLimits(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	big := strings.Repeat("x", 1<<20)
	s.do(t, s.alice, "POST", "/projects/", map[string]any{"name": "a", "description": big}).want(t, 413, "detail")
	s.do(t, s.alice, "POST", "/projects/", newForm("name", "a", "description", big)).want(t, 413, "detail")
	s.do(t, s.alice, "POST", "/projects/", map[string]any{"name": "a", "description": big[:70<<10]}).want(t, 400, `"description"`)
	many := newForm("name", "a")
	for i := range 300 {
		must(t, many.w.WriteField(fmt.Sprint("f", i), "x"))
	}
	s.do(t, s.alice, "POST", "/projects/", many).want(t, 400, "parts")
	s.do(t, s.alice, "POST", "/projects/", newForm(strings.Repeat("n", 200), "a")).want(t, 400, "detail")
	s.do(t, s.alice, "POST", "/projects/", newForm("name", "a").file("name", "a.txt", "text/plain", "x")).want(t, 400, `"name"`)
	for contentType, status := range map[string]int{
		"text/plain":                        415,
		"application/xml":                   415,
		"multipart/mixed; boundary=x":       415,
		"a/b; =":                            415,
		"multipart/form-data":               400,
		"multipart/form-data; boundary=x":   400,
		"application/json; charset=utf-8":   201,
		"":                                  201,
		"application/x-www-form-urlencoded": 400,
	} {
		req, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+"/projects/", strings.NewReader(`{"name": "json `+contentType+`"}`))
		must(t, err)
		req.Header.Set("Authorization", "JWT "+s.alice.token)
		if contentType != "" {
			req.Header.Set("Content-Type", contentType)
		}
		s.send(t, req).want(t, status)
	}
	req, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+"/projects/", strings.NewReader("name=a+form&can_share_images=True"))
	must(t, err)
	req.Header.Set("Authorization", "JWT "+s.alice.token)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	s.send(t, req).want(t, 201, `"name":"a form"`, `"can_share_images":true`)
}

// A failure of ours tells its number and nothing else; the log tells the rest.
func TestInternalErrors(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(c *api.Config) {
		c.Mount = func(r chi.Router) {
			r.Get("/panic/", func(http.ResponseWriter, *http.Request) { panic("secret of the house") })
			r.Get("/late/", func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, "[1,") // the test looks at what arrives
				panic("too late")
			})
		}
	})
	got := s.do(t, s.alice, "GET", "/panic", nil).want(t, 500, "detail", "number")
	if strings.Contains(string(got.body), "secret") || !strings.Contains(string(got.body), got.header.Get("X-Request-Id")) {
		t.Errorf("%s", got.body)
	}
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+"/late", nil)
	must(t, err)
	if res, err := s.Client().Do(req); err == nil {
		_, err := io.ReadAll(res.Body)
		_ = res.Body.Close()
		if err == nil {
			t.Error("half an answer looked whole")
		}
	}
	must(t, s.store.Close())
	for _, route := range []struct{ method, path string }{{"GET", "/runs/"}, {"GET", "/runs/?paging=no"}, {"POST", "/api-token-auth/"}} {
		got := s.do(t, s.alice, route.method, route.path, `{"email": "a", "password": "b"}`).want(t, 500, `{"detail":"Internal error.`)
		if strings.Contains(string(got.body), "sql") || strings.Contains(string(got.body), "database") {
			t.Errorf("%s %s: %s", route.method, route.path, got.body)
		}
	}
	s.Close()
	if log := s.log.String(); !strings.Contains(log, "secret of the house") || !strings.Contains(log, got.header.Get("X-Request-Id")) ||
		!strings.Contains(log, "database is closed") {
		t.Errorf("log: %s", log)
	}
}

// dial speaks HTTP by hand.
func (s *server) dial(t *testing.T, head string) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	must(t, conn.SetDeadline(time.Now().Add(cutoff)))
	_, err = io.WriteString(conn, strings.ReplaceAll(head, "\n", "\r\n"))
	must(t, err)
	return conn, bufio.NewReader(conn)
}

// A body that stops is given up; one that goes on slowly is not.
func TestSlowBodies(t *testing.T) {
	t.Parallel()
	const idle, pieces = 2 * time.Second, 12 // each comes in time on a busy machine, too
	s := newServer(t, func(c *api.Config) { c.IdleBody = idle })
	body := `{"name": "slow as it is, it arrives"}`
	head := func(length int) string {
		return fmt.Sprintf("POST /projects/ HTTP/1.1\nHost: x\nAuthorization: JWT %s\nContent-Type: application/json\nContent-Length: %d\n\n",
			s.alice.token, length)
	}
	_, r := s.dial(t, head(100)+`{"name": `)
	res, err := http.ReadResponse(r, nil)
	must(t, err)
	text, err := io.ReadAll(res.Body)
	must(t, err)
	if res.StatusCode != http.StatusRequestTimeout || !strings.Contains(string(text), "detail") {
		t.Errorf("a body that stopped: %d %s", res.StatusCode, text)
	}

	conn, r := s.dial(t, head(len(body)))
	tick := time.NewTicker(idle / 5)
	defer tick.Stop()
	start := time.Now()
	for i := range pieces {
		<-tick.C
		_, err := io.WriteString(conn, body[len(body)*i/pieces:len(body)*(i+1)/pieces])
		must(t, err)
	}
	res, err = http.ReadResponse(r, nil)
	must(t, err)
	_ = res.Body.Close()
	if took := time.Since(start); res.StatusCode != 201 || took < 2*idle {
		t.Errorf("a slow body: %d after %v", res.StatusCode, took)
	}
}

// A body that ends too early is refused, and leaves nothing.
func TestCutBody(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	f := runForm("cut", runXML)
	text := f.b.String() // without the last boundary
	req, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+"/runs/", strings.NewReader(text))
	must(t, err)
	req.Header.Set("Content-Type", f.w.FormDataContentType())
	req.Header.Set("Authorization", "JWT "+s.alice.token)
	s.send(t, req).want(t, 400, "detail")
	if keys := s.stored(t); len(keys) != 0 {
		t.Errorf("left behind: %v", keys)
	}
}
