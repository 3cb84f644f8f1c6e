package server_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// logBuffer is a log that a test reads while the server writes it.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// running is a server that a test has started.
type running struct {
	url    string
	log    *logBuffer
	client *http.Client
	stop   func()
	ended  chan error
}

// start runs a server until the test ends, or until stop.
func start(t *testing.T, cfg server.Config) *running {
	t.Helper()
	r := &running{log: new(logBuffer), ended: make(chan error, 1), client: &http.Client{Transport: &http.Transport{}}}
	if cfg.Addr == "" {
		cfg.Addr = "127.0.0.1:0"
	}
	cfg.Logger = slog.New(slog.NewTextHandler(r.log, nil))
	ctx, cancel := context.WithCancel(t.Context())
	ready := make(chan string, 1)
	go func() { r.ended <- server.Run(ctx, cfg, func(url string) { ready <- url }) }()
	select {
	case r.url = <-ready:
	case err := <-r.ended:
		cancel()
		t.Fatalf("the server did not start: %v", err)
	}
	var once sync.Once
	r.stop = func() {
		once.Do(func() {
			cancel()
			r.client.CloseIdleConnections()
			if err := <-r.ended; err != nil {
				t.Errorf("the server ended with %v", err)
			}
		})
	}
	t.Cleanup(r.stop)
	return r
}

func (r *running) do(t *testing.T, method, path, body string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "JWT header-secret")
	res, err := r.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return res, string(text)
}

func TestServe(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "data")
	r := start(t, server.Config{DataDir: dir, Version: "v0-test"})
	for path, want := range map[string]string{
		"/healthz": "ok", "/healthz/": "ok", "/readyz": "ready", "//readyz//": "ready", "/": "v0-test",
		"/assets/style.css": "--ground", "/openapi.json": "/api-token-auth/",
	} {
		res, body := r.do(t, http.MethodGet, path, "")
		if res.StatusCode != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("GET %s: %d %.200s", path, res.StatusCode, body)
		}
		for header, want := range map[string]string{"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
			"Referrer-Policy": "no-referrer", "Content-Security-Policy": "default-src", "Strict-Transport-Security": ""} {
			if got := res.Header.Get(header); !strings.Contains(got, want) || want == "" && got != "" {
				t.Errorf("GET %s: %s is %q", path, header, got)
			}
		}
	}
	if res, body := r.do(t, http.MethodGet, "/nothing", ""); res.StatusCode != http.StatusNotFound || !strings.HasPrefix(body, `{"detail"`) {
		t.Errorf("an unknown path: %d %s", res.StatusCode, body)
	}
	if res, _ := r.do(t, http.MethodPost, "/healthz", ""); res.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST /healthz: %d", res.StatusCode)
	}
	r.stop()
	for _, name := range []string{"openmibi.db", "secrets.json", "blobs"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
			continue
		}
		if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others: %v", name, info.Mode())
		}
	}
	if info, err := os.Stat(dir); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("the data folder: %v, %v", info.Mode(), err)
	}
}

// The log tells what was asked and how it ended, and nothing that lets in.
func TestAccessLog(t *testing.T) {
	t.Parallel()
	r := start(t, server.Config{DataDir: t.TempDir()})
	res, body := r.do(t, http.MethodGet, "/storage/x.tiff?grant=query-secret", "")
	r.do(t, http.MethodPost, "/api-token-auth/", `{"email": "a@example.org", "password": "body-secret"}`)
	r.stop()
	log := r.log.String()
	for _, want := range []string{"method=GET", "path=/storage/x.tiff", "path=/api-token-auth/", "status=400", "duration=", "bytes=",
		"request_id=" + res.Header.Get("X-Request-Id")} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s:\n%s", want, log)
		}
	}
	for _, secret := range []string{"query-secret", "header-secret", "body-secret", "grant="} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q:\n%s", secret, log)
		}
	}
	if res.StatusCode/100 != 4 || res.Header.Get("X-Request-Id") == "" {
		t.Errorf("%d %v %s", res.StatusCode, res.Header, body)
	}
}

func TestUserAddedWhileServing(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := start(t, server.Config{DataDir: dir})
	id, err := server.AddUser(t.Context(), dir, "Ann@example.org", "correct horse", true)
	if err != nil || id <= 0 {
		t.Fatal(id, err)
	}
	res, body := r.do(t, http.MethodPost, "/api-token-auth/", `{"email": "ann@example.org", "password": "correct horse"}`)
	if res.StatusCode != http.StatusOK || !strings.Contains(body, `"token"`) {
		t.Errorf("log in: %d %s", res.StatusCode, body)
	}
	for name, test := range map[string]struct {
		email, password string
		want            error
	}{
		"taken":      {"ANN@example.org", "correct horse", server.ErrUserExists},
		"short":      {"bob@example.org", "x", auth.ErrPasswordShort},
		"no address": {"bob", "correct horse", server.ErrInput},
		"a name too": {"Bob <bob@example.org>", "correct horse", server.ErrInput},
		"too long":   {strings.Repeat("bob", 100) + "@example.org", "correct horse", server.ErrInput},
	} {
		_, err := server.AddUser(t.Context(), dir, test.email, test.password, false)
		if err == nil || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	used := t.TempDir()
	r := start(t, server.Config{DataDir: used})
	loose := t.TempDir()
	start(t, server.Config{DataDir: loose}).stop()
	if err := os.Chmod(filepath.Join(loose, "secrets.json"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		cfg  server.Config
		is   error
		want string
	}{
		"no folder":      {server.Config{}, nil, "data folder"},
		"folder in use":  {server.Config{DataDir: used}, server.ErrInUse, used},
		"port in use":    {server.Config{DataDir: t.TempDir(), Addr: strings.TrimPrefix(r.url, "http://")}, nil, "another"},
		"half of TLS":    {server.Config{DataDir: t.TempDir(), TLSCert: "cert.pem"}, nil, "key"},
		"no certificate": {server.Config{DataDir: t.TempDir(), TLSCert: "no.pem", TLSKey: "no.key"}, nil, "no.pem"},
		"bad public URL": {server.Config{DataDir: t.TempDir(), PublicURL: "mibi.example.org"}, server.ErrInput, "mibi.example.org"},
		"with userinfo":  {server.Config{DataDir: t.TempDir(), PublicURL: "https://ann:x@mibi.example.org"}, server.ErrInput, "--public-url"},
		"no port":        {server.Config{DataDir: t.TempDir(), Addr: "127.0.0.1"}, server.ErrInput, "HOST:PORT"},
		"no such port":   {server.Config{DataDir: t.TempDir(), Addr: "127.0.0.1:99999"}, server.ErrInput, "HOST:PORT"},
		"loose secrets":  {server.Config{DataDir: loose}, auth.ErrSecrets, "chmod 600"},
	} {
		if name == "loose secrets" && runtime.GOOS == "windows" {
			continue
		}
		if test.cfg.Addr == "" {
			test.cfg.Addr = "127.0.0.1:0"
		}
		test.cfg.Logger = slog.New(slog.DiscardHandler)
		err := server.Run(t.Context(), test.cfg, func(string) { t.Errorf("%s: it serves", name) })
		if err == nil || !strings.Contains(err.Error(), test.want) || test.is != nil && !errors.Is(err, test.is) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What a stopped server has left is served by the next one.
func TestStartAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := start(t, server.Config{DataDir: dir})
	if _, err := server.AddUser(t.Context(), dir, "ann@example.org", "correct horse", false); err != nil {
		t.Fatal(err)
	}
	_, body := r.do(t, http.MethodPost, "/api-token-auth/", `{"email": "ann@example.org", "password": "correct horse"}`)
	r.stop()
	token := strings.Split(body, `"`)[3]
	r = start(t, server.Config{DataDir: dir})
	// The secrets are the same, so the token holds.
	res, body := r.do(t, http.MethodPost, "/api-token-refresh/", `{"token": "`+token+`"}`)
	if res.StatusCode != http.StatusOK {
		t.Errorf("refresh after a restart: %d %s", res.StatusCode, body)
	}
}

// slowBody is a request's body that the test feeds.
type slowBody struct {
	begun chan struct{}
	rest  chan string
	once  sync.Once
}

func (s *slowBody) Read(p []byte) (int, error) {
	s.once.Do(func() { close(s.begun) })
	text, more := <-s.rest
	if !more {
		return 0, io.EOF
	}
	return copy(p, text), nil
}

// slowLogIn is a log-in whose body is not whole yet. It returns when the
// server waits for the rest.
func (r *running) slowLogIn(t *testing.T) (body *slowBody, status chan int) {
	t.Helper()
	body = &slowBody{begun: make(chan struct{}), rest: make(chan string)}
	req, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodPost, r.url+"/api-token-auth/", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	// The server says "100 Continue" when the handler reads: then it is at work.
	req.Header.Set("Expect", "100-continue")
	r.client.Transport = &http.Transport{ExpectContinueTimeout: time.Hour}
	status = make(chan int, 1)
	go func() {
		res, err := r.client.Do(req)
		if err != nil {
			status <- 0
			return
		}
		_ = res.Body.Close()
		status <- res.StatusCode
	}()
	<-body.begun
	return body, status
}

func TestDrain(t *testing.T) {
	t.Parallel()
	r := start(t, server.Config{DataDir: t.TempDir(), Drain: time.Hour})
	body, status := r.slowLogIn(t)
	stopped := make(chan struct{})
	go func() { r.stop(); close(stopped) }()
	// New connections are refused once it drains; until then they are answered.
	fresh := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+"/healthz", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		res, err := fresh.Do(req)
		if err != nil {
			break
		}
		_ = res.Body.Close()
	}
	body.rest <- `{"email": "a@example.org", "password": "none of these"}`
	close(body.rest)
	if got := <-status; got != http.StatusBadRequest {
		t.Errorf("the request under way got %d, want its answer", got)
	}
	<-stopped
}

func TestDrainIsBounded(t *testing.T) {
	t.Parallel()
	r := start(t, server.Config{DataDir: t.TempDir(), Drain: 20 * time.Millisecond})
	body, status := r.slowLogIn(t)
	r.stop()
	close(body.rest)
	if got := <-status; got != 0 {
		t.Errorf("a request that never ends got %d", got)
	}
	if !strings.Contains(r.log.String(), "cut off") {
		t.Errorf("nobody was told:\n%s", r.log)
	}
}

// A body that stands still is ended, however long the server would wait for a
// moving one.
func TestStandstill(t *testing.T) {
	t.Parallel()
	r := start(t, server.Config{DataDir: t.TempDir(), Idle: 50 * time.Millisecond})
	body, status := r.slowLogIn(t)
	if got := <-status; got == http.StatusOK {
		t.Errorf("got %d", got)
	}
	close(body.rest)
}
