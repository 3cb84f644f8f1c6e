package mibitiff_test

import (
	"io"
	"testing"

	"github.com/openmibi/openmibi/mibitiff"
)

// BenchmarkWriteOME writes an FOV of 1024 by 1024 pixels and 40 channels.
func BenchmarkWriteOME(b *testing.B) {
	channels, planes := madeImage[uint16](b, 40, 1024)
	b.SetBytes(int64(len(planes) * 2 << 20))
	for b.Loop() {
		if err := mibitiff.WriteOME(b.Context(), io.Discard, madeMetadata(), channels, mibitiff.Planes(planes)); err != nil {
			b.Fatal(err)
		}
	}
}
