package tiff_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
)

// Early writers of tiles kept them under the tags of strips, as libtiff still
// reads them.
func TestTilesUnderTheTagsOfStrips(t *testing.T) {
	t.Parallel()
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		first, second := sparse(256, 1), bytes.Repeat([]byte{7}, 256)
		b := newBuilder(order, false)
		offsets := b.longs(tiff.StripOffsets, b.blob(first), b.blob(second))
		counts := b.longs(tiff.StripByteCounts, 256, 256)
		b.page(long(tiff.ImageWidth, 32), long(tiff.ImageLength, 16), short(tiff.BitsPerSample, 8),
			short(tiff.Compression, 1), offsets, counts, long(tiff.TileWidth, 16), long(tiff.TileLength, 16))
		var want []byte
		for y := range 16 {
			want = append(append(want, first[16*y:16*y+16]...), second[16*y:16*y+16]...)
		}
		got, err := readAll(t.Context(), b.buf, tiff.Options{})
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%v: got % x, %v", order, got, err)
		}
	}
}

// A page of YCbCr has fewer samples of colour than pixels: it is valid, and
// the pages beside it are read.
func TestSubsampledColoursLeaveTheOtherPages(t *testing.T) {
	t.Parallel()
	const yCbCr = 6
	want := sparse(16, 1)
	b := newBuilder(binary.LittleEndian, false)
	b.page(with(grayscale(4, 4, b.blob(make([]byte, 24)), 24), short(tiff.SamplesPerPixel, 3), short(tiff.PhotometricInterpretation, yCbCr))...)
	b.page(grayscale(4, 4, b.blob(want), 16)...)
	f, err := open(b.buf, tiff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var refused *tiff.UnsupportedError
	if err := f.Pages[0].Unsupported(); !errors.As(err, &refused) || refused.Tag != tiff.PhotometricInterpretation {
		t.Errorf("colours: %v", err)
	}
	got := make([]byte, 16)
	if err := f.ReadPage(t.Context(), 1, got); err != nil || !bytes.Equal(got, want) {
		t.Errorf("got % x, %v", got, err)
	}
}
