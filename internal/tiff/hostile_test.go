package tiff_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
)

// hostileCase is a file that must be refused, or read without harm.
type hostileCase struct {
	name  string
	build func(t *testing.T, b *fileBuilder) []byte
	opts  tiff.Options
	// what the error must be: one of these, or none for a file that is read.
	format, unsupported bool
	page                int
	tag                 uint16
	is                  error
	big                 bool
}

func pageOf(entries []entry) func(*testing.T, *fileBuilder) []byte {
	return func(_ *testing.T, b *fileBuilder) []byte {
		b.page(entries...)
		return b.buf
	}
}

func strip(data []byte, change func(offset uint64) []entry) func(*testing.T, *fileBuilder) []byte {
	return func(_ *testing.T, b *fileBuilder) []byte {
		b.page(change(b.blob(data))...)
		return b.buf
	}
}

func hostileCases() []hostileCase {
	const headerOnly = tiff.NoPage
	good := func(o uint64) []entry { return grayscale(4, 4, o, 16) }
	pixels := make([]byte, 16)
	return []hostileCase{
		{name: "empty file", build: func(*testing.T, *fileBuilder) []byte { return nil }, format: true, page: headerOnly, is: tiff.ErrNotTIFF},
		{name: "seven bytes", build: func(*testing.T, *fileBuilder) []byte { return []byte("II*\x00\x08\x00\x00") }, format: true, page: headerOnly, is: tiff.ErrNotTIFF},
		{name: "not a TIFF", build: func(*testing.T, *fileBuilder) []byte { return []byte("\x89PNG\r\n\x1a\n0123456789") }, format: true, page: headerOnly, is: tiff.ErrNotTIFF},
		{name: "wrong version", build: func(*testing.T, *fileBuilder) []byte { return []byte("II\x2c\x00\x08\x00\x00\x00") }, format: true, page: headerOnly, is: tiff.ErrNotTIFF},
		{name: "no page", build: func(_ *testing.T, b *fileBuilder) []byte { return b.buf }, format: true, page: headerOnly},
		{name: "BigTIFF header cut off", big: true, build: func(_ *testing.T, b *fileBuilder) []byte { return b.buf[:12] }, format: true, page: headerOnly, is: tiff.ErrTruncated},
		{name: "BigTIFF of another offset size", big: true, build: func(_ *testing.T, b *fileBuilder) []byte { b.buf[4] = 4; return b.buf }, format: true, page: headerOnly},
		{name: "first offset 0xFFFFFFFF", build: func(_ *testing.T, b *fileBuilder) []byte { b.setLink(math.MaxUint32); return b.buf }, format: true, is: tiff.ErrTruncated},
		{name: "first offset 0xFFFFFFFFFFFFFFFF", big: true, build: func(_ *testing.T, b *fileBuilder) []byte { b.setLink(math.MaxUint64); return b.buf }, format: true, is: tiff.ErrTruncated},
		{name: "next offset 0xFFFFFFFF", build: func(_ *testing.T, b *fileBuilder) []byte {
			b.page(good(b.blob(pixels))...)
			b.setLink(math.MaxUint32)
			return b.buf
		}, format: true, page: 1, is: tiff.ErrTruncated},
		{name: "entry count beyond the file", build: func(_ *testing.T, b *fileBuilder) []byte {
			b.setLink(b.blob([]byte{0xff, 0xff, 0, 0}))
			return b.buf
		}, format: true, is: tiff.ErrTruncated},
		{name: "entry count that overflows", big: true, build: func(_ *testing.T, b *fileBuilder) []byte {
			b.setLink(b.blob(bytes.Repeat([]byte{0xff}, 64)))
			return b.buf
		}, format: true},
		{name: "entry count of zero", build: func(_ *testing.T, b *fileBuilder) []byte { b.page(); return b.buf }, format: true},
		{name: "value count that overflows", big: true, build: pageOf(with(grayscale(4, 4, 16, 16),
			entry{id: tiff.StripOffsets, typ: tiff.Long8, count: math.MaxUint64/8 + 1, value: 16})), format: true, tag: tiff.StripOffsets, is: tiff.ErrTruncated},
		{name: "value count of 4 billion", build: pageOf(with(grayscale(4, 4, 8, 16),
			entry{id: tiff.StripOffsets, typ: tiff.Long, count: math.MaxUint32, value: 8})), format: true, tag: tiff.StripOffsets, is: tiff.ErrTruncated},
		{name: "values past the end", build: pageOf(with(grayscale(4, 4, 8, 16),
			entry{id: tiff.StripOffsets, typ: tiff.Long, count: 4, value: 0xfffffff0})), format: true, tag: tiff.StripOffsets, is: tiff.ErrTruncated},
		{name: "values of no count", build: strip(pixels, func(o uint64) []entry {
			return with(good(o), entry{id: tiff.StripOffsets, typ: tiff.Long, count: 0})
		}), format: true, tag: tiff.StripOffsets},
		{name: "values of an unknown type", build: strip(pixels, func(o uint64) []entry {
			return with(good(o), entry{id: tiff.ImageWidth, typ: 99, count: 1})
		}), format: true, tag: tiff.ImageWidth},
		{name: "width that is text", build: strip(pixels, func(o uint64) []entry {
			return with(good(o), entry{id: tiff.ImageWidth, typ: tiff.ASCII, count: 4, value: 4})
		}), format: true, tag: tiff.ImageWidth},
		{name: "no width", build: strip(pixels, func(o uint64) []entry { return without(good(o), tiff.ImageWidth) }), format: true, tag: tiff.ImageWidth},
		{name: "no strips", build: strip(pixels, func(o uint64) []entry { return without(good(o), tiff.StripOffsets) }), format: true, tag: tiff.StripOffsets},
		{name: "zero width", build: strip(pixels, func(o uint64) []entry { return with(good(o), long(tiff.ImageWidth, 0)) }), format: true, tag: tiff.ImageWidth},
		{name: "zero height", build: strip(pixels, func(o uint64) []entry { return with(good(o), long(tiff.ImageLength, 0)) }), format: true, tag: tiff.ImageLength},
		{name: "zero rows a strip", build: strip(pixels, func(o uint64) []entry { return with(good(o), long(tiff.RowsPerStrip, 0)) }), format: true, tag: tiff.RowsPerStrip},
		{name: "zero bits", build: strip(pixels, func(o uint64) []entry { return with(good(o), short(tiff.BitsPerSample, 0)) }), format: true, tag: tiff.BitsPerSample},
		{name: "zero samples", build: strip(pixels, func(o uint64) []entry { return with(good(o), short(tiff.SamplesPerPixel, 0)) }), format: true, tag: tiff.SamplesPerPixel},
		{name: "width and height of 4 billion", build: strip(pixels, func(o uint64) []entry {
			return grayscale(math.MaxUint32, math.MaxUint32, o, 16)
		}), unsupported: true, tag: tiff.ImageWidth, is: tiff.ErrLimit},
		{name: "width and height of 2 billion", build: strip(pixels, func(o uint64) []entry {
			return grayscale(math.MaxInt32, math.MaxInt32, o, 16)
		}), unsupported: true, tag: tiff.ImageWidth, is: tiff.ErrLimit},
		{name: "a strip for each of 2 billion rows", build: strip(pixels, func(o uint64) []entry {
			return with(grayscale(4, math.MaxInt32, o, 16), long(tiff.RowsPerStrip, 1))
		}), format: true, tag: tiff.StripOffsets},
		{name: "more pixels than allowed", opts: tiff.Options{MaxPageBytes: 15}, build: strip(pixels, good), unsupported: true, tag: tiff.ImageWidth, is: tiff.ErrLimit},
		{name: "strip past the end", build: strip(pixels, func(o uint64) []entry { return with(good(o), long(tiff.StripByteCounts, 1<<20)) }), format: true, tag: tiff.StripOffsets, is: tiff.ErrTruncated},
		{name: "strip at 0xFFFFFFFF", build: strip(pixels, func(o uint64) []entry { return with(good(o), long(tiff.StripOffsets, math.MaxUint32)) }), format: true, tag: tiff.StripOffsets, is: tiff.ErrTruncated},
		{name: "strip shorter than its pixels", build: strip(pixels, func(o uint64) []entry { return with(good(o), long(tiff.StripByteCounts, 15)) }), format: true, tag: tiff.StripByteCounts},
		{name: "fewer strips than rows need", build: strip(pixels, func(o uint64) []entry { return with(good(o), long(tiff.RowsPerStrip, 1)) }), format: true, tag: tiff.StripOffsets},
		{name: "a short deflate strip for a huge page", build: strip(pixels, func(o uint64) []entry {
			return with(grayscale(30000, 30000, o, 16), short(tiff.Compression, tiff.CompressionDeflate))
		}), format: true, tag: tiff.StripByteCounts},
		{name: "page loop of one", build: func(_ *testing.T, b *fileBuilder) []byte {
			b.setLink(b.page(good(b.blob(pixels))...))
			return b.buf
		}, format: true, page: 1},
		{name: "page loop of two", build: func(_ *testing.T, b *fileBuilder) []byte {
			first := b.page(good(b.blob(pixels))...)
			b.page(good(8)...)
			b.setLink(first)
			return b.buf
		}, format: true, page: 2},
		{name: "too many pages", opts: tiff.Options{MaxPages: 3}, build: func(_ *testing.T, b *fileBuilder) []byte {
			for o := b.blob(pixels); b.link < 1000; {
				b.page(good(o)...)
			}
			return b.buf
		}, unsupported: true, page: 3, is: tiff.ErrLimit},
		{name: "compression that is not read", build: strip(pixels, func(o uint64) []entry { return with(good(o), short(tiff.Compression, 7)) }), unsupported: true, tag: tiff.Compression},
		{name: "predictor that is not read", build: strip(pixels, func(o uint64) []entry { return with(good(o), short(tiff.Predictor, 34892)) }), unsupported: true, tag: tiff.Predictor},
		{name: "samples of one bit", build: strip(pixels, func(o uint64) []entry { return with(good(o), short(tiff.BitsPerSample, 1)) }), unsupported: true, tag: tiff.BitsPerSample},
		{name: "fill order 2", build: strip(pixels, func(o uint64) []entry { return with(good(o), short(tiff.FillOrder, 2)) }), unsupported: true, tag: tiff.FillOrder},
		{name: "planes apart, too few strips", build: strip(pixels, func(o uint64) []entry {
			return with(good(o), short(tiff.SamplesPerPixel, 3), short(tiff.PlanarConfiguration, 2))
		}), format: true, tag: tiff.StripOffsets},
		{name: "tiles of 4 billion pixels", build: strip(pixels, func(o uint64) []entry {
			return append(without(without(good(o), tiff.StripOffsets), tiff.StripByteCounts),
				long(tiff.TileWidth, math.MaxUint32), long(tiff.TileLength, math.MaxUint32), long(tiff.TileOffsets, o), long(tiff.TileByteCounts, 16))
		}), unsupported: true, tag: tiff.TileWidth, is: tiff.ErrLimit},
		{name: "tiles a million times as large as their page", build: func(_ *testing.T, b *fileBuilder) []byte {
			const tiles, size = 64, 2100
			offsets, counts := make([]uint64, tiles), make([]uint64, tiles)
			at := b.blob(make([]byte, size))
			for i := range tiles {
				offsets[i], counts[i] = at, size
			}
			b.page(long(tiff.ImageWidth, 1), long(tiff.ImageLength, tiles), short(tiff.BitsPerSample, 8), short(tiff.Compression, tiff.CompressionDeflate),
				long(tiff.TileWidth, 2<<20), long(tiff.TileLength, 1), b.longs(tiff.TileOffsets, offsets...), b.longs(tiff.TileByteCounts, counts...))
			return b.buf
		}, unsupported: true, tag: tiff.TileWidth, is: tiff.ErrLimit},
		{name: "zero tiles", build: strip(pixels, func(o uint64) []entry {
			return append(without(good(o), tiff.StripOffsets), long(tiff.TileWidth, 0), long(tiff.TileLength, 16), long(tiff.TileOffsets, o), long(tiff.TileByteCounts, 16))
		}), format: true, tag: tiff.TileWidth},
		{name: "deflate of garbage", build: strip(bytes.Repeat([]byte{0x55}, 16), func(o uint64) []entry {
			return with(good(o), short(tiff.Compression, tiff.CompressionDeflate))
		}), format: true, tag: tiff.StripOffsets},
		{name: "PackBits that ends early", build: strip([]byte{0, 1, 0, 2}, func(o uint64) []entry {
			return with(good(o), short(tiff.Compression, tiff.CompressionPackBits), long(tiff.StripByteCounts, 4))
		}), format: true, tag: tiff.StripOffsets},
		{name: "LZW of an undefined code", build: strip([]byte{0x80, 0x7f, 0xff, 0xff}, func(o uint64) []entry {
			return with(good(o), short(tiff.Compression, tiff.CompressionLZW), long(tiff.StripByteCounts, 4))
		}), format: true, tag: tiff.StripOffsets},
		{name: "LZW of before 1990", build: strip([]byte{0, 1, 0, 2}, func(o uint64) []entry {
			return with(good(o), short(tiff.Compression, tiff.CompressionLZW), long(tiff.StripByteCounts, 4))
		}), unsupported: true, tag: tiff.Compression},
		{name: "private tag with a wild offset is left alone", build: strip(pixels, func(o uint64) []entry {
			return append(good(o), entry{id: 50000, typ: tiff.Double, count: math.MaxUint32, value: math.MaxUint32}, entry{id: 50001, typ: 77, count: 1})
		})},
	}
}

func TestHostileFiles(t *testing.T) {
	t.Parallel()
	for _, c := range hostileCases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := readAll(t.Context(), c.build(t, newBuilder(binary.LittleEndian, c.big)), c.opts)
			checkHostile(t, c, err)
		})
	}
}

func checkHostile(t *testing.T, c hostileCase, err error) {
	t.Helper()
	var format *tiff.FormatError
	var unsupported *tiff.UnsupportedError
	page, tag := 0, uint16(0)
	switch {
	case !c.format && !c.unsupported:
		if err != nil {
			t.Fatalf("refused: %v", err)
		}
		return
	case errors.As(err, &format) && c.format:
		page, tag = format.Page, format.Tag
	case errors.As(err, &unsupported) && c.unsupported && errors.Is(err, errors.ErrUnsupported):
		page, tag = unsupported.Page, unsupported.Tag
	default:
		t.Fatalf("error %v (%T)", err, err)
	}
	if page != c.page || tag != c.tag {
		t.Errorf("error names page %d, tag %d, want %d, %d: %v", page, tag, c.page, c.tag, err)
	}
	if c.is != nil && !errors.Is(err, c.is) {
		t.Errorf("error %v is not %v", err, c.is)
	}
	if c.tag != 0 && !strings.Contains(err.Error(), tiff.TagName(c.tag)) {
		t.Errorf("error %q does not name its tag", err)
	}
}

// allocated returns how many bytes f allocates. Tests that use it do not run in
// parallel.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestHostileFilesAllocateLittle(t *testing.T) {
	for _, c := range hostileCases() {
		data := c.build(t, newBuilder(binary.LittleEndian, c.big))
		used := allocated(func() {
			if _, err := readAll(t.Context(), data, c.opts); err == nil && (c.format || c.unsupported) {
				t.Errorf("%s: accepted", c.name)
			}
		})
		if used > 256<<10 {
			t.Errorf("%s: %d bytes allocated", c.name, used)
		}
	}
}

func TestDeflateBombDecodesOnlyItsPixels(t *testing.T) {
	bomb := deflated(t, make([]byte, 64<<20))
	b := newBuilder(binary.LittleEndian, false)
	b.page(with(grayscale(4, 4, b.blob(bomb), uint64(len(bomb))), short(tiff.Compression, tiff.CompressionDeflate))...)
	used := allocated(func() {
		_, err := readAll(t.Context(), b.buf, tiff.Options{})
		var format *tiff.FormatError
		if !errors.As(err, &format) || format.Tag != tiff.StripOffsets {
			t.Errorf("error %v", err)
		}
	})
	if used > 512<<10 {
		t.Errorf("%d bytes allocated for 16 pixels", used)
	}
}

func TestLongStripOfASmallPageIsNotReadWhole(t *testing.T) {
	b := newBuilder(binary.LittleEndian, false)
	data := append(deflated(t, make([]byte, 16)), make([]byte, 32<<20)...)
	b.page(with(grayscale(4, 4, b.blob(data), uint64(len(data))), short(tiff.Compression, tiff.CompressionDeflate))...)
	used := allocated(func() {
		if _, err := readAll(t.Context(), b.buf, tiff.Options{}); err != nil {
			t.Error(err)
		}
	})
	if used > 512<<10 {
		t.Errorf("%d bytes allocated for 16 pixels", used)
	}
}

func TestOverlappingStripsCostNothing(t *testing.T) {
	const rows = 1000
	b := newBuilder(binary.LittleEndian, false)
	row := b.blob([]byte{1, 2, 3, 4})
	offsets, counts := make([]uint64, rows), make([]uint64, rows)
	for i := range rows {
		offsets[i], counts[i] = row, 4
	}
	b.page(with(grayscale(4, rows, 0, 0), b.longs(tiff.StripOffsets, offsets...), long(tiff.RowsPerStrip, 1), b.longs(tiff.StripByteCounts, counts...))...)
	var got []byte
	used := allocated(func() {
		var err error
		if got, err = readAll(t.Context(), b.buf, tiff.Options{}); err != nil {
			t.Error(err)
		}
	})
	if !bytes.Equal(got, bytes.Repeat([]byte{1, 2, 3, 4}, rows)) {
		t.Error("overlapping strips decode to other pixels")
	}
	if used > 256<<10 {
		t.Errorf("%d bytes allocated", used)
	}
}

// TestOverlappingDirectoriesAreBounded builds directories that overlap, so that
// a small file announces many times its own size of tags.
func TestOverlappingDirectoriesAreBounded(t *testing.T) {
	b := newBuilder(binary.LittleEndian, false)
	value := b.blob(make([]byte, 1<<20))
	for range 100 {
		b.page(with(grayscale(4, 4, 8, 16), entry{id: tiff.ImageDescription, typ: tiff.ASCII, count: 1 << 20, value: value})...)
	}
	used := allocated(func() {
		_, err := open(b.buf, tiff.Options{Keep: []uint16{tiff.ImageDescription}})
		if !errors.Is(err, tiff.ErrLimit) {
			t.Errorf("error %v", err)
		}
	})
	if used > 8<<20 {
		t.Errorf("%d bytes allocated for a file of %d", used, len(b.buf))
	}
}

// TestManyPagesAreBounded builds the smallest pages there are: what is kept for
// each is many times the bytes that it takes in the file.
func TestManyPagesAreBounded(t *testing.T) {
	b := newBuilder(binary.LittleEndian, false)
	for range 20_000 {
		b.page(long(tiff.ImageWidth, 1), long(tiff.ImageLength, 1), long(tiff.StripOffsets, 8))
	}
	used := allocated(func() {
		if _, err := open(b.buf, tiff.Options{MaxIndexBytes: 1 << 20}); !errors.Is(err, tiff.ErrLimit) {
			t.Errorf("error %v", err)
		}
	})
	if used > 6<<20 {
		t.Errorf("%d bytes allocated of an index of 1 MiB", used)
	}
}

// scatteredReader counts the bytes that are asked of it.
type scatteredReader struct {
	*bytes.Reader
	read int64
}

func (r *scatteredReader) ReadAt(b []byte, offset int64) (int, error) {
	r.read += int64(len(b))
	return r.Reader.ReadAt(b, offset)
}

// TestScatteredValuesAreNotReadAheadForEver builds directories whose values lie
// far apart, so that reading ahead serves no second value.
func TestScatteredValuesAreNotReadAheadForEver(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name         string
		pages, times int
	}{{"one tag many times", 1, 4000}, {"many pages", 4000, 1}} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBuilder(binary.LittleEndian, false)
			near := b.blob(make([]byte, 64))
			far := b.blob(make([]byte, 64<<10)) + 32<<10
			for range c.pages {
				entries := grayscale(4, 4, near, 16)
				for i := range c.times {
					entries = append(entries, entry{id: tiff.ImageDescription, typ: tiff.ASCII, count: 5, value: near + uint64(i%2)*(far-near)},
						entry{id: tiff.XPosition, typ: tiff.Double, count: 1, value: far})
				}
				b.page(entries...)
			}
			r := &scatteredReader{Reader: bytes.NewReader(b.buf)}
			f, err := tiff.Open(r, r.Size(), tiff.Options{Keep: []uint16{tiff.ImageDescription, tiff.XPosition}})
			if err != nil || len(f.Pages) != c.pages {
				t.Fatal(err)
			}
			if limit := 6*r.Size() + 16<<20; r.read > limit {
				t.Errorf("%d bytes read of a file of %d", r.read, r.Size())
			}
		})
	}
}

func TestEveryTruncationIsNoticed(t *testing.T) {
	t.Parallel()
	b := newBuilder(binary.LittleEndian, false)
	// The strips follow the directories, so that every cut takes something.
	b.page(grayscale(4, 4, 400, 16)...)
	b.page(grayscale(4, 4, 416, 16)...)
	whole := append(b.buf, make([]byte, 432-len(b.buf))...)
	if _, err := open(whole, tiff.Options{}); err != nil {
		t.Fatal(err)
	}
	for n := range len(whole) {
		if _, err := open(whole[:n], tiff.Options{}); err == nil {
			t.Errorf("cut to %d of %d bytes: accepted", n, len(whole))
		}
	}
}
