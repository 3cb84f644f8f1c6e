package inflate_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/openmibi/openmibi/internal/inflate"
)

// TestPiecesOfManyBlocks has stored blocks between others, wherever in the
// window they come, and matches from as far back as they may reach.
func TestPiecesOfManyBlocks(t *testing.T) {
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
				n, err := prefix(t.Context(), &d, g.dst, src, uint64(len(data)-size))
				g.check(t)
				if err != nil || n != len(src) || !bytes.Equal(g.dst, data[:size]) {
					t.Fatalf("level %d, %d of %d bytes: %d of %d used, %v", level, size, len(data), n, len(src), err)
				}
			}
		}
	}
}

// TestPiecesOfABomb expects an end where the limit is, far before the stream's.
func TestPiecesOfABomb(t *testing.T) {
	t.Parallel()
	var d inflate.Decoder
	src := zlibbed(t, make([]byte, 64<<20), 6)
	dst := make([]byte, 100)
	if _, err := prefix(&countdown{t.Context(), 2}, &d, dst, src, 1<<20); !errors.Is(err, inflate.ErrTooLong) {
		t.Errorf("one MiB of 64: %v", err)
	}
	if _, err := prefix(&countdown{t.Context(), 5}, &d, dst, src, 1<<40); !errors.Is(err, context.Canceled) {
		t.Errorf("all of it, but for five questions: %v", err)
	}
	if _, err := prefix(t.Context(), &d, dst, src, 1<<40); err != nil {
		t.Errorf("all of it: %v", err)
	}
}

// prefix decodes the beginning of a stream into dst, by pieces of whole samples
// of as many bytes as divide dst.
func prefix(ctx context.Context, d *inflate.Decoder, dst, src []byte, more uint64) (int, error) {
	align := 8
	for len(dst)%align != 0 {
		align /= 2
	}
	rest := dst
	n, err := d.ZlibPieces(ctx, len(dst), align, src, more, func(piece []byte) error {
		if len(piece)%align != 0 || len(piece) > len(rest) {
			return fmt.Errorf("a piece of %d bytes, with %d to come in samples of %d", len(piece), len(rest), align)
		}
		rest = rest[copy(rest, piece):]
		return nil
	})
	if err == nil && len(rest) > 0 {
		return n, fmt.Errorf("%d of %d bytes are missing", len(rest), len(dst))
	}
	return n, err
}

// TestPiecesEndWithWhoTakesThem expects the taker's own error.
func TestPiecesEndWithWhoTakesThem(t *testing.T) {
	t.Parallel()
	var d inflate.Decoder
	data := random(1, 1<<20, 4)
	enough := errors.New("enough")
	got := 0
	_, err := d.ZlibPieces(t.Context(), len(data), 4, zlibbed(t, data, 6), 0, func(piece []byte) error {
		if got += len(piece); got > 100_000 {
			return enough
		}
		return nil
	})
	if !errors.Is(err, enough) || got == len(data) {
		t.Errorf("%v after %d bytes", err, got)
	}
}
