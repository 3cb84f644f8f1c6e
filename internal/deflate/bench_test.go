package deflate_test

import (
	"bytes"
	"compress/zlib"
	"io"
	"testing"

	fast "github.com/klauspost/compress/zlib"

	"github.com/openmibi/openmibi/internal/deflate"
)

// BenchmarkZlib compares speed and size: %size is per cent of what the
// standard library's level 6 makes.
func BenchmarkZlib(b *testing.B) {
	const pixels = 1 << 20
	for _, c := range []struct {
		name string
		elem int
		data []byte
	}{
		{"sparse", 2, plane(1, pixels, 2, 0.04)}, {"uint16", 2, plane(1, pixels, 2, 0.2)}, {"dense", 2, plane(1, pixels, 2, 5)},
		{"float32", 4, plane(1, pixels, 4, 0.2)}, {"mask", 1, mask(1, 1024, 2000)},
		{"constant", 2, bytes.Repeat([]byte{7, 0}, pixels)}, {"random", 1, random(1, pixels, 256)},
	} {
		standard := zlibbed(b, zlib.NewWriterLevel, c.data, 6)
		report := func(b *testing.B, size int) {
			b.SetBytes(int64(len(c.data)))
			b.ReportMetric(100*float64(size)/float64(standard), "%size")
		}
		b.Run(c.name+"/this", func(b *testing.B) {
			var e deflate.Encoder
			var out []byte
			for b.Loop() {
				out = e.Zlib(out[:0], c.data, c.elem)
			}
			report(b, len(out))
		})
		b.Run(c.name+"/klauspost", func(b *testing.B) { peer(b, fast.NewWriterLevel, c.data, report) })
		b.Run(c.name+"/standard", func(b *testing.B) { peer(b, zlib.NewWriterLevel, c.data, report) })
	}
}

func peer[W interface {
	io.WriteCloser
	Reset(io.Writer)
}](b *testing.B, make func(io.Writer, int) (W, error), data []byte, report func(*testing.B, int)) {
	w, err := make(io.Discard, 6)
	if err != nil {
		b.Fatal(err)
	}
	var out bytes.Buffer
	for b.Loop() {
		out.Reset()
		w.Reset(&out)
		if _, err := w.Write(data); err != nil {
			b.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
	report(b, out.Len())
}
