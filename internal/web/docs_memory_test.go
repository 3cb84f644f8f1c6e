package web_test

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"

	"github.com/openmibi/openmibi/internal/store"
)

// discarded is an answer that nobody keeps.
type discarded struct {
	header http.Header
	size   int
}

func (d *discarded) Header() http.Header { return d.header }
func (d *discarded) WriteHeader(int)     {}
func (d *discarded) Write(p []byte) (int, error) {
	d.size += len(p)
	return len(p), nil
}

// Everybody may ask for the documentation, and thousands may read it slowly:
// they share one copy of its script. It measures memory, so it runs alone.
func TestUnpackedOnce(t *testing.T) {
	h := router("v1", func() (store.Counts, error) { return store.Counts{}, nil })
	ask := func() int {
		d := &discarded{header: http.Header{}}
		h.ServeHTTP(d, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/assets/swagger-ui-bundle.js/", http.NoBody))
		return d.size
	}
	size := ask()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 10 {
		if again := ask(); again != size || size < 1<<20 {
			t.Fatalf("%d bytes, then %d", size, again)
		}
	}
	runtime.ReadMemStats(&after)
	if each := (after.TotalAlloc - before.TotalAlloc) / 10; each > 256<<10 {
		t.Errorf("each request for %d bytes takes %d", size, each)
	}
}
