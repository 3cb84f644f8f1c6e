package inflate_test

import (
	"bytes"
	"compress/zlib"
	"io"
	"testing"

	fast "github.com/klauspost/compress/zlib"

	"github.com/openmibi/openmibi/internal/inflate"
)

func BenchmarkZlib(b *testing.B) {
	const pixels = 1 << 20
	for _, c := range []struct {
		name string
		data []byte
	}{
		{"uint16", plane(1, pixels, 2, 0.1)}, {"float32", plane(1, pixels, 4, 0.1)}, {"dense", plane(1, pixels, 2, 0.36)},
	} {
		src, dst := zlibbed(b, c.data, 6), make([]byte, len(c.data))
		var d inflate.Decoder
		b.Run(c.name+"/this", func(b *testing.B) {
			b.SetBytes(int64(len(dst)))
			for b.Loop() {
				if _, err := d.Zlib(b.Context(), dst, src); err != nil {
					b.Fatal(err)
				}
			}
		})
		for _, peer := range []struct {
			name string
			open func(io.Reader) (io.ReadCloser, error)
		}{{"klauspost", fast.NewReader}, {"standard", zlib.NewReader}} {
			b.Run(c.name+"/"+peer.name, func(b *testing.B) {
				r, err := peer.open(bytes.NewReader(src))
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(dst)))
				for b.Loop() {
					if err := r.(zlib.Resetter).Reset(bytes.NewReader(src), nil); err != nil {
						b.Fatal(err)
					}
					if _, err := io.ReadFull(r, dst); err != nil {
						b.Fatal(err)
					}
					if n, err := r.Read(make([]byte, 1)); n != 0 || err != io.EOF {
						b.Fatal(n, err)
					}
				}
			})
		}
	}
}
