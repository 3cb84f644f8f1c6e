package deflate_test

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"hash/crc32"
	"io"
	"reflect"
	"strconv"
	"testing"

	fast "github.com/klauspost/compress/zlib"

	"github.com/openmibi/openmibi/internal/deflate"
	"github.com/openmibi/openmibi/internal/inflate"
)

var sizes = []int{1, 2, 3, 4, 8}

// roundTrip encodes, and has the standard library decode.
func roundTrip(t testing.TB, e *deflate.Encoder, src []byte, elem int) []byte {
	t.Helper()
	out := e.Zlib(nil, src, elem)
	if len(out) > deflate.Bound(len(src)) {
		t.Fatalf("%d bytes took %d, more than %d", len(src), len(out), deflate.Bound(len(src)))
	}
	rest := bytes.NewReader(out)
	r, err := zlib.NewReader(rest)
	if err != nil {
		t.Fatal(err)
	}
	back := make([]byte, len(src)+1)
	n, err := io.ReadFull(r, back)
	if n != len(src) || err != io.EOF && err != io.ErrUnexpectedEOF || rest.Len() > 0 {
		t.Fatalf("elem %d: %d bytes of %d come back, %d are left of %d: %v", elem, n, len(src), rest.Len(), len(out), err)
	}
	if !bytes.Equal(back[:n], src) {
		t.Fatalf("elem %d: %d bytes come back as others", elem, n)
	}
	return out
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("megabytes, one after the other")
	}
	var used deflate.Encoder
	var decoder inflate.Decoder
	for name, src := range samples() {
		for _, elem := range sizes {
			out := roundTrip(t, &used, src, elem)
			back := make([]byte, len(src))
			if n, err := decoder.Zlib(t.Context(), back, out); err != nil || n != len(out) || !bytes.Equal(back, src) {
				t.Errorf("%s, elem %d: inflate takes %d of %d: %v", name, elem, n, len(out), err)
			}
			r, err := fast.NewReader(bytes.NewReader(out))
			if err != nil {
				t.Fatal(err)
			}
			if back, err := io.ReadAll(r); err != nil || !bytes.Equal(back, src) {
				t.Errorf("%s, elem %d: klauspost/compress: %v", name, elem, err)
			}
			var fresh deflate.Encoder
			if again := fresh.Zlib(nil, src, elem); !bytes.Equal(again, out) {
				t.Errorf("%s, elem %d: another stream after other bytes", name, elem)
			}
		}
	}
}

// TestLengths has runs and matches of every length near those where something
// changes.
func TestLengths(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("megabytes, one after the other")
	}
	var e deflate.Encoder
	seed := random(1, 400, 256)
	try := func(n int) {
		for _, elem := range sizes {
			roundTrip(t, &e, make([]byte, n), elem)
			roundTrip(t, &e, append([]byte{1}, make([]byte, n)...), elem)
			roundTrip(t, &e, bytes.Repeat([]byte{9}, n), elem)
			roundTrip(t, &e, append(append(bytes.Clone(seed), 1, 2, 3), seed[:n%400]...), elem)
		}
	}
	for n := range 275 {
		try(n)
	}
	for _, n := range []int{517, 1 << 15, 1 << 16, 2 * 65535} {
		for d := -5; d < 6; d++ {
			try(n + d)
		}
	}
}

// TestDistances has a match from as far as it may be, and from farther.
func TestDistances(t *testing.T) {
	t.Parallel()
	var e deflate.Encoder
	word := []byte{1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0, 9, 0, 1, 0, 2, 0, 3, 0}
	for _, between := range []int{1<<15 - 48, 1<<15 - 28, 1<<15 - 24, 1<<15 - 20, 1<<15 - 8, 1 << 15} {
		src := append(append(bytes.Clone(word), make([]byte, between)...), word...)
		for _, elem := range sizes {
			roundTrip(t, &e, src, elem)
			roundTrip(t, &e, append([]byte{5, 5, 5}, src...), elem)
		}
	}
}

// TestBound has what cannot be made smaller, whole and with pieces that can.
func TestBound(t *testing.T) {
	t.Parallel()
	var e deflate.Encoder
	noise := random(1, 150_000, 256)
	for _, n := range []int{0, 1, 2, 10, 100, 4096, 16_384, 65_534, 65_535, 65_536, 131_070, 131_071, 150_000} {
		roundTrip(t, &e, noise[:n], 1)
		roundTrip(t, &e, noise[:n], 2)
	}
	for _, piece := range []int{10, 1000, 3000, 16_384, 30_000} {
		for _, zeros := range []int{8, 40, 70, 100, 5000, 40_000} {
			var src []byte
			for i := 0; i+piece < len(noise) && len(src) < 500_000; i += piece {
				src = append(append(src, noise[i:i+piece]...), make([]byte, zeros)...)
			}
			roundTrip(t, &e, src, 1)
		}
	}
}

// TestSize compares with the standard library's usual level. That makes 6 per
// cent less of dense floats than C's zlib does, and C's level is the measure.
func TestSize(t *testing.T) {
	t.Parallel()
	var e deflate.Encoder
	for _, p := range planes() {
		standard := zlibbed(t, zlib.NewWriterLevel, p.data, 6)
		got := len(roundTrip(t, &e, p.data, p.elem))
		ratio, most := float64(got)/float64(standard), 1.04
		if p.name == "dense float32" {
			most = 1.1
		}
		t.Logf("%s: %d bytes, %.3f of the standard library's %d", p.name, got, ratio, standard)
		if ratio > most {
			t.Errorf("%s is larger than %.2f of the standard library's", p.name, most)
		}
	}
}

// zlibbed is how many bytes another encoder makes.
func zlibbed[W io.WriteCloser](t testing.TB, make func(io.Writer, int) (W, error), data []byte, level int) int {
	t.Helper()
	var out bytes.Buffer
	w, err := make(&out, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Len()
}

func TestAppends(t *testing.T) {
	t.Parallel()
	var e deflate.Encoder
	src := plane(1, 5000, 2, 0.2)
	zlibStream, raw := e.Zlib(nil, src, 2), e.Raw(nil, src, 2)
	if !bytes.Equal(zlibStream[2:len(zlibStream)-4], raw) {
		t.Error("a zlib stream is not a raw one with head and checksum")
	}
	if got := e.Zlib([]byte("before"), src, 2); string(got[:6]) != "before" || !bytes.Equal(got[6:], zlibStream) {
		t.Error("not appended as it is alone")
	}
	if got := e.Raw([]byte("before"), src, 2); string(got[:6]) != "before" || !bytes.Equal(got[6:], raw) {
		t.Error("raw is not appended as it is alone")
	}
	if back, err := io.ReadAll(flate.NewReader(bytes.NewReader(raw))); err != nil || !bytes.Equal(back, src) {
		t.Errorf("raw: %v", err)
	}
}

// TestSameStream compares with streams that were made on other architectures
// (amd64 and 386): a change of the encoder changes them, nothing else may.
func TestSameStream(t *testing.T) {
	t.Parallel()
	sum := crc32.NewIEEE()
	var e deflate.Encoder
	for _, elem := range sizes {
		for values := 2; values < 200; values += 7 {
			src := random(uint64(values), 40_000, values)
			for i := range src {
				src[i] *= src[(i*i)%len(src)] & 1 & src[i/7]
			}
			sum.Write(e.Zlib(nil, src, elem))
		}
		sum.Write(e.Zlib(nil, mask(1, 300, 300), elem))
	}
	if got, want := sum.Sum32(), uint32(0xc528ce09); got != want {
		t.Errorf("the streams sum up to %#x, not %#x", got, want)
	}
}

// TestMemory counts what an encoder is and what it asks for.
func TestMemory(t *testing.T) {
	if size := reflect.TypeFor[deflate.Encoder]().Size(); size > 512<<10 {
		t.Errorf("an encoder has %d bytes", size)
	}
	var e deflate.Encoder
	for _, elem := range sizes {
		src := plane(1, 100_000, 2, 0.3)
		dst := make([]byte, 0, deflate.Bound(len(src)))
		if n := testing.AllocsPerRun(5, func() { e.Zlib(dst, src, elem) }); n > 0 {
			t.Errorf("elem %s: %v allocations with room for all", strconv.Itoa(elem), n)
		}
	}
}
