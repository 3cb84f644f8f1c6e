package inflate_test

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"context"
	"errors"
	"hash/adler32"
	"io"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/inflate"
)

// guarded is a buffer amid bytes that must not change.
type guarded struct{ all, dst []byte }

const guard = 512

func newGuarded(n int) guarded {
	all := bytes.Repeat([]byte{0xa5}, n+2*guard)
	return guarded{all: all, dst: all[guard : guard+n : guard+n]}
}

func (g guarded) check(t testing.TB) {
	t.Helper()
	want := bytes.Repeat([]byte{0xa5}, guard)
	if !bytes.Equal(g.all[:guard], want) || !bytes.Equal(g.all[len(g.all)-guard:], want) {
		t.Fatal("written outside the buffer")
	}
}

// oracle decodes with the standard library, and says how much of src it took.
func oracle(src []byte, wrapped bool) (out []byte, used int, err error) {
	r := bytes.NewReader(src)
	var in io.Reader = flate.NewReader(r)
	if wrapped {
		if in, err = zlib.NewReader(r); err != nil {
			return nil, 0, err
		}
	}
	out, err = io.ReadAll(io.LimitReader(in, 1<<24))
	return out, len(src) - r.Len(), err
}

func decode(d *inflate.Decoder, dst, src []byte, wrapped bool) (int, error) {
	if wrapped {
		return d.Zlib(context.Background(), dst, src)
	}
	return d.Raw(context.Background(), dst, src)
}

// same compares with the standard library: the same verdict, the same bytes, as
// many of src, whatever the size of the buffer.
func same(t testing.TB, d *inflate.Decoder, src []byte, wrapped bool, expected int) {
	t.Helper()
	want, used, wantErr := oracle(src, wrapped)
	g := newGuarded(len(want))
	n, err := decode(d, g.dst, src, wrapped)
	g.check(t)
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("error %v, the standard library's %v, for %x", err, wantErr, src)
	}
	if err != nil && !typed(err) {
		t.Fatalf("error %v is not one of the package's", err)
	}
	if err == nil && (n != used || !bytes.Equal(g.dst, want)) {
		t.Fatalf("%d bytes of %d used, equal %v, for %x", n, used, bytes.Equal(g.dst, want), src)
	}
	if wrapped {
		samePrefix(t, d, src, want, used, wantErr)
	}
	for _, size := range []int{expected, len(want) + 1, len(want) - 1, len(want) + 1000} {
		if size < 0 || size == len(want) {
			continue
		}
		g := newGuarded(size)
		_, err := decode(d, g.dst, src, wrapped)
		g.check(t)
		if err == nil {
			t.Fatalf("a stream of %d bytes fills %d: %x", len(want), size, src)
		}
		if wantErr == nil && size > len(want) && !errors.Is(err, inflate.ErrTooShort) || wantErr == nil && size < len(want) && !errors.Is(err, inflate.ErrTooLong) {
			t.Fatalf("%d bytes into %d: %v", len(want), size, err)
		}
	}
}

// samePrefix is the same for streams that go on beyond the buffer.
func samePrefix(t testing.TB, d *inflate.Decoder, src, want []byte, used int, wantErr error) {
	t.Helper()
	for _, size := range []int{0, len(want) / 2, len(want)} {
		g, more := newGuarded(size), uint64(len(want)-size)
		n, err := prefix(context.Background(), d, g.dst, src, more)
		g.check(t)
		if (err == nil) != (wantErr == nil) || err != nil && !typed(err) {
			t.Fatalf("%d bytes and %d more: error %v, the standard library's %v, for %x", size, more, err, wantErr, src)
		}
		if err != nil {
			continue
		}
		if n != used || !bytes.Equal(g.dst, want[:size]) {
			t.Fatalf("%d bytes and %d more: %d bytes of %d used, equal %v, for %x", size, more, n, used, bytes.Equal(g.dst, want[:size]), src)
		}
		if _, err := prefix(context.Background(), d, g.dst, src, more+1); err != nil {
			t.Fatalf("%d bytes and %d more: %v", size, more+1, err)
		}
		if more > 0 {
			_, err = prefix(context.Background(), d, g.dst, src, more-1)
		} else {
			_, err = prefix(context.Background(), d, make([]byte, size+1), src, 1<<40)
		}
		if more > 0 && !errors.Is(err, inflate.ErrTooLong) || more == 0 && !errors.Is(err, inflate.ErrTooShort) {
			t.Fatalf("%d bytes and %d more, but one: %v", size, more, err)
		}
	}
}

func typed(err error) bool {
	for _, known := range []error{inflate.ErrCorrupt, inflate.ErrTruncated, inflate.ErrTooLong, inflate.ErrTooShort, inflate.ErrChecksum} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}

func TestEveryLevelOfTwoEncoders(t *testing.T) {
	t.Parallel()
	for name, data := range samples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var d inflate.Decoder
			levels := []int{-2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
			if strings.HasPrefix(name, "period") || raceDetector {
				levels = []int{1, 6}
			}
			for _, level := range levels {
				for _, src := range [][]byte{deflated(t, data, level), deflatedFast(t, data, level)} {
					g := newGuarded(len(data))
					n, err := d.Raw(t.Context(), g.dst, append(src, 1, 2, 3))
					g.check(t)
					if err != nil || n != len(src) || !bytes.Equal(g.dst, data) {
						t.Fatalf("level %d: %d of %d bytes, %v", level, n, len(src), err)
					}
				}
				src := zlibbed(t, data, level)
				g := newGuarded(len(data))
				n, err := d.Zlib(t.Context(), g.dst, append(src, 1, 2, 3))
				g.check(t)
				if err != nil || n != len(src) || !bytes.Equal(g.dst, data) {
					t.Fatalf("zlib level %d: %d of %d bytes, %v", level, n, len(src), err)
				}
			}
			same(t, &d, deflated(t, data, 6), false, len(data))
			same(t, &d, zlibbed(t, data, 6), true, len(data))
		})
	}
}

func TestTruncationAtEveryByte(t *testing.T) {
	t.Parallel()
	var d inflate.Decoder
	for _, data := range [][]byte{plane(1, 2000, 2, 0.2), random(1, 300, 256), bytes.Repeat([]byte("abc"), 500), {}} {
		for _, level := range []int{0, 1, 6, -2} {
			src := zlibbed(t, data, level)
			for n := range src {
				dst := make([]byte, len(data))
				if _, err := d.Zlib(t.Context(), dst, src[:n]); !errors.Is(err, inflate.ErrTruncated) {
					t.Fatalf("%d of %d bytes: %v", n, len(src), err)
				}
			}
		}
	}
}

func TestEveryBitFlipped(t *testing.T) {
	t.Parallel()
	var d inflate.Decoder
	for _, data := range [][]byte{plane(1, 300, 2, 0.2), bytes.Repeat([]byte("abcde"), 150), random(1, 100, 256)} {
		for _, level := range []int{0, 1, 6, -2} {
			for _, wrapped := range []bool{true, false} {
				src := deflated(t, data, level)
				if wrapped {
					src = zlibbed(t, data, level)
				}
				for bit := range 8 * len(src) {
					flipped := bytes.Clone(src)
					flipped[bit/8] ^= 1 << (bit % 8)
					same(t, &d, flipped, wrapped, len(data))
				}
			}
		}
	}
}

func TestOddStreams(t *testing.T) {
	t.Parallel()
	lits := func(set map[int]uint8) []uint8 {
		out := make([]uint8, 286)
		for i, n := range set {
			out[i] = n
		}
		return out
	}
	fixed := func() *bitWriter { return (&bitWriter{}).put(1, 1).put(1, 2) }
	longest := make([]uint8, 286)
	for i := range 14 {
		longest[i] = uint8(i + 1)
	}
	longest[255], longest[256] = 15, 15
	cases := []struct {
		name string
		src  []byte
		ok   bool
	}{
		{"nothing but the end of a fixed block", fixed().code(0, 7).bytes(), true},
		{"no code of distances, none used", dynamic(lits(map[int]uint8{'a': 1, 256: 1}), []uint8{0}).code(0, 1).code(1, 1).bytes(), true},
		{"no code of distances, one used", dynamic(lits(map[int]uint8{'a': 2, 'b': 2, 256: 2, 257: 2}), []uint8{0}).code(0, 2).code(3, 2).code(0, 1).code(2, 2).bytes(), false},
		{"one code of distances of one bit", dynamic(lits(map[int]uint8{'a': 2, 'b': 2, 256: 2, 257: 2}), []uint8{1}).code(0, 2).code(3, 2).code(0, 1).code(2, 2).bytes(), true},
		{"the other half of that code", dynamic(lits(map[int]uint8{'a': 2, 'b': 2, 256: 2, 257: 2}), []uint8{1}).code(0, 2).code(3, 2).code(1, 1).code(2, 2).bytes(), false},
		{"one code of distances of two bits", dynamic(lits(map[int]uint8{'a': 1, 256: 1}), []uint8{2}).code(0, 1).code(1, 1).bytes(), false},
		{"a single literal code, the end", dynamic(lits(map[int]uint8{256: 1}), []uint8{0}).code(0, 1).bytes(), true},
		{"no literal codes", dynamic(lits(nil), []uint8{0}).code(0, 1).bytes(), false},
		{"literal codes with a gap", dynamic(lits(map[int]uint8{'a': 2, 256: 1}), []uint8{0}).code(0, 1).bytes(), false},
		{"too many literal codes", dynamic(lits(map[int]uint8{'a': 1, 'b': 1, 256: 1}), []uint8{0}).code(0, 1).bytes(), false},
		{"too many distance codes", dynamic(lits(map[int]uint8{'a': 1, 256: 1}), []uint8{1, 1, 1}).code(1, 1).bytes(), false},
		{"no end of block", dynamic(lits(map[int]uint8{'a': 1, 'b': 1}), []uint8{0}).code(0, 1).code(1, 1).bytes(), false},
		{"codes of fifteen bits", dynamic(longest, []uint8{0}).code(0x7ffe, 15).code(0x7ffe, 15).code(0, 1).code(0x7fff, 15).bytes(), true},
		{"a match before the first byte", fixed().code(1, 7).code(0, 5).code(0, 7).bytes(), false},
		{"a match of one byte too far", fixed().code(0x30+'a', 8).code(1, 7).code(1, 5).code(0, 7).bytes(), false},
		{"a match of the first byte", fixed().code(0x30+'a', 8).code(1, 7).code(0, 5).code(0, 7).bytes(), true},
		{"the longest match", fixed().code(0x30+'a', 8).code(0xc5, 8).code(0, 5).code(0, 7).bytes(), true},
		{"the longest match by its extra bits", fixed().code(0x30+'a', 8).code(0xc4, 8).put(31, 5).code(0, 5).code(0, 7).bytes(), true},
		{"length code 286", fixed().code(0x30+'a', 8).code(0xc6, 8).code(0, 5).code(0, 7).bytes(), false},
		{"distance code 30", fixed().code(0x30+'a', 8).code(1, 7).code(30, 5).put(0, 16).code(0, 7).bytes(), false},
		{"the reserved kind of block", (&bitWriter{}).put(1, 1).put(3, 2).put(0, 32).bytes(), false},
		{"a stored block of no bytes", []byte{1, 0, 0, 0xff, 0xff}, true},
		{"a stored block whose lengths differ", []byte{1, 1, 0, 0xff, 0xff, 7}, false},
		{"a stored block that is cut", []byte{1, 2, 0, 0xfd, 0xff, 7}, false},
		{"287 literal codes", (&bitWriter{}).put(1, 1).put(2, 2).put(30, 5).put(0, 5).put(0, 4).put(0, 64).bytes(), false},
		{"31 distance codes", (&bitWriter{}).put(1, 1).put(2, 2).put(0, 5).put(30, 5).put(0, 4).put(0, 64).bytes(), false},
		{"no bytes at all", nil, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var d inflate.Decoder
			// At the end of the stream, and far from it.
			for _, src := range [][]byte{c.src, append(bytes.Clone(c.src), make([]byte, 64)...)} {
				out, _, err := oracle(src, false)
				if len(src) == len(c.src) && (err == nil) != c.ok {
					t.Fatalf("the standard library says %v", err)
				}
				same(t, &d, src, false, len(out))
			}
		})
	}
}

func TestHeads(t *testing.T) {
	t.Parallel()
	var d inflate.Decoder
	body := zlibbed(t, []byte("abc"), 6)[2:]
	for _, first := range []byte{0x78, 0x08, 0x88, 0xf8, 0x77, 0x79} {
		for second := range 1 << 8 {
			same(t, &d, append([]byte{first, byte(second)}, body...), true, 3)
			same(t, &d, append([]byte{first, byte(second), 0, 0, 0, 1}, body...), true, 3)
		}
	}
}

func TestChecksum(t *testing.T) {
	t.Parallel()
	var d inflate.Decoder
	for _, values := range []int{1, 2, 256} {
		for n := range 600 {
			data := random(uint64(n), n, values)
			if values == 1 {
				data = bytes.Repeat([]byte{255}, n*n)
			}
			src := []byte{0x78, 0x01}
			for rest := data; ; {
				part := rest[:min(len(rest), 0xffff)]
				rest = rest[len(part):]
				last := byte(0)
				if len(rest) == 0 {
					last = 1
				}
				src = append(src, last, byte(len(part)), byte(len(part)>>8), ^byte(len(part)), ^byte(len(part)>>8))
				src = append(src, part...)
				if last == 1 {
					break
				}
			}
			sum := adler32.Checksum(data)
			src = append(src, byte(sum>>24), byte(sum>>16), byte(sum>>8), byte(sum))
			if _, err := d.Zlib(t.Context(), make([]byte, len(data)), src); err != nil {
				t.Fatalf("%d bytes: %v", len(data), err)
			}
			src[len(src)-1-n%4] ^= 1
			if _, err := d.Zlib(t.Context(), make([]byte, len(data)), src); !errors.Is(err, inflate.ErrChecksum) {
				t.Fatalf("%d bytes with another checksum: %v", len(data), err)
			}
		}
	}
}

// countdown is a context that ends after it was asked a number of times.
type countdown struct {
	context.Context //nolint:containedctx // it is a context
	after           int
}

func (c *countdown) Err() error {
	if c.after--; c.after < 0 {
		return context.Canceled
	}
	return nil
}

func TestContextIsAskedOnTheWay(t *testing.T) {
	t.Parallel()
	var d inflate.Decoder
	blocks := bytes.Repeat([]byte{0, 0, 0, 0xff, 0xff}, 10_000)
	for name, src := range map[string][]byte{
		"zeros":  deflated(t, make([]byte, 8<<20), 6),
		"stored": deflated(t, make([]byte, 8<<20), 0),
		"blocks": append(blocks, deflated(t, make([]byte, 8<<20), 6)...),
	} {
		dst := make([]byte, 8<<20)
		if _, err := d.Raw(&countdown{t.Context(), 4}, dst, src); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := d.Raw(&countdown{t.Context(), 20}, dst, src); err != nil {
			t.Errorf("%s: asked too often: %v", name, err)
		}
	}
}

func TestNothingIsAllocated(t *testing.T) {
	data := plane(1, 100_000, 2, 0.1)
	src, dst := zlibbed(t, data, 6), make([]byte, len(data))
	var d inflate.Decoder
	take := func([]byte) error { return nil }
	if n := testing.AllocsPerRun(5, func() {
		if _, err := d.Zlib(context.Background(), dst, src); err != nil {
			t.Fatal(err)
		}
		if _, err := d.ZlibPieces(context.Background(), 9, 1, src, 1<<40, take); err != nil {
			t.Fatal(err)
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzZlib(f *testing.F) {
	for i, data := range [][]byte{plane(1, 800, 2, 0.2), plane(1, 400, 4, 0.2), bytes.Repeat([]byte("abc"), 300), random(1, 200, 256), skewed(2000), {}} {
		for _, level := range []int{0, 1, 6, -2} {
			f.Add(zlibbed(f, data, level), i%2 == 0)
			f.Add(deflated(f, data, level), i%2 == 0)
		}
	}
	var d inflate.Decoder
	f.Fuzz(func(t *testing.T, src []byte, wrapped bool) {
		if len(src) > 1<<13 {
			return
		}
		same(t, &d, src, wrapped, 1600)
	})
}
