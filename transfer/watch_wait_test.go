package transfer_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
	"github.com/openmibi/openmibi/transfer"
)

// A login that ends is waited for, and a new one elsewhere is taken.
func TestWatchWaitsForALogin(t *testing.T) {
	kept := &keptToken{token: "token"}
	watched(t, newWatchBackend(point1, point2), func(w *watching) {
		w.start()
		w.after(time.Minute, 0)
		w.b.set(func() { w.b.good = map[string]bool{"new": true} })
		w.put("1.tiff", watchTIFF(t, "tonsil_1", point1, 1))
		w.after(time.Minute, 0, "waiting: the login has ended")
		w.put("2.tiff", watchTIFF(t, "tonsil_1", point2, 1))
		w.after(6*time.Hour, 0)
		kept.put("new")
		w.after(2*time.Minute, 2, "resumed: the login has ended", "waiting", "waiting", "done 1.tiff", "done 2.tiff")
	}, mibitracker.WithTokenStore(kept))
}

// keptToken is a store of tokens in memory.
type keptToken struct {
	mu    sync.Mutex
	token string
	got   time.Time
}

func (k *keptToken) Load(context.Context) (string, time.Time, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.token, k.got, nil
}

func (k *keptToken) Save(_ context.Context, _, token string) error {
	k.put(token)
	return nil
}

func (k *keptToken) put(token string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.token, k.got = token, time.Now()
}

// A server that is away is waited for, also while it processes.
func TestWatchWaitsForTheServer(t *testing.T) {
	b, down := newWatchBackend(point1), false
	b.refuse = func(*http.Request) (int, error) {
		if down {
			return 0, errors.New("no route to host")
		}
		return 0, nil
	}
	watched(t, b, func(w *watching) {
		w.b.slow = 30
		w.start()
		w.b.set(func() { down = true })
		w.put("1.tiff", watchTIFF(t, "tonsil_1", point1, 1))
		w.after(time.Minute, 0, "waiting: the server is away")
		w.after(6*time.Hour, 0)
		w.b.set(func() { down = false })
		w.after(65*time.Second, 1, "resumed: the server is away", "waiting 1.tiff: the server processes it")
		w.b.set(func() { down = true })
		w.after(time.Minute, 0, "waiting: the server is away")
		w.b.set(func() { down, w.b.slow = false, 0 })
		w.after(2*time.Minute, 0, "resumed: the server is away", "done 1.tiff")
	})
}

// A folder that goes away, as network drives do, comes back as it was.
func TestWatchWaitsForTheFolder(t *testing.T) {
	watched(t, newWatchBackend(point1, point2), func(w *watching) {
		w.put("1.tiff", watchTIFF(t, "tonsil_1", point1, 1))
		w.start()
		w.after(time.Minute, 1, "waiting 1.tiff", "done 1.tiff")
		if err := os.Rename(w.o.Dir, w.o.Dir+".away"); err != nil {
			t.Fatal(err)
		}
		w.after(6*time.Hour, 0, "waiting: the watched folder is away")
		if err := os.Rename(w.o.Dir+".away", w.o.Dir); err != nil {
			t.Fatal(err)
		}
		w.after(time.Minute, 0, "resumed: the watched folder is away")
		w.put("2.tiff", watchTIFF(t, "tonsil_1", point2, 1))
		w.after(time.Minute, 1, "waiting 2.tiff", "done 2.tiff")
		if _, err := transfer.Watch(w.t.Context(), w.client, watchedRun(), w.o); !errors.Is(err, transfer.ErrWatched) {
			t.Errorf("a second watch: %v", err)
		}
	})
}
