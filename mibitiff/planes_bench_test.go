package mibitiff_test

import (
	"bytes"
	"sync"
	"testing"

	"github.com/openmibi/openmibi/mibitiff"
)

// BenchmarkReadAll reads all pages of an image of 40 channels: into planes that
// are new each time, into planes that are used again, and piece by piece.
func BenchmarkReadAll(b *testing.B) {
	channels, planes := madeImage[uint16](b, 40, 1024)
	data := writeImage(b, madeMetadata(), channels, planes)
	f, err := mibitiff.Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		b.Fatal(err)
	}
	for name, read := range map[string]func(i int) error{
		"fresh": func(i int) error {
			_, err := f.ReadPlane(b.Context(), i)
			return err
		},
		"again":  func(i int) error { return f.ReadPlaneInto(b.Context(), i, planes[i]) },
		"pieces": func(i int) error { return f.Pieces(b.Context(), i, func(int64, []byte) error { return nil }) },
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(40 * 2 << 20)
			for b.Loop() {
				var workers sync.WaitGroup
				for w := range 2 {
					workers.Go(func() {
						for i := w; i < 40; i += 2 {
							if err := read(i); err != nil {
								b.Error(err)
							}
						}
					})
				}
				workers.Wait()
			}
		})
	}
}
