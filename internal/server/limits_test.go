package server_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/server"
)

// dial opens a connection, on which nothing is said yet.
func (r *running) dial(t *testing.T) (net.Conn, *bufio.Reader) {
	t.Helper()
	var d net.Dialer
	conn, err := d.DialContext(t.Context(), "tcp", r.url[strings.LastIndex(r.url, "/")+1:])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	return conn, bufio.NewReader(conn)
}

func say(t *testing.T, conn net.Conn, text string) {
	t.Helper()
	if _, err := io.WriteString(conn, strings.ReplaceAll(text, "\n", "\r\n")); err != nil {
		t.Fatal(err)
	}
}

// Connections that say nothing make room for who has something to say; while
// all are at work the next is closed.
func TestTooManyConnections(t *testing.T) {
	t.Parallel()
	const most = 4
	r := start(t, server.Config{DataDir: t.TempDir(), MaxConnections: most, MaxConnectionsOf: most})
	healthy := func() {
		t.Helper()
		conn, b := r.dial(t)
		say(t, conn, "GET /healthz HTTP/1.1\nHost: x\nConnection: close\n\n")
		// To its end: then the connection counts no more.
		if answer, err := io.ReadAll(b); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200") {
			t.Fatalf("a healthy client: %q, %v", answer, err)
		}
	}
	var idle []*bufio.Reader
	for range most {
		_, b := r.dial(t)
		idle = append(idle, b)
	}
	healthy()
	if _, err := idle[0].ReadByte(); err == nil {
		t.Error("the oldest of the idle connections was not closed")
	}
	// Connections at work: the server has asked for their bodies.
	for range most {
		conn, b := r.dial(t)
		say(t, conn, "POST /api-token-auth/ HTTP/1.1\nHost: x\nContent-Type: application/json\nContent-Length: 9\nExpect: 100-continue\n\n")
		if line, err := b.ReadString('\n'); err != nil || !strings.Contains(line, "100") {
			t.Fatalf("%q, %v", line, err)
		}
	}
	conn, b := r.dial(t)
	say(t, conn, "GET /healthz HTTP/1.1\nHost: x\n\n")
	if line, err := b.ReadString('\n'); err == nil {
		t.Errorf("one too many got %q", line)
	}
	if !strings.Contains(r.log.String(), "connections are refused") {
		t.Error("nobody was told")
	}
}

// Headers that do not come, or byte by byte, end the connection.
func TestSlowHeaders(t *testing.T) {
	t.Parallel()
	r := start(t, server.Config{DataDir: t.TempDir(), HeaderTimeout: 50 * time.Millisecond, IdleTimeout: 50 * time.Millisecond})
	for name, text := range map[string]string{"nothing": "", "a part": "GET /healthz HTTP/1.1\nHost: x\nX-Slow: ", "a whole one, then nothing": "GET /healthz HTTP/1.1\nHost: x\n\n"} {
		conn, b := r.dial(t)
		say(t, conn, text)
		if _, err := io.ReadAll(b); err != nil && !strings.Contains(err.Error(), "reset") {
			t.Errorf("%s: %v: the connection was not ended", name, err)
		}
	}
}

// With TLS the server speaks HTTP/2, under the same limits.
func TestHTTP2(t *testing.T) {
	t.Parallel()
	// The test server's certificate is as good as any.
	lent := httptest.NewUnstartedServer(nil)
	lent.StartTLS()
	defer lent.Close()
	dir := t.TempDir()
	cert, key := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	der, err := x509.MarshalPKCS8PrivateKey(lent.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{
		cert: {Type: "CERTIFICATE", Bytes: lent.TLS.Certificates[0].Certificate[0]}, key: {Type: "PRIVATE KEY", Bytes: der},
	} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := start(t, server.Config{DataDir: filepath.Join(dir, "data"), TLSCert: cert, TLSKey: key, Idle: 2 * time.Second}) // answers have to be written within it, too
	pool := x509.NewCertPool()
	pool.AddCert(lent.Certificate())
	client := &http.Client{Transport: &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{RootCAs: pool, ServerName: "example.com"}}}
	defer client.CloseIdleConnections()
	do := func(method, path string, body io.Reader, header http.Header) (int, string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, method, r.url+path, body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header = header
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		if res.ProtoMajor != 2 {
			t.Errorf("%s %s: %s", method, path, res.Proto)
		}
		return res.StatusCode, string(text)
	}
	if status, text := do("GET", "/healthz", nil, nil); status != 200 {
		t.Errorf("%d %s", status, text)
	}
	if status, text := do("GET", "/users/me/", nil, http.Header{"X-Large": {strings.Repeat("x", 40<<10)}}); status != 431 || !strings.Contains(text, "request_id") {
		t.Errorf("large headers: %d %s", status, text)
	}
	still, feed := io.Pipe()
	defer func() { _ = feed.Close() }()
	if status, text := do("POST", "/api-token-auth/", still, http.Header{"Content-Type": {"application/json"}}); status != 408 {
		t.Errorf("a body that stands still: %d %s", status, text)
	}
}
