package server_test

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/server"
)

// Connections that say nothing, stop in the middle of their headers or their
// body, ask for much and read nothing, or are no HTTP, all come to an end by
// themselves, and nothing of them stays: as many goroutines as before.
//
// Not parallel: it counts goroutines.
func TestNothingStaysOfHostileConnections(t *testing.T) { //nolint:paralleltest // see above
	const soon, each = 100 * time.Millisecond, 40
	r := start(t, server.Config{DataDir: t.TempDir(), HeaderTimeout: soon, IdleTimeout: soon, Idle: soon})
	// The first request makes what stays.
	conn, b := r.dial(t)
	say(t, conn, "GET /openapi.json HTTP/1.1\nHost: x\nConnection: close\n\n")
	if answer, err := io.ReadAll(b); err != nil || !strings.HasPrefix(string(answer), "HTTP/1.1 200") {
		t.Fatalf("%.100q, %v", answer, err)
	}
	before := runtime.NumGoroutine()
	var heap runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&heap)
	held := heap.HeapInuse
	unread := strings.Repeat("GET /openapi.json HTTP/1.1\nHost: x\n\n", 200)
	var ends []io.Reader
	for _, text := range []string{
		"", "GET /", "GET /healthz HTTP/1.1\nHost: x\nX-Slow: ", "GET /healthz HTTP/1.1\nHost: x\n\n", "\x16\x03\x01",
		"POST /api-token-auth/ HTTP/1.1\nHost: x\nContent-Type: application/json\nContent-Length: 100\n\n{",
		"POST /api-token-auth/ HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\nzz\n", "POST /nowhere/ HTTP/1.1\nHost: x\nContent-Length: 1000000\n\nx",
	} {
		for range each {
			conn, b := r.dial(t)
			say(t, conn, text)
			ends = append(ends, b)
		}
	}
	for range each {
		conn, _ := r.dial(t)
		say(t, conn, unread)
	}
	for _, b := range ends {
		// Until the server ends it, with an answer or without.
		_, _ = io.Copy(io.Discard, b)
	}
	most := time.After(time.Minute)
	tick := time.NewTicker(soon / 10)
	defer tick.Stop()
	for runtime.NumGoroutine() > before {
		select {
		case <-tick.C:
		case <-most:
			all := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, before %d:\n%s", runtime.NumGoroutine(), before, all[:runtime.Stack(all, true)])
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&heap)
	t.Logf("goroutines: %d as before; heap %d KiB, before %d KiB", before, heap.HeapInuse>>10, held>>10)
	if heap.HeapInuse > held+16<<20 {
		t.Errorf("heap %d KiB, before %d KiB", heap.HeapInuse>>10, held>>10)
	}
	res, body := r.do(t, http.MethodGet, "/healthz", "")
	if res.StatusCode != http.StatusOK {
		t.Errorf("afterwards: %d %s", res.StatusCode, body)
	}
}
