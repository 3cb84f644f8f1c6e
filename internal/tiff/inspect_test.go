package tiff_test

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
)

func TestInspect(t *testing.T) {
	t.Parallel()
	for _, big := range []bool{false, true} {
		b := newBuilder(binary.LittleEndian, big)
		text := bytes.Repeat([]byte("x"), 40)
		strip := append(deflated(t, bytes.Repeat([]byte{7}, 12)), "spare"...)
		at := b.blob(strip)
		page := b.page(append(with(grayscale(4, 3, at, uint64(len(strip))), short(tiff.Compression, tiff.CompressionDeflate)),
			entry{id: 65000, typ: tiff.ASCII, count: 40, data: text})...)
		f, err := open(b.buf, tiff.Options{})
		if err != nil {
			t.Fatal(err)
		}
		p := &f.Pages[0]
		entrySize, ends := uint64(12), uint64(6)
		if big {
			entrySize, ends = 20, 16
		}
		if offset, length := f.Directory(p); offset != page || length != 8*entrySize+ends {
			t.Errorf("a directory of %d bytes at %d", length, offset)
		}
		for _, tag := range p.Tags {
			offset, length, ok := f.Outside(tag)
			if want := tag.ID == 65000; ok != want || ok && (length != 40 || !bytes.Equal(b.buf[offset:][:length], text)) {
				t.Errorf("tag %d: %d bytes at %d, %v", tag.ID, length, offset, ok)
			}
		}
		if width, _ := p.Tag(tiff.ImageWidth); width.Bytes()[0] != 4 {
			t.Errorf("width % x", width.Bytes())
		}
		for offset, count := range p.Chunks() {
			if offset != at || count != uint64(len(strip)) {
				t.Errorf("a strip of %d bytes at %d", count, offset)
			}
		}
		var samples []byte
		spare, err := f.Inspect(t.Context(), 0, func(_ int64, piece []byte) error {
			samples = append(samples, piece...)
			return nil
		})
		if err != nil || spare != 5 || !slices.Equal(samples, bytes.Repeat([]byte{7}, 12)) {
			t.Errorf("%d bytes to spare, % x, %v", spare, samples, err)
		}
		if f.Size() != uint64(len(b.buf)) || p.Tiled() || p.Predictor() != 1 {
			t.Errorf("%d bytes, tiled %v, predictor %d", f.Size(), p.Tiled(), p.Predictor())
		}
	}
}
