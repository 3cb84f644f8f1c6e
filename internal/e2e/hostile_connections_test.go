package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/server"
)

// Two thousand connections that say nothing, others whose headers or bodies
// drip, and some that ask for much and read nothing: a healthy client is
// answered as if they were not there, and the server's memory stays small.
func TestIdleConnections(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it opens thousands of connections")
	}
	const idle, slow, asked = 2000, 20, 300
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	data := filepath.Join(t.TempDir(), "data")
	if _, err := server.AddUser(ctx, data, email, password, false); err != nil {
		t.Fatal(err)
	}
	p := start(t, orders{Data: data})
	c := login(t, p.url)
	defer c.CloseIdleConnections()
	f := newFOV(t)
	run := f.createRun(ctx, t, c)
	before := rss(t, p.cmd.Process.Pid)
	addr := strings.TrimPrefix(p.url, "http://")
	dial := func(text string) (net.Conn, *bufio.Reader) {
		t.Helper()
		var d net.Dialer
		conn, err := d.DialContext(ctx, "tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		if _, err := io.WriteString(conn, strings.ReplaceAll(text, "\n", "\r\n")); err != nil {
			t.Fatal(err)
		}
		return conn, bufio.NewReader(conn)
	}
	for i := range idle {
		if i%2 == 0 {
			dial("")
			continue
		}
		// One that has asked before is kept for longer.
		conn, r := dial("GET /healthz HTTP/1.1\nHost: x\n\n")
		_ = conn.SetReadDeadline(time.Now().Add(time.Minute))
		res, err := http.ReadResponse(r, nil)
		if err != nil {
			t.Fatalf("connection %d: %v", i, err)
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			t.Fatal(err)
		}
	}
	for range slow {
		dial("GET /runs/ HTTP/1.1\nHost: x\nX-Slow: ")
		dial("POST /api-token-auth/ HTTP/1.1\nHost: x\nContent-Type: application/json\nContent-Length: 30000\n\n{")
		dial(strings.Repeat("GET / HTTP/1.1\nHost: x\n\n", 500)) // pipelined, and never read
	}
	took := make([]time.Duration, asked)
	for i := range took {
		began := time.Now()
		got, err := c.Runs.Get(ctx, run.ID)
		took[i] = time.Since(began)
		if err != nil || got.Label != run.Label || len(got.ImageSet.Images) != len(run.ImageSet.Images) {
			t.Fatalf("request %d: %+v, %v", i, got, err)
		}
	}
	slices.Sort(took)
	after := rss(t, p.cmd.Process.Pid)
	t.Logf("%d idle and %d slow connections: a healthy client's requests took %v (median), %v (99%%), %v (most); memory %d MiB, before %d MiB",
		idle, 3*slow, took[asked/2], took[asked*99/100], took[asked-1], after>>20, before>>20)
	if grown := after - before; grown > 128<<20 && !raceDetector { // it keeps a book of its own
		t.Errorf("%d MiB of memory for %d connections", grown>>20, idle)
	}
	// New clients come in as well.
	again := login(t, p.url)
	defer again.CloseIdleConnections()
	if _, err := again.Runs.Get(ctx, run.ID); err != nil {
		t.Error(err)
	}
	// Not stopped in peace: that would wait for the slow ones.
	if err := p.cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	if err := <-p.ended; err == nil {
		t.Error("the server ended by itself")
	}
}

// rss is the memory that a process holds, in bytes; 0 where nobody tells.
func rss(t *testing.T, pid int) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return kib << 10
		}
	}
	return 0
}
