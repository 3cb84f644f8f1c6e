package transfer_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
	"github.com/openmibi/openmibi/transfer"
)

// watching is a watch under test.
type watching struct {
	t      *testing.T
	b      *watchBackend
	client *mibitracker.Client
	o      transfer.WatchOptions
	stamp  int // of the files that it writes

	mu     sync.Mutex
	events []string
	end    func() (*transfer.WatchResult, error)
}

// watched runs a test in a bubble of time, with an empty folder.
func watched(t *testing.T, b *watchBackend, test func(w *watching), opts ...mibitracker.Option) {
	t.Helper()
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "instrument")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		client, err := mibitracker.New("https://mibi.example.org", append([]mibitracker.Option{
			mibitracker.WithToken("token"), mibitracker.WithHTTPClient(&http.Client{Transport: b}),
			mibitracker.WithRetries(1, time.Millisecond, time.Millisecond),
		}, opts...)...)
		if err != nil {
			t.Fatal(err)
		}
		w := &watching{t: t, b: b, client: client, o: transfer.WatchOptions{Dir: dir}}
		w.o.Events = func(e transfer.Event) {
			if e.Kind == transfer.Moved || e.Kind == transfer.Started {
				return
			}
			text := string(e.Kind)
			if e.Path != "" {
				rel, err := filepath.Rel(dir, e.Path)
				if err != nil {
					rel = e.Path
				}
				text += " " + filepath.ToSlash(rel)
			}
			if e.Err != nil {
				text += ": " + e.Err.Error()
			}
			w.mu.Lock()
			defer w.mu.Unlock()
			w.events = append(w.events, text)
		}
		test(w)
		if w.end != nil {
			w.stop()
		}
	})
}

// start begins to watch.
func (w *watching) start() {
	ctx, stop := context.WithCancel(w.t.Context())
	type ended struct {
		result *transfer.WatchResult
		err    error
	}
	end := make(chan ended, 1)
	go func() {
		result, err := transfer.Watch(ctx, w.client, watchedRun(), w.o)
		end <- ended{result, err}
	}()
	w.end = func() (*transfer.WatchResult, error) {
		stop()
		e := <-end
		return e.result, e.err
	}
}

// stop interrupts the watch.
func (w *watching) stop() *transfer.WatchResult {
	w.t.Helper()
	result, err := w.end()
	w.end = nil
	if !errors.Is(err, context.Canceled) {
		w.t.Errorf("the watch ended with %v", err)
	}
	return result
}

// put writes a file, which has never had its time before.
func (w *watching) put(name string, content []byte) {
	w.t.Helper()
	path := filepath.Join(w.o.Dir, filepath.FromSlash(name))
	w.stamp++
	at := time.Date(2020, 1, 1, 0, 0, w.stamp, 0, time.UTC)
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, content, 0o600), os.Chtimes(path, at, at)); err != nil {
		w.t.Fatal(err)
	}
}

// after waits for a while, and wants these events of it and so many uploads.
func (w *watching) after(d time.Duration, uploads int, want ...string) {
	w.t.Helper()
	time.Sleep(d)
	synctest.Wait()
	w.mu.Lock()
	got := w.events
	w.events = nil
	w.mu.Unlock()
	if len(got) != len(want) {
		w.t.Errorf("after %v: %d events, want %d:\n%s", d, len(got), len(want), strings.Join(got, "\n"))
	} else {
		for i := range want {
			if !strings.HasPrefix(got[i], want[i]) {
				w.t.Errorf("after %v: event %q, want %q", d, got[i], want[i])
			}
		}
	}
	if n, _ := w.b.count("POST /upload_mibitiff/"); n != uploads {
		w.t.Errorf("after %v: %d uploads, want %d", d, n, uploads)
	}
}
