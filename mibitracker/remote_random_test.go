package mibitracker_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// Any reads at any places, by many at once, of a file of which some is known
// beforehand, over answers that break off: the bytes are the file's, or the
// error says that they did not come.
func TestRemoteFileRandomReads(t *testing.T) {
	t.Parallel()
	content := noise(3_000_000)
	for seed := range uint64(6) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var spans [][2]int64
		for range seed * 20 { // none for the first
			spans = append(spans, [2]int64{rng.Int64N(2_900_000), 1 + rng.Int64N(40_000)})
		}
		b := &far{content: content}
		if len(spans) > 0 {
			b.hint = hintOf(t, content, spans)
		}
		var mu sync.Mutex
		b.serve = func(w http.ResponseWriter, r *http.Request, content []byte) {
			mu.Lock()
			n := rng.IntN(3)
			keep := rng.IntN(1 << 18)
			mu.Unlock()
			if from, to := asked(r); n == 0 && to < len(content) {
				cutRange(w, r, content, min(keep, to-from))
				return
			}
			serveRanges(w, r, content)
		}
		f, err := b.client(t).Files.OpenAt(t.Context(), "x")
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for worker := range uint64(8) {
			wg.Go(func() {
				rng := rand.New(rand.NewPCG(seed, 2+worker))
				for range 60 {
					off := rng.Int64N(int64(len(content)) + 100)
					p := make([]byte, rng.IntN(1<<(4+rng.IntN(17))))
					var came []byte
					n, err := f.ReadAtTelling(p, off, func(piece []byte) { came = append(came, piece...) })
					if len(came) < n || !bytes.HasPrefix(content[min(off, int64(len(content))):], came) {
						t.Errorf("%d bytes at %d: was told of %d", n, off, len(came))
					}
					var broken *mibitracker.BrokenError
					if want := content[min(off, int64(len(content))):]; !bytes.Equal(p[:n], want[:n]) {
						t.Errorf("%d bytes at %d are others", n, off)
					}
					if n == len(p) && err != nil || n < len(p) && !errors.Is(err, io.EOF) && !errors.As(err, &broken) ||
						errors.Is(err, io.EOF) && !errors.As(err, &broken) && off+int64(n) != max(off, int64(len(content))) {
						t.Errorf("%d of %d bytes at %d: %v", n, len(p), off, err)
					}
				}
			})
		}
		wg.Wait()
		_ = f.Close()
	}
}
