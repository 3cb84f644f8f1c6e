package inflate_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/openmibi/openmibi/internal/inflate"
)

// byParts decodes a stream that comes n bytes at a time, in memory that is
// another each time.
func byParts(ctx context.Context, d *inflate.Decoder, dst, src []byte, n int, more uint64) error {
	var last []byte
	next := func(rest []byte) ([]byte, error) {
		if len(rest) >= 128<<10 {
			return nil, fmt.Errorf("%d bytes are left", len(rest))
		}
		now := append(bytes.Clone(rest), src[:min(n, len(src))]...)
		src = src[min(n, len(src)):]
		for i := range last {
			last[i] = 0xa5 // it is not looked at any more
		}
		last = now
		return now, nil
	}
	rest := dst
	err := d.ZlibParts(ctx, len(dst), 1, next, more, func(piece []byte) error {
		rest = rest[copy(rest, piece):]
		return nil
	})
	if err == nil && len(rest) > 0 {
		return fmt.Errorf("%d of %d bytes are missing", len(rest), len(dst))
	}
	return err
}

// TestParts decodes what pieces decode, cut anywhere.
func TestParts(t *testing.T) {
	t.Parallel()
	var d inflate.Decoder
	for name, data := range samples() {
		for _, level := range []int{0, 1, 6, -2} {
			src := zlibbed(t, data, level)
			for _, n := range []int{1, 7, 331, 70_001, len(src) - 1, len(src), len(src) + 1} {
				if n <= 0 || len(src)/n > 300 {
					continue
				}
				dst := make([]byte, len(data))
				if err := byParts(t.Context(), &d, dst, src, n, 0); err != nil || !bytes.Equal(dst, data) {
					t.Fatalf("%s, level %d, %d bytes at a time of %d: %v", name, level, n, len(src), err)
				}
			}
		}
	}
}

// TestPartsOfALargeStream goes through window and parts many times.
func TestPartsOfALargeStream(t *testing.T) {
	t.Parallel()
	var d inflate.Decoder
	data := append(plane(9, 1<<20, 4, 0.3), random(1, 1<<20, 256)...)
	for _, level := range []int{0, 1, 6} {
		src := zlibbed(t, data, level)
		for _, n := range []int{4096, 65_536, 512 << 10} {
			dst := make([]byte, len(data))
			if err := byParts(t.Context(), &d, dst, src, n, 0); err != nil || !bytes.Equal(dst, data) {
				t.Fatalf("level %d, %d bytes at a time: %v", level, n, err)
			}
		}
	}
}

// TestPartsOfDamage finds the same faults as the whole stream at once does.
func TestPartsOfDamage(t *testing.T) {
	t.Parallel()
	var d inflate.Decoder
	data := plane(5, 20_000, 4, 0.3)
	src := zlibbed(t, data, 6)
	dst := make([]byte, len(data))
	for at := 0; at < len(src); at += 13 {
		broken := bytes.Clone(src)
		broken[at] ^= 0x10
		_, want := prefix(t.Context(), &d, dst, broken, 0)
		if err := byParts(t.Context(), &d, dst, broken, 501, 0); (err == nil) != (want == nil) {
			t.Fatalf("byte %d: %v by parts, %v at once", at, err, want)
		}
		if err := byParts(t.Context(), &d, dst, src[:at], 501, 0); !errors.Is(err, inflate.ErrTruncated) {
			t.Fatalf("cut at byte %d: %v", at, err)
		}
	}
	if err := byParts(t.Context(), &d, dst[1:], src, 501, 0); !errors.Is(err, inflate.ErrTooLong) {
		t.Error(err)
	}
	if err := byParts(t.Context(), &d, append(dst, 0), src, 501, 0); !errors.Is(err, inflate.ErrTooShort) {
		t.Error(err)
	}
}

// TestPartsEnd expects the error of who brings the parts.
func TestPartsEnd(t *testing.T) {
	t.Parallel()
	var d inflate.Decoder
	src := zlibbed(t, random(1, 1<<20, 4), 6)
	broken := errors.New("broken line")
	for calls := range 3 {
		n := 0
		err := d.ZlibParts(t.Context(), 1<<20, 1, func(rest []byte) ([]byte, error) {
			if n++; n > calls {
				return nil, broken
			}
			part := src[:66_000]
			src := append(bytes.Clone(rest), part...)
			return src, nil
		}, 0, func([]byte) error { return nil })
		if !errors.Is(err, broken) && !errors.Is(err, inflate.ErrCorrupt) {
			t.Errorf("%d calls: %v", calls, err)
		}
	}
}

func FuzzParts(f *testing.F) {
	f.Add([]byte{0x78, 0x9c}, 3, 10)
	for _, data := range [][]byte{plane(1, 300, 4, 0.2), random(1, 900, 256)} {
		var t testing.TB = f
		f.Add(zlibbed(t, data, 6), 5, len(data))
		f.Add(zlibbed(t, data, 0), 70, len(data))
	}
	f.Fuzz(func(t *testing.T, src []byte, n, size int) {
		if n < 1 || size < 0 || size > 1<<20 || len(src) > 1<<20 || len(src)/n > 40 {
			t.Skip()
		}
		var d inflate.Decoder
		whole, parts := make([]byte, size), make([]byte, size)
		_, err := prefix(t.Context(), &d, whole, src, 0)
		err2 := byParts(t.Context(), &d, parts, src, n, 0)
		if (err == nil) != (err2 == nil) || err == nil && !bytes.Equal(whole, parts) {
			t.Fatalf("at once: %v; by parts: %v", err, err2)
		}
	})
}
