package tiff_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
)

// TestDeflateLengths reads pages whose only, or whose last, strip decodes to
// other than its pixels.
func TestDeflateLengths(t *testing.T) {
	t.Parallel()
	const width, height, rows = 40, 50, 32
	want := sparse(width*height, 1)
	last := want[width*rows:]
	padded := func(n int) []byte { return append(bytes.Clone(last), make([]byte, n)...) }
	const room = width * (2*rows - height)
	whole := deflated(t, last)
	cases := []struct {
		name  string
		strip []byte
		fails string // part of the message, none if it is read
	}{
		{"exact", whole, ""},
		{"bytes after the stream", append(bytes.Clone(whole), "and something else"...), ""},
		{"two streams", append(bytes.Clone(whole), whole...), ""},
		{"padded by a byte", deflated(t, padded(1)), ""},
		{"padded to a full strip", deflated(t, padded(room)), ""},
		{"padded beyond a full strip", deflated(t, padded(room+1)), "more bytes than its pixels need"},
		{"a bomb", deflated(t, padded(1<<20)), "more bytes than its pixels need"},
		{"a byte too few", deflated(t, last[:len(last)-1]), "ends before its pixels are complete"},
		{"nothing", deflated(t, nil), "ends before its pixels are complete"},
		{"without its checksum", whole[:len(whole)-4], "ends before its pixels are complete"},
		{"without its last byte", whole[:len(whole)-1], "ends before its pixels are complete"},
		{"padded, with a wrong checksum", wrongLast(deflated(t, padded(9))), "checksum"},
		{"a wrong checksum", wrongLast(whole), "checksum"},
		{"a wrong head", append([]byte{0x79}, whole[1:]...), "deflate"},
		{"a block of the reserved kind", []byte{0x78, 0x9c, 7, 0, 0, 0, 0, 1}, "deflate"},
	}
	for _, c := range cases {
		for _, compression := range []uint64{tiff.CompressionDeflate, tiff.CompressionOldDeflate} {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				first := deflated(t, want[:width*rows])
				b := newBuilder(binary.LittleEndian, false)
				b.page(long(tiff.ImageWidth, width), long(tiff.ImageLength, height), short(tiff.BitsPerSample, 8), short(tiff.Compression, compression),
					b.longs(tiff.StripOffsets, b.blob(first), b.blob(c.strip)), long(tiff.RowsPerStrip, rows),
					b.longs(tiff.StripByteCounts, uint64(len(first)), uint64(len(c.strip))))
				got, err := readAll(t.Context(), b.buf, tiff.Options{})
				if c.fails == "" {
					if err != nil || !bytes.Equal(got, want) {
						t.Fatalf("equal %v, %v", bytes.Equal(got, want), err)
					}
					return
				}
				var format *tiff.FormatError
				if !errors.As(err, &format) || format.Tag != tiff.StripOffsets || !strings.Contains(err.Error(), c.fails) {
					t.Fatalf("error %v", err)
				}
			})
		}
	}
}

// TestDeflateOfAFullStripIsNotPadded refuses more bytes than its pixels in a
// strip that has all its rows.
func TestDeflateOfAFullStripIsNotPadded(t *testing.T) {
	t.Parallel()
	strip := deflated(t, make([]byte, 17))
	b := newBuilder(binary.LittleEndian, false)
	b.page(with(grayscale(4, 4, b.blob(strip), uint64(len(strip))), short(tiff.Compression, tiff.CompressionDeflate))...)
	var format *tiff.FormatError
	if _, err := readAll(t.Context(), b.buf, tiff.Options{}); !errors.As(err, &format) || !strings.Contains(err.Error(), "more bytes than its pixels need") {
		t.Fatalf("error %v", err)
	}
}

func wrongLast(stream []byte) []byte {
	stream = bytes.Clone(stream)
	stream[len(stream)-1] ^= 1
	return stream
}
