package transfer_test

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
	"github.com/openmibi/openmibi/transfer"
)

const (
	point1 = "Point1/RowNumber0/Depth_Profile0"
	point2 = "Point2/RowNumber0/Depth_Profile0"
)

// A copy that allocates has its size from the beginning; what counts is that
// all of it decodes.
func TestWatchPushesWhatIsWhole(t *testing.T) {
	watched(t, newWatchBackend(point1, point2), func(w *watching) {
		whole := watchTIFF(t, "tonsil_1", point1, 1)
		w.start()
		w.after(20*time.Second, 0)
		empty := make([]byte, len(whole))
		w.put("a/1.tiff", empty)
		w.after(50*time.Second, 0)
		w.after(20*time.Second, 0, "waiting a/1.tiff: not whole yet")
		w.after(time.Hour, 0) // said once
		w.put("a/1.tiff", append(slices.Clone(whole[:64]), empty[64:]...))
		w.after(10*time.Second, 0)
		hole := slices.Clone(whole)
		clear(hole[len(hole)/2 : len(hole)/2+16])
		w.put("a/1.tiff", hole)
		w.after(10*time.Second, 0)
		// The last bytes come, and neither size nor time tells.
		path := filepath.Join(w.o.Dir, "a", "1.tiff")
		info, err := os.Stat(path)
		if err = errors.Join(err, os.WriteFile(path, whole, 0o600), os.Chtimes(path, info.ModTime(), info.ModTime())); err != nil {
			t.Fatal(err)
		}
		w.after(20*time.Second, 1, "waiting a/1.tiff: the server processes it", "done a/1.tiff")
		w.after(time.Hour, 0)
		if !bytes.Equal(w.b.staged[w.location()], whole) {
			t.Error("the server has something else")
		}
		if r := w.stop(); r.Pushed != 1 || r.Available != 1 || r.Bytes != int64(len(whole)) || len(r.Failures) > 0 || r.Run != "tonsil_1" {
			t.Errorf("%+v", r)
		}
	})
}

// location is that of the only upload.
func (w *watching) location() string {
	w.b.mu.Lock()
	defer w.b.mu.Unlock()
	for at := range w.b.staged {
		return at
	}
	return ""
}

// What grows is left alone until it is looked at twice without a change.
func TestWatchWaitsForStandstill(t *testing.T) {
	watched(t, newWatchBackend(point1), func(w *watching) {
		content := watchTIFF(t, "tonsil_1", point1, 1)
		w.start()
		for range 10 {
			w.put("1.tiff", content)
			w.after(3*time.Second, 0)
		}
		w.after(10*time.Second, 1, "waiting 1.tiff", "done 1.tiff")
	})
}

// A later watch goes on where one has ended; what the server has is not sent.
func TestWatchAgain(t *testing.T) {
	watched(t, newWatchBackend(point1, point2), func(w *watching) {
		w.b.slow = 1 << 30
		w.start()
		w.put("1.tiff", watchTIFF(t, "tonsil_1", point1, 1))
		w.after(time.Minute, 1, "waiting 1.tiff: the server processes it")
		w.stop()
		w.b.set(func() { w.b.slow = 0 })
		w.start()
		w.after(time.Minute, 0, "done 1.tiff")
		w.stop()

		w.start()
		w.after(time.Minute, 0)
		if _, all := w.b.count(""); all != 0 {
			t.Errorf("%d requests, and nothing is new", all)
		}
		w.put("1.tiff", watchTIFF(t, "tonsil_1", point1, 1)) // another time, the same content
		w.after(time.Minute, 0, "skipped 1.tiff")
		w.put("1.tiff", watchTIFF(t, "tonsil_1", point1, 2))
		w.after(time.Minute, 1, "waiting 1.tiff", "done 1.tiff")
		w.stop()

		// Without the state the server's hash says it.
		if err := os.Remove(filepath.Join(w.o.Dir, transfer.StateName)); err != nil {
			t.Fatal(err)
		}
		w.start()
		w.after(time.Minute, 0, "skipped 1.tiff")
	})
}

// While nothing is new, only the token is kept from ending.
func TestWatchAsksNothingIdly(t *testing.T) {
	watched(t, newWatchBackend(point1), func(w *watching) {
		w.put("1.tiff", watchTIFF(t, "tonsil_1", point1, 1))
		w.put("2.tiff", watchTIFF(t, "elsewhere", point1, 1))
		w.o.Interval = time.Minute
		w.start()
		w.after(10*time.Minute, 1, "skipped 2.tiff: does not fit the run: it is of run \"elsewhere\"", "waiting 1.tiff", "done 1.tiff")
		time.Sleep(24 * time.Hour)
		w.b.mu.Lock()
		asked := slices.Compact(slices.Clone(w.b.requests))
		n := len(w.b.requests)
		w.b.mu.Unlock()
		if len(asked) != 1 || asked[0] != "POST /api-token-refresh/" || n < 200 || n > 300 {
			t.Errorf("%d requests in a day: %v", n, asked)
		}
		w.after(time.Minute, 0)
	})
}

// Files that are not the run's are told of once, and pushed once they are.
func TestWatchLeavesOthers(t *testing.T) {
	watched(t, newWatchBackend(point1), func(w *watching) {
		w.put("2.tiff", watchTIFF(t, "tonsil_1", point2, 1))
		w.put("copy.tiff", watchTIFF(t, "tonsil_1", point1, 2))
		w.put("plain.tiff", []byte("II*\x00 and so on"))
		w.put("notes.txt", []byte("mine"))
		w.start()
		w.after(30*time.Second, 1, "skipped 2.tiff: does not fit the run: it is of folder", "waiting copy.tiff: the server", "done copy.tiff")
		w.after(time.Minute, 0, "waiting plain.tiff: not whole yet")
		w.after(5*time.Hour, 0)
		w.b.add(point2)
		w.after(20*time.Minute, 1, "waiting 2.tiff", "done 2.tiff")

		// Two files of one FOV: the later one waits until the first is gone.
		w.put("later.tiff", watchTIFF(t, "tonsil_1", point1, 3))
		w.after(time.Hour, 0, "skipped later.tiff: does not fit the run: it is of the same FOV, Point1")
		if err := os.Remove(filepath.Join(w.o.Dir, "copy.tiff")); err != nil {
			t.Fatal(err)
		}
		w.after(time.Minute, 1, "waiting later.tiff", "done later.tiff")
		r := w.stop()
		if len(r.Left) != 0 || len(r.Failures) != 1 || !errors.Is(r.Failures[0].Err, transfer.ErrNotWhole) {
			t.Errorf("%+v", r)
		}
	})
}

// What the server cannot process is told of once, and sent again only when it
// has changed.
func TestWatchReportsErrors(t *testing.T) {
	b := newWatchBackend(point1)
	bad := watchTIFF(t, "tonsil_1", point1, 1)
	b.verdict = func(content []byte) string {
		if bytes.Equal(content, bad) {
			return "the masses do not fit"
		}
		return ""
	}
	watched(t, b, func(w *watching) {
		w.put("1.tiff", bad)
		w.start()
		w.after(time.Minute, 1, "waiting 1.tiff", "failed 1.tiff: image 100: the server could not process its TIFF: the masses do not fit")
		w.after(6*time.Hour, 0)
		var processing *mibitracker.ProcessingError
		if r := w.stop(); len(r.Failures) != 1 || !errors.As(r.Failures[0].Err, &processing) || r.Available != 0 {
			t.Errorf("%+v", r)
		}
		w.start()
		w.after(time.Hour, 0)
		w.put("1.tiff", watchTIFF(t, "tonsil_1", point1, 2))
		w.after(time.Minute, 1, "waiting 1.tiff", "done 1.tiff")
		if r := w.stop(); len(r.Failures) != 0 || r.Available != 1 {
			t.Errorf("%+v", r)
		}
	})
}

// What fails on the way is tried again; what the server refuses is not.
func TestWatchTriesAgain(t *testing.T) {
	b := newWatchBackend(point1, point2)
	left := 3
	b.refuse = func(r *http.Request) (int, error) {
		if r.Method == http.MethodPut && left > 0 {
			left--
			return http.StatusTooManyRequests, nil
		}
		if r.URL.Path == "/upload_mibitiff/" && left == 0 {
			left--
			return http.StatusUnprocessableEntity, nil
		}
		return 0, nil
	}
	watched(t, b, func(w *watching) {
		w.put("1.tiff", watchTIFF(t, "tonsil_1", point1, 1))
		w.start()
		w.after(10*time.Minute, 1, "failed 1.tiff: uploading 1.tiff: PUT", "failed 1.tiff: queuing 1.tiff")
		w.after(6*time.Hour, 0)
		w.put("1.tiff", watchTIFF(t, "tonsil_1", point1, 2))
		w.after(10*time.Minute, 1, "waiting 1.tiff", "done 1.tiff")
	})
}

// Entries of files that are gone are dropped, not at once.
func TestWatchForgets(t *testing.T) {
	watched(t, newWatchBackend(point1), func(w *watching) {
		w.put("1.tiff", watchTIFF(t, "tonsil_1", point1, 1))
		w.start()
		w.after(time.Minute, 1, "waiting 1.tiff", "done 1.tiff")
		if err := os.Remove(filepath.Join(w.o.Dir, "1.tiff")); err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			after time.Duration
			known bool
		}{{time.Minute, true}, {50 * time.Minute, true}, {20 * time.Minute, false}} {
			w.after(test.after, 0)
			raw, err := os.ReadFile(filepath.Join(w.o.Dir, transfer.StateName))
			if known := strings.Contains(string(raw), "1.tiff"); err != nil || known != test.known {
				t.Errorf("known: %v, %v\n%s", known, err, raw)
			}
		}
	})
}

func TestWatchOnce(t *testing.T) {
	b := newWatchBackend(point1, point2)
	watched(t, b, func(w *watching) {
		w.o.Once = true
		ctx := w.t.Context()
		if r, err := transfer.Watch(ctx, w.client, watchedRun(), w.o); err != nil || r.Pushed != 0 {
			t.Errorf("an empty folder: %+v, %v", r, err)
		}
		whole := watchTIFF(t, "tonsil_1", point1, 1)
		w.put("1.tiff", whole)
		w.put("2.tiff", watchTIFF(t, "tonsil_1", point2, 1)[:2000])
		w.put("3.tiff", watchTIFF(t, "elsewhere", point2, 1))
		for i, pushed := range []int{1, 0} {
			r, err := transfer.Watch(ctx, w.client, watchedRun(), w.o)
			if err != nil || r.Pushed != pushed || r.Available != pushed || len(r.Failures) != 1 || !errors.Is(r.Failures[0].Err, transfer.ErrNotWhole) ||
				len(r.Left) != 1 || !errors.Is(r.Left[0].Err, transfer.ErrMismatch) {
				t.Errorf("watch %d: %+v, %v", i, r, err)
			}
		}
		w.put("1.tiff", watchTIFF(t, "tonsil_1", point1, 2))
		w.b.set(func() { w.b.good = map[string]bool{} })
		if _, err := transfer.Watch(ctx, w.client, watchedRun(), w.o); !errors.Is(err, mibitracker.ErrUnauthorized) {
			t.Errorf("without a login: %v", err)
		}
		w.b.set(func() {
			w.b.good = map[string]bool{"token": true}
			w.b.refuse = func(*http.Request) (int, error) { return 0, errors.New("no route to host") }
		})
		var broken *mibitracker.TransportError
		if _, err := transfer.Watch(ctx, w.client, watchedRun(), w.o); !errors.As(err, &broken) {
			t.Errorf("without a server: %v", err)
		}
	})
}

func TestWatchRefuses(t *testing.T) {
	watched(t, newWatchBackend(point1), func(w *watching) {
		w.o.Once = true
		for name, test := range map[string]struct {
			change func(*transfer.WatchOptions)
			is     error
			says   string
		}{
			"no folder":       {func(o *transfer.WatchOptions) { o.Dir += "/none" }, fs.ErrNotExist, ""},
			"a file":          {func(o *transfer.WatchOptions) { w.put("x.txt", nil); o.Dir += "/x.txt" }, nil, "is none"},
			"a bad glob":      {func(o *transfer.WatchOptions) { o.Include = []string{"["} }, nil, "pattern"},
			"no state":        {func(o *transfer.WatchOptions) { o.State = filepath.Join(o.Dir, "none", "state") }, transfer.ErrStateUnwritten, ""},
			"a damaged state": {func(o *transfer.WatchOptions) { w.put("state", []byte("{")); o.State = filepath.Join(o.Dir, "state") }, nil, "damaged"},
			"an unknown state": {func(o *transfer.WatchOptions) {
				w.put("new", []byte(`{"version":9}`))
				o.State = filepath.Join(o.Dir, "new")
			}, nil, "version"},
		} {
			o := w.o
			test.change(&o)
			_, err := transfer.Watch(w.t.Context(), w.client, watchedRun(), o)
			if err == nil || test.is != nil && !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, err := transfer.Watch(w.t.Context(), w.client, nil, w.o); err == nil {
			t.Error("no run, and no error")
		}
		// A run that is gone ends it.
		w.put("1.tiff", watchTIFF(t, "tonsil_1", point1, 1))
		w.o.Once = false
		w.b.refuse = func(r *http.Request) (int, error) {
			if r.URL.Path == "/images/" {
				return http.StatusForbidden, nil
			}
			return 0, nil
		}
		if _, err := transfer.Watch(w.t.Context(), w.client, watchedRun(), w.o); !errors.Is(err, mibitracker.ErrForbidden) {
			t.Errorf("a run of others: %v", err)
		}
	})
}
