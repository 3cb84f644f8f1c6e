package mibitiff_test

import (
	"bytes"
	"errors"
	"io"
	"sync/atomic"
	"testing"

	"github.com/openmibi/openmibi/mibitiff"
)

// failingAfter is a file of which only so many reads succeed.
type failingAfter struct {
	r    io.ReaderAt
	left atomic.Int64
}

var errDisk = errors.New("the disk is gone")

func (f *failingAfter) ReadAt(b []byte, offset int64) (int, error) {
	if f.left.Add(-1) < 0 {
		return 0, errDisk
	}
	return f.r.ReadAt(b, offset)
}

// TestReadImageStopsAtFailure reads a file whose reads begin to fail: the error
// is the file's own, whichever page met it.
func TestReadImageStopsAtFailure(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 60, 16)
	data := writeImage(t, madeMetadata(), channels, planes)
	for _, left := range []int64{0, 1, 30} {
		r := &failingAfter{r: bytes.NewReader(data)}
		r.left.Store(1000)
		f, err := mibitiff.Open(r, int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		r.left.Store(left)
		im, err := f.Image(t.Context())
		if im != nil || !errors.Is(err, errDisk) {
			t.Errorf("after %d reads: %v", left, err)
		}
	}
}
