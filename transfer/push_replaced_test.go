package transfer_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
	"github.com/openmibi/openmibi/transfer"
)

// serves is an image that is available with a content of this hash.
func (b *watchBackend) serves(at int, sum string) {
	b.images[at].Status, b.images[at].TIFFSHA256 = mibitracker.Statuses{"A"}, sum
}

// A push that waits ends where somebody else's file stays what the server serves,
// and waits for its own where that comes after the other, or after the old one.
func TestPushReplacedByOthers(t *testing.T) {
	t.Parallel()
	before, other := strings.Repeat("a", 64), strings.Repeat("b", 64)
	for name, test := range map[string]struct {
		was   string // the hash that the server has before
		late  string // the one that it serves when it has taken the push
		own   time.Duration
		state transfer.PushState
	}{
		"another file":              {was: before, late: other, state: transfer.PushFailed},
		"another file, none before": {late: other, state: transfer.PushFailed},
		"another file, then ours":   {was: before, late: other, own: time.Minute, state: transfer.PushAvailable},
		"the old file for long":     {was: before, late: strings.ToUpper(before), own: 3 * time.Hour, state: transfer.PushAvailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "1.tiff")
			if err := os.WriteFile(path, watchTIFF(t, "tonsil_1", point1, 1), 0o600); err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				b := newWatchBackend(point1)
				b.slow = 1 << 30
				if test.was != "" {
					b.serves(0, test.was)
				}
				client, err := mibitracker.New("https://mibi.example.org", mibitracker.WithToken("token"), mibitracker.WithHTTPClient(&http.Client{Transport: b}))
				if err != nil {
					t.Fatal(err)
				}
				plan, err := transfer.PlanPush(t.Context(), client, watchedRun(), []string{path}, transfer.PushOptions{Wait: true, Events: func(e transfer.Event) {
					if e.Kind == transfer.Waiting {
						b.set(func() { b.serves(0, test.late) })
					}
				}})
				if err != nil {
					t.Fatal(err)
				}
				if test.own > 0 {
					time.AfterFunc(test.own, func() { b.set(func() { b.slow = 0 }) })
				}
				began := time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), 24*time.Hour)
				defer cancel()
				r, err := plan.Run(ctx)
				took := time.Since(began)
				if err != nil || r.Files[0].State != test.state {
					t.Fatalf("after %v: %+v, %v", took, r, err)
				}
				if test.state == transfer.PushAvailable {
					return
				}
				if len(r.Failures) != 1 || !errors.Is(r.Failures[0].Err, transfer.ErrReplaced) || took < time.Minute || took > 5*time.Minute {
					t.Errorf("after %v: %v", took, r.Failures)
				}
			})
		})
	}
}

// A watch tells it as a failure of the file, which it keeps, and ends with Once.
func TestWatchReplacedByOthers(t *testing.T) {
	b := newWatchBackend(point1, point2)
	watched(t, b, func(w *watching) {
		w.o.Once = true
		b.slow = 1 << 30
		b.serves(0, strings.Repeat("a", 64))
		b.serves(1, strings.Repeat("a", 64))
		w.put("1.tiff", watchTIFF(t, "tonsil_1", point1, 1))
		w.put("2.tiff", watchTIFF(t, "tonsil_1", point2, 2))
		time.AfterFunc(time.Minute, func() { b.set(func() { b.serves(0, strings.Repeat("b", 64)); b.serves(1, strings.Repeat("a", 64)) }) })
		time.AfterFunc(time.Hour, func() { b.set(func() { delete(b.pending, 100); b.slow = 0 }) })
		ctx, cancel := context.WithTimeout(w.t.Context(), 24*time.Hour)
		defer cancel()
		for i, pushed := range []int{2, 0} {
			r, err := transfer.Watch(ctx, w.client, watchedRun(), w.o)
			if err != nil || r.Pushed != pushed || r.Available != pushed/2 || len(r.Failures) != 1 || !errors.Is(r.Failures[0].Err, transfer.ErrReplaced) ||
				!strings.HasSuffix(r.Failures[0].Path, "1.tiff") {
				t.Errorf("watch %d: %+v, %v", i, r, err)
			}
		}
		synctest.Wait()
		failed := 0
		for _, e := range w.events {
			if strings.HasPrefix(e, "failed 1.tiff: "+transfer.ErrReplaced.Error()) {
				failed++
			}
		}
		if failed != 1 {
			t.Errorf("told %d times:\n%s", failed, strings.Join(w.events, "\n"))
		}
	})
}
