package tiff_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
)

// stripFile is a file of one page of uint8 samples in one strip.
func stripFile(width, height int, compression uint64, strip []byte) []byte {
	b := newBuilder(binary.LittleEndian, false)
	b.page(with(grayscale(uint64(width), uint64(height), b.blob(strip), uint64(len(strip))), short(tiff.Compression, compression))...)
	return b.buf
}

// Streams that hold thousands of times their page are decoded as far as the
// page goes.
func TestBombsOfLZWAndPackBits(t *testing.T) {
	// Every code of LZW is the one before and a byte: the longer the stream,
	// the more it holds.
	lzw := encodeLZW(make([]byte, 256<<10))
	packBits := bytes.Repeat([]byte{0x81, 7}, 1<<20)
	nothing := bytes.Repeat([]byte{0x80}, 8<<20) // PackBits' code for nothing
	for _, c := range []struct {
		name        string
		compression uint64
		strip       []byte
		format      bool
	}{
		{"LZW", tiff.CompressionLZW, lzw, false},
		{"PackBits", tiff.CompressionPackBits, packBits, false},
		{"PackBits of nothing", tiff.CompressionPackBits, nothing, true},
		{"LZW of clear codes", tiff.CompressionLZW, bytes.Repeat([]byte{0x80, 0x40, 0x20, 0x10, 0x08, 0x04, 0x02, 0x01, 0x00}, 1<<20), true},
	} {
		file := stripFile(4, 4, c.compression, c.strip)
		used := allocated(func() {
			_, err := readAll(t.Context(), file, tiff.Options{})
			var format *tiff.FormatError
			if c.format != errors.As(err, &format) || !c.format && err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		})
		if used > 512<<10 {
			t.Errorf("%s: %d bytes allocated for 16 pixels", c.name, used)
		}
	}
}

// A page that is announced larger than its strip can be is refused before there
// is memory for it, in each compression.
func TestLiesAboutSizesAllocateNothing(t *testing.T) {
	for _, compression := range []uint64{tiff.CompressionNone, tiff.CompressionLZW, tiff.CompressionPackBits, tiff.CompressionDeflate, tiff.CompressionOldDeflate} {
		file := stripFile(30_000, 30_000, compression, make([]byte, 1000))
		used := allocated(func() {
			_, err := readAll(t.Context(), file, tiff.Options{})
			var format *tiff.FormatError
			if !errors.As(err, &format) {
				t.Errorf("compression %d: %v", compression, err)
			}
		})
		if used > 256<<10 {
			t.Errorf("compression %d: %d bytes allocated", compression, used)
		}
	}
}

// Deflate can go on for ever without a byte: decoding stops when it is asked to.
func TestEndlessStreamsEndWithTheContext(t *testing.T) {
	t.Parallel()
	head := []byte{0x78, 0x9c}
	empty := []byte{0, 0, 0, 0xff, 0xff} // a stored block of nothing
	file := stripFile(1000, 2000, tiff.CompressionDeflate, append(head, bytes.Repeat(empty, 200_000)...))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := readAll(ctx, file, tiff.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	var format *tiff.FormatError
	if _, err := readAll(t.Context(), file, tiff.Options{}); !errors.As(err, &format) {
		t.Errorf("to its end: %v", err)
	}
}

// A million pages: as many as the options allow are read, and then no more.
func TestAMillionPages(t *testing.T) {
	for _, big := range []bool{false, true} {
		b := newBuilder(binary.LittleEndian, big)
		head := len(b.buf)
		b.page(long(tiff.ImageWidth, 1), long(tiff.ImageLength, 1), long(tiff.StripOffsets, 8))
		page := len(b.buf) - head
		file := bytes.Clone(b.buf[:head])
		file = append(file, bytes.Repeat(b.buf[head:], 1_000_000)...)
		for i := range 1_000_000 {
			end := head + (i+1)*page
			if big {
				binary.LittleEndian.PutUint64(file[end-8:], uint64(end))
			} else {
				binary.LittleEndian.PutUint32(file[end-4:], uint32(end))
			}
		}
		used := allocated(func() {
			if _, err := open(file, tiff.Options{}); !errors.Is(err, tiff.ErrLimit) {
				t.Errorf("BigTIFF %t: %v", big, err)
			}
		})
		// 64 MiB of index and what growing slices leave behind.
		if used > 256<<20 {
			t.Errorf("BigTIFF %t: %d bytes allocated", big, used)
		}
	}
}

// Offsets, counts and sizes whose sum or product has more than 32 or 64 bits.
func TestSizesThatOverflow(t *testing.T) {
	t.Parallel()
	long8 := func(id uint16, v uint64) entry { return entry{id: id, typ: tiff.Long8, count: 1, value: v} }
	for name, change := range map[string][]entry{
		"offset and count of 64 bits": {long8(tiff.StripOffsets, math.MaxUint64-7), long8(tiff.StripByteCounts, 16)},
		"count of 64 bits":            {long8(tiff.StripByteCounts, math.MaxUint64)},
		"rows of 64 bits":             {long8(tiff.ImageLength, math.MaxUint64)},
		"width of 64 bits":            {long8(tiff.ImageWidth, math.MaxUint64)},
		"pixels of 2⁶⁴":               {long8(tiff.ImageWidth, 1<<32), long8(tiff.ImageLength, 1<<32)},
		"pixels of 2³²":               {long8(tiff.ImageWidth, 1<<16), long8(tiff.ImageLength, 1<<16)},
		"samples that overflow":       {long8(tiff.SamplesPerPixel, math.MaxUint64/2)},
		"rows a strip of 64 bits":     {long8(tiff.RowsPerStrip, math.MaxUint64), long8(tiff.ImageLength, 1<<31-1)},
		"tiles of 64 bits":            {long8(tiff.TileWidth, 1<<63), long8(tiff.TileLength, 2), long8(tiff.TileOffsets, 16), long8(tiff.TileByteCounts, 16)},
		"tiles whose bytes overflow":  {long8(tiff.TileWidth, 1<<31), long8(tiff.TileLength, 1<<31), long8(tiff.TileOffsets, 16), long8(tiff.TileByteCounts, 16)},
		"planes apart that overflow":  {short(tiff.PlanarConfiguration, 2), long8(tiff.SamplesPerPixel, 1<<62), long8(tiff.RowsPerStrip, 1)},
		"bits of a sample of 64 bits": {long8(tiff.BitsPerSample, math.MaxUint64)},
	} {
		b := newBuilder(binary.LittleEndian, true)
		b.page(with(grayscale(4, 4, b.blob(make([]byte, 16)), 16), change...)...)
		_, err := readAll(t.Context(), b.buf, tiff.Options{})
		var format *tiff.FormatError
		if !errors.As(err, &format) && !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Strips may share bytes, also in part; each decodes as if it were alone.
func TestStripsThatOverlapInPart(t *testing.T) {
	t.Parallel()
	b := newBuilder(binary.LittleEndian, false)
	at := b.blob([]byte{1, 2, 3, 4, 5, 6})
	b.page(with(grayscale(4, 3, 0, 0), b.longs(tiff.StripOffsets, at+2, at, at+1), long(tiff.RowsPerStrip, 1), b.longs(tiff.StripByteCounts, 4, 6, 4))...)
	got, err := readAll(t.Context(), b.buf, tiff.Options{})
	if want := []byte{3, 4, 5, 6, 1, 2, 3, 4, 2, 3, 4, 5}; err != nil || !bytes.Equal(got, want) {
		t.Errorf("% x, %v", got, err)
	}
}
