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
			var pieces []byte
			errPieces := file.Pieces(t.Context(), i, func(at int64, piece []byte) error {
				if at != int64(len(pieces)) {
					t.Fatalf("page %d: a piece at %d after %d bytes", i, at, len(pieces))
				}
				pieces = append(pieces, piece...)
				return nil
			})
			if (errFirst == nil) != (errPieces == nil) || errFirst == nil && !bytes.Equal(first, pieces) {
				t.Fatalf("page %d: %v, by pieces: %v", i, errFirst, errPieces)
			}
		}
	})
}

// FuzzLZW gives any bytes to the decoder, as the strip of a page of up to 64
// KiB, and compares with the standard library's.
func FuzzLZW(f *testing.F) { fuzzCodec(f, tiff.CompressionLZW, encodeLZW(sparse(4096, 1))) }

// FuzzPackBits compares as FuzzLZW does, with a plain decoder.
func FuzzPackBits(f *testing.F) {
	fuzzCodec(f, tiff.CompressionPackBits, encodePackBits(sparse(4096, 1)))
}

// FuzzDeflate compares as FuzzLZW does. The decoder has targets of its own.
func FuzzDeflate(f *testing.F) {
	fuzzCodec(f, tiff.CompressionDeflate, deflated(f, sparse(4096, 1)))
}

func fuzzCodec(f *testing.F, compression uint16, seed []byte) {
	f.Add(uint16(4096), seed)
	f.Add(uint16(4095), seed)
	f.Add(uint16(4097), seed)
	f.Add(uint16(100), []byte("-----A---B"))
	f.Fuzz(func(t *testing.T, n uint16, strip []byte) {
		if n == 0 || len(strip) == 0 || len(strip) > 1<<14 {
			return
		}
		compareCodec(t, compression, strip, int(n))
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
