package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/openmibi/openmibi/internal/server"
	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/mibitracker"
)

// One client in sixteen goroutines: they share one login and one pool of
// connections, and each gets its own answers.
func TestClientSharedByMany(t *testing.T) {
	t.Parallel()
	f := makeFOV(t, 8, synth.Options{Size: 128, Channels: 12})
	s := newSite(t)
	ctx := t.Context()
	_, image := f.shared(ctx, t, s.client(t, alice))
	where, err := image.TIFFPath()
	if err != nil {
		t.Fatal(err)
	}
	m := newMeter()
	var logins, refreshes atomic.Int64
	m.before = func(r *http.Request) {
		switch r.URL.Path {
		case "/api-token-auth/":
			logins.Add(1)
		case "/api-token-refresh/":
			refreshes.Add(1)
		}
	}
	c := s.client(t, alice, m.option())
	remote, err := s.client(t, alice, m.option()).Images.Open(ctx, image.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = remote.Close() }()
	logins.Store(0)
	const many, rounds = 16, 6
	var workers sync.WaitGroup
	for worker := range many {
		workers.Go(func() {
			for round := range rounds {
				if err := oneRound(ctx, c, remote, f, image, where, worker+round); err != nil {
					t.Errorf("goroutine %d, round %d: %v", worker, round, err)
					return
				}
			}
		})
	}
	workers.Wait()
	if logins.Load() != 1 || refreshes.Load() != 0 {
		t.Errorf("%d logins, %d refreshes for %d goroutines, want one login", logins.Load(), refreshes.Load(), many)
	}
}

// oneRound reads one thing and compares it.
func oneRound(ctx context.Context, c *mibitracker.Client, remote *mibitracker.RemoteImage, f *fov, image *mibitracker.Image, where string, n int) error {
	page := remote.Pages()[n%f.channels]
	switch n % 6 {
	case 0:
		plane, err := remote.ReadPlane(ctx, page.Index)
		if err != nil || !plane.Equal(f.planes[page.Channel]) {
			return fmt.Errorf("plane of %s: %w", page.Channel, err)
		}
	case 1:
		stream, err := c.Files.Open(ctx, where)
		if err != nil {
			return err
		}
		defer func() { _ = stream.Close() }()
		if got, err := io.ReadAll(stream); err != nil || !bytes.Equal(got, f.tiff) {
			return fmt.Errorf("file: %d bytes, %w", len(got), err)
		}
	case 2:
		if got, err := c.Images.Get(ctx, image.ID); err != nil || got.TIFFSHA256 != f.sha256 {
			return fmt.Errorf("image: %w", err)
		}
	case 3:
		stream, err := c.Images.ChannelPlane(ctx, image.ID, page.Channel.Label())
		if err != nil {
			return err
		}
		defer func() { _ = stream.Close() }()
		return samePicture(stream, f.planes[page.Channel])
	case 4:
		if _, err := c.Images.ChannelURL(ctx, image.ID, "none"); !errors.Is(err, mibitracker.ErrNotFound) {
			return fmt.Errorf("no channel: %w", err)
		}
	default:
		short, cancel := context.WithCancel(ctx) // some give up
		cancel()
		if _, err := c.Runs.List(short, mibitracker.RunFilter{}); !errors.Is(err, context.Canceled) {
			return fmt.Errorf("cancelled: %w", err)
		}
	}
	return nil
}

// Who waits for a login that somebody else has under way can leave.
func TestClientWaitsForNobody(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	m := newMeter()
	arrived, release := make(chan struct{}), make(chan struct{})
	m.before = func(r *http.Request) {
		if r.URL.Path == "/api-token-auth/" {
			close(arrived)
			<-release
		}
	}
	c := s.client(t, alice, m.option())
	first := make(chan error, 1)
	go func() { first <- c.Login(t.Context()) }()
	<-arrived
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.Runs.List(short, mibitracker.RunFilter{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("behind another's login: %v", err)
	}
	close(release)
	if err := <-first; err != nil {
		t.Error(err)
	}
	if _, err := c.Runs.List(t.Context(), mibitracker.RunFilter{}); err != nil {
		t.Error(err)
	}
}

// A client leaves no goroutine and no connection behind, whatever it went
// through. It does not run beside other tests: it counts what is there.
func TestClientLeavesNothing(t *testing.T) {
	f := newFOV(t)
	data := filepath.Join(t.TempDir(), "data")
	if _, err := server.AddUser(t.Context(), data, email, password, true); err != nil {
		t.Fatal(err)
	}
	p := start(t, orders{Data: data, Lease: 15 * time.Second})
	defer p.stop(t)
	here := goleak.IgnoreCurrent()
	goroutines := runtime.NumGoroutine()

	m := newMeter()
	c, err := mibitracker.New(p.url, mibitracker.WithPassword(email, password), m.option())
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	_, image := f.shared(ctx, t, c)
	where, err := image.TIFFPath()
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		f.check(ctx, t, c, image.ID)
		// A stream that is closed early, one of an ended context, one unread.
		for _, how := range []string{"early", "cancelled", "unread"} {
			short, cancel := context.WithCancel(ctx)
			stream, err := c.Files.Open(short, where)
			if err != nil {
				t.Fatal(err)
			}
			switch how {
			case "early":
				_, _ = io.ReadFull(stream, make([]byte, 10))
			case "cancelled":
				cancel()
				_, _ = io.ReadAll(stream)
			}
			_ = stream.Close()
			cancel()
		}
		// Refusals, and answers that nobody reads.
		_, _ = c.Images.ChannelURL(ctx, image.ID, "none")
		_, _ = c.Uploads.MIBItiff(ctx, image.Run.ID, mibitracker.FromBytes("x", []byte("no TIFF")))
		_, _ = c.Runs.Create(ctx, mibitracker.NewRun{XML: mibitracker.FromBytes("x.xml", nil), Label: "x", Instrument: 1})
		for _, err := range c.Images.All(ctx, mibitracker.ImageFilter{ListOptions: mibitracker.ListOptions{Limit: 1}}) {
			if err != nil {
				t.Error(err)
			}
			break
		}
		if resp, err := c.Do(ctx, mibitracker.Request{Route: "/images/?paging=no"}); err == nil {
			_ = resp.Body.Close()
		}
		short, cancel := context.WithTimeout(ctx, time.Millisecond)
		_, _ = c.Images.WaitAvailable(short, image.ID, strings.Repeat("0", 64))
		cancel()
		open, err := c.Images.Open(ctx, image.ID)
		if err != nil {
			t.Fatal(err)
		}
		_ = open.Close()
	}
	c.CloseIdleConnections()
	if err := goleak.Find(here); err != nil {
		t.Errorf("before there were %d goroutines: %v", goroutines, err)
	}
	if n := m.still.Load(); n != 0 {
		t.Errorf("%d of %d connections are open still", n, m.connections.Load())
	}
	if n := m.connections.Load(); n > 40 {
		t.Errorf("%d connections for requests one after another", n)
	}
}

// A body that is never closed is a leak: goleak has to see it, or the test
// above proves nothing.
func TestClientLeakIsSeen(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	if _, err := server.AddUser(t.Context(), data, email, password, true); err != nil {
		t.Fatal(err)
	}
	p := start(t, orders{Data: data, Lease: 15 * time.Second})
	defer p.stop(t)
	here := goleak.IgnoreCurrent()
	m := newMeter()
	c, err := mibitracker.New(p.url, mibitracker.WithPassword(email, password), m.option())
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(t.Context(), mibitracker.Request{Route: "/openapi.json"})
	if err != nil {
		t.Fatal(err)
	}
	c.CloseIdleConnections()
	if goleak.Find(here) == nil || m.still.Load() == 0 {
		t.Error("an answer that is open holds nothing")
	}
	_ = resp.Body.Close()
	c.CloseIdleConnections()
	if err := goleak.Find(here); err != nil {
		t.Error(err)
	}
}
