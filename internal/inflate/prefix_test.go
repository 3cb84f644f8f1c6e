package inflate_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/openmibi/openmibi/internal/inflate"
)

// TestPrefixOfManyBlocks has stored blocks between others, wherever in the
// window they come, and matches from as far back as they may reach.
func TestPrefixOfManyBlocks(t *testing.T) {
	t.Parallel()
	var d inflate.Decoder
	noise := random(1, 200_000, 256)
	for _, distance := range []int{32_768, 32_767, 30_000, 1} {
		data := bytes.Clone(noise)
		for i := distance; i < len(data); i += 50_000 {
			n := min(40_000, len(data)-i)
			for j := range n {
				data[i+j] = data[i+j-distance]
			}
		}
		for _, level := range []int{0, 1, 6, -2} {
			src := zlibbed(t, data, level)
			for size := 0; size <= len(data); size += 9_973 {
				g := newGuarded(size)
				n, err := d.ZlibPrefix(t.Context(), g.dst, src, uint64(len(data)-size))
				g.check(t)
				if err != nil || n != len(src) || !bytes.Equal(g.dst, data[:size]) {
					t.Fatalf("level %d, %d of %d bytes: %d of %d used, %v", level, size, len(data), n, len(src), err)
				}
			}
		}
	}
}

// TestPrefixOfABomb expects an end where the limit is, far before the stream's.
func TestPrefixOfABomb(t *testing.T) {
	t.Parallel()
	var d inflate.Decoder
	src := zlibbed(t, make([]byte, 64<<20), 6)
	dst := make([]byte, 100)
	if _, err := d.ZlibPrefix(&countdown{t.Context(), 2}, dst, src, 1<<20); !errors.Is(err, inflate.ErrTooLong) {
		t.Errorf("one MiB of 64: %v", err)
	}
	if _, err := d.ZlibPrefix(&countdown{t.Context(), 5}, dst, src, 1<<40); !errors.Is(err, context.Canceled) {
		t.Errorf("all of it, but for five questions: %v", err)
	}
	if _, err := d.ZlibPrefix(t.Context(), dst, src, 1<<40); err != nil {
		t.Errorf("all of it: %v", err)
	}
}
