package transfer

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// cutRanges lets the storage go away when it has sent so many bytes of the first
// image.
func (b *backend) cutRanges(total int64) {
	left, mu := total, sync.Mutex{}
	b.first(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasPrefix(r.URL.Path, "/storage/") {
			return false
		}
		mu.Lock()
		defer mu.Unlock()
		if left <= 0 {
			panic(http.ErrAbortHandler)
		}
		b.mu.Lock()
		content := b.images[0].tiff
		b.mu.Unlock()
		limited := &limitedAnswer{ResponseWriter: w, left: &left}
		b.file(limited, r, content)
		if limited.cut {
			panic(http.ErrAbortHandler)
		}
		return true
	})
}

// limitedAnswer sends no more than is left.
type limitedAnswer struct {
	http.ResponseWriter
	left *int64
	cut  bool
}

func (w *limitedAnswer) Write(p []byte) (int, error) {
	if int64(len(p)) > *w.left {
		w.cut = true
		p = p[:*w.left]
	}
	n, err := w.ResponseWriter.Write(p)
	*w.left -= int64(n)
	if err == nil && w.cut {
		err = errors.New("cut")
	}
	if flusher, ok := w.ResponseWriter.(http.Flusher); ok {
		flusher.Flush()
	}
	return n, err
}

// TestPullKeepsWhatCameByRanges ends pulls of one channel in the middle of its
// bytes: the next pull asks for the rest of them alone, whatever somebody did to
// what was kept.
func TestPullKeepsWhatCameByRanges(t *testing.T) {
	t.Parallel()
	const size = 1000 // about 500 kB a page
	for name, c := range map[string]struct {
		harm  func(t *testing.T, path string)
		again bool // all of it has to come again
	}{
		"as it was left": {func(*testing.T, string) {}, false},
		"with a last piece that is half": {func(t *testing.T, path string) {
			t.Helper()
			edit(t, path, func(kept []byte) []byte { return kept[:len(kept)-1000] })
		}, false},
		"with what is no piece behind": {func(t *testing.T, path string) {
			t.Helper()
			edit(t, path, func(kept []byte) []byte { return append(kept, make([]byte, 5000)...) })
		}, false},
		"damaged from its first piece on": {func(t *testing.T, path string) {
			t.Helper()
			edit(t, path, func(kept []byte) []byte {
				kept[bytes.IndexByte(kept, '\n')+keptHead+7] ^= 1
				return kept
			})
		}, true},
		"of another version": {func(t *testing.T, path string) {
			t.Helper()
			edit(t, path, func(kept []byte) []byte { return bytes.Replace(kept, []byte(`"\"`), []byte(`"\"0`), 1) })
		}, true},
		"of which nothing is left": {func(t *testing.T, path string) {
			t.Helper()
			edit(t, path, func([]byte) []byte { return nil })
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			image := &fakeImage{
				id: 1, number: "Point1", folder: "Point1/RowNumber0/Depth_Profile0", status: "A",
				tiff: sizedTIFF(t, size, "Point1/RowNumber0/Depth_Profile0", 1, "A", "B", "C"),
			}
			b := newBackend(t, image)
			o := PullOptions{Dir: t.TempDir(), Channels: []string{"B"}}
			plain := b.pull(PullOptions{Dir: t.TempDir(), Channels: []string{"B"}})
			_, all := b.forget()
			whole, err := os.ReadFile(filesOf(t, plain)[0].Path)
			if err != nil {
				t.Fatal(err)
			}
			b.cutRanges(all - int64(len(whole))/3)
			if _, err := b.tryPull(t.Context(), o); err == nil {
				t.Fatal("it was not cut")
			}
			_, before := b.forget()
			kept := filepath.Join(o.Dir, "run-A", stateFolder, "1"+rangesExtension)
			c.harm(t, kept)
			b.first(nil)
			r := b.pull(o)
			_, after := b.forget()
			got, err := os.ReadFile(filesOf(t, r)[0].Path)
			if err != nil || !bytes.Equal(got, whole) {
				t.Errorf("%d bytes, want %d; %v", len(got), len(whole), err)
			}
			if _, err := os.Lstat(filepath.Dir(kept)); err == nil {
				t.Error("the state's folder has stayed")
			}
			if rest := all - before; c.again && after < all*9/10 || !c.again && after > rest+tellBytes+keptHead+4<<10 {
				t.Errorf("%d of %d bytes had come, and then came %d", before, all, after)
			}
		})
	}
}

// edit changes a file that is there.
func edit(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestKeptReader reads at random places what was kept in random pieces, over
// some processes that end: the bytes are the remote file's.
func TestKeptReader(t *testing.T) {
	t.Parallel()
	image := point(t, 1)
	rng := rand.New(rand.NewPCG(5, 6))
	image.tiff = make([]byte, 400_000)
	for i := range image.tiff {
		image.tiff[i] = byte(rng.Uint32())
	}
	b := newBackend(t, image)
	image.sims = []string{"CD3"}
	path := filepath.Join(t.TempDir(), "1.ranges")
	moved := int64(0)
	for range 6 {
		remote, err := b.client().Files.OpenAt(context.WithoutCancel(t.Context()), "run-path/"+image.folder+"/summed_image.tiff")
		if err != nil {
			t.Fatal(err)
		}
		k := &keptReader{remote: remote, slots: make(chan struct{}, 2)}
		k.open(path)
		if k.file == nil {
			t.Fatal("nothing is kept")
		}
		var readers sync.WaitGroup
		for range 4 {
			off := rng.Int64N(350_000)
			p := make([]byte, 40_000+rng.IntN(150_000))
			readers.Go(func() {
				n, err := k.ReadAt(p, off)
				if want := image.tiff[off:min(off+int64(len(p)), 400_000)]; n != len(want) || !bytes.Equal(p[:n], want) || (n < len(p)) != (err != nil) {
					t.Errorf("%d of %d bytes at %d, %v", n, len(p), off, err)
				}
			})
		}
		readers.Wait()
		if err := k.close(); err != nil {
			t.Error(err)
		}
		_, now := b.forget()
		moved += now
	}
	if moved > 900_000 {
		t.Errorf("%d bytes of 400000 were moved", moved)
	}
}
