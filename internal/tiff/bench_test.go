package tiff_test

import (
	"encoding/binary"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
)

func BenchmarkReadPage(b *testing.B) {
	const edge = 1024
	strip := deflated(b, sparse(edge*edge, 1))
	file := newBuilder(binary.LittleEndian, false)
	file.page(with(grayscale(edge, edge, file.blob(strip), uint64(len(strip))), short(tiff.Compression, tiff.CompressionDeflate))...)
	f, err := open(file.buf, tiff.Options{})
	if err != nil {
		b.Fatal(err)
	}
	dst := make([]byte, f.Pages[0].Bytes())
	b.SetBytes(int64(len(dst)))
	b.ReportAllocs()
	for b.Loop() {
		if err := f.ReadPage(b.Context(), 0, dst); err != nil {
			b.Fatal(err)
		}
	}
}
