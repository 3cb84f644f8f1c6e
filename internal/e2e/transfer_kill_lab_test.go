package e2e

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

// builtMibi is the program as people have it: nothing of the tests is in its
// memory.
func builtMibi(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "mibi")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", path, "github.com/openmibi/openmibi/cmd/mibi").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return path
}

// noisyRun makes a run of FOVs of 40 channels of noise, each of about so many
// bytes, and pushes it.
func (s *site) noisyRun(t *testing.T, label string, fovs, bytesEach int) {
	t.Helper()
	small := synth.Small()
	small.Run = label
	images, err := synth.Run(21, fovs, small)
	if err != nil {
		t.Fatal(err)
	}
	edge := 1
	for edge*edge*2*40 < bytesEach {
		edge++
	}
	c := s.client(t, alice)
	f := newFOVOf(t, images)
	run := f.createRun(t.Context(), t, c)
	rng := rand.New(rand.NewPCG(3, 4))
	for _, image := range images {
		tiff := noisyTIFF(t, rng, image.Metadata, edge)
		if _, err := c.Uploads.MIBItiff(t.Context(), run.ID, mibitracker.FromBytes("fov.tiff", tiff)); err != nil {
			t.Fatal(err)
		}
		f.folder = image.Metadata.Folder.String()
		if _, err := c.Images.WaitAvailable(t.Context(), f.imageIn(t, run), hash(tiff)); err != nil {
			t.Fatal(err)
		}
	}
}

func noisyTIFF(t *testing.T, rng *rand.Rand, meta mibi.Metadata, edge int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := mibitiff.NewWriter(&out, meta, mibitiff.WithLevel(1))
	if err != nil {
		t.Fatal(err)
	}
	samples := make([]uint16, edge*edge)
	for n := range 40 {
		for i := range samples {
			samples[i] = uint16(rng.Uint32())
		}
		plane, err := mibitiff.NewPlane(edge, edge, samples)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.WriteChannel(mibi.Channel{Mass: n + 1, Target: fmt.Sprintf("T%02d", n)}, plane); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// counter is a proxy that counts what it has sent of files and of all else, and
// sends files no faster than a rate.
type counter struct {
	url          string
	files, other atomic.Int64 // bytes of answers
	rate         float64      // bytes a second; 0 is any

	mu    sync.Mutex
	free  time.Time // when the next byte may be sent
	at    int64     // of files, when to call
	reach func()
}

// newCounter puts a counter before a server, until the test ends.
func newCounter(t *testing.T, backend string, rate float64) *counter {
	t.Helper()
	target, err := url.Parse(backend)
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{rate: rate}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { // Host stays: links lead here again
			r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
		Transport:    &http.Transport{MaxIdleConnsPerHost: 16},
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent := &c.other
		if strings.HasPrefix(r.URL.Path, "/storage/") {
			sent = &c.files
		}
		proxy.ServeHTTP(&meteredAnswer{w, c, sent, r.Context()}, r)
	}))
	// What lies in a socket's buffer when its reader is killed has been moved, too.
	server.Config.ConnState = func(conn net.Conn, state http.ConnState) {
		if tcp, ok := conn.(*net.TCPConn); ok && state == http.StateNew {
			_ = tcp.SetWriteBuffer(16 << 10)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	c.url = server.URL
	return c
}

// meteredAnswer is an answer that is counted.
type meteredAnswer struct {
	http.ResponseWriter
	c    *counter
	sent *atomic.Int64
	ctx  context.Context //nolint:containedctx // an io.Writer has none of its own: the request's, which ends with its reader
}

func (w *meteredAnswer) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *meteredAnswer) Write(p []byte) (done int, err error) {
	for done < len(p) && err == nil {
		piece := p[done:min(len(p), done+8<<10)]
		if w.sent == &w.c.files {
			if err := w.c.pace(w.ctx, len(piece)); err != nil {
				return done, err // nobody is there any more to whom it would move
			}
		}
		var n int
		n, err = w.ResponseWriter.Write(piece)
		done += n
		w.sent.Add(int64(n))
		if w.sent == &w.c.files {
			w.c.passed()
		}
	}
	return done, err
}

// pace waits until so many bytes more may be sent.
func (c *counter) pace(ctx context.Context, n int) error {
	if c.rate <= 0 {
		return ctx.Err()
	}
	c.mu.Lock()
	if now := time.Now(); c.free.Before(now) {
		c.free = now
	}
	c.free = c.free.Add(time.Duration(float64(n) / c.rate * float64(time.Second)))
	wait := time.Until(c.free)
	c.mu.Unlock()
	if wait > 0 {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// when calls something once, when so many bytes more of files were sent.
func (c *counter) when(more int64, call func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at, c.reach = c.files.Load()+more, call
}

func (c *counter) passed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reach != nil && c.files.Load() >= c.at {
		c.reach()
		c.reach = nil
	}
}
