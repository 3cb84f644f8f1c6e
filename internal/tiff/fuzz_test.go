package tiff_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
)

// FuzzRead opens any bytes and decodes every page: it must neither panic nor
// take more memory than the options allow.
func FuzzRead(f *testing.F) {
	for _, c := range hostileCases() {
		f.Add(c.build(nil, newBuilder(binary.LittleEndian, c.big)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		file, err := open(data, tiff.Options{MaxPageBytes: 1 << 20, MaxPages: 100, Keep: []uint16{tiff.ImageDescription, tiff.XPosition}})
		if err != nil {
			return
		}
		for i := range file.Pages {
			page := &file.Pages[i]
			for _, tag := range page.Tags {
				tag.Text()
				tag.Float(0)
				loaded, err := file.Load(i, tag.ID, 1<<16)
				if err == nil {
					loaded.Float(0)
					loaded.Text()
				}
			}
			if page.Unsupported() != nil {
				continue
			}
			first, second := make([]byte, page.Bytes()), make([]byte, page.Bytes())
			errFirst := file.ReadPage(t.Context(), i, first)
			errSecond := file.ReadPage(t.Context(), i, second)
			if (errFirst == nil) != (errSecond == nil) {
				t.Fatalf("page %d: %v, then %v", i, errFirst, errSecond)
			}
			if errFirst == nil && !bytes.Equal(first, second) {
				t.Fatalf("page %d decodes to different pixels", i)
			}
		}
	})
}

// FuzzCodecs gives any bytes to each decoder, as the strip of a page of 64×64.
func FuzzCodecs(f *testing.F) {
	f.Add(uint16(tiff.CompressionLZW), encodeLZW(sparse(4096, 1)))
	f.Add(uint16(tiff.CompressionPackBits), encodePackBits(sparse(4096, 1)))
	f.Add(uint16(tiff.CompressionDeflate), deflated(f, sparse(4096, 1)))
	f.Fuzz(func(t *testing.T, compression uint16, strip []byte) {
		if len(strip) > 1<<14 {
			return
		}
		b := newBuilder(binary.LittleEndian, false)
		b.page(with(grayscale(64, 64, b.blob(strip), uint64(len(strip))), short(tiff.Compression, uint64(compression)))...)
		out, err := readAll(t.Context(), b.buf, tiff.Options{})
		if err == nil && len(out) != 64*64 {
			t.Fatalf("%d bytes decoded", len(out))
		}
	})
}

// FuzzLZWRoundTrip compares the decoder with the plain encoder.
func FuzzLZWRoundTrip(f *testing.F) {
	f.Add([]byte("-----A---B"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) == 0 || len(data) > 1<<14 {
			return
		}
		packed := encodeLZW(data)
		b := newBuilder(binary.LittleEndian, false)
		b.page(with(grayscale(uint64(len(data)), 1, b.blob(packed), uint64(len(packed))), short(tiff.Compression, tiff.CompressionLZW))...)
		out, err := readAll(t.Context(), b.buf, tiff.Options{})
		if err != nil || !bytes.Equal(out, data) {
			t.Fatalf("% x came back as % x, %v", data, out, err)
		}
	})
}
