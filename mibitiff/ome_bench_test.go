package mibitiff_test

import (
	"io"
	"testing"

	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/mibitiff"
)

// BenchmarkWriteOME writes an FOV of 1024 by 1024 pixels and 40 channels.
func BenchmarkWriteOME(b *testing.B) {
	image, err := synth.FOV(1, synth.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(image.Planes) * 2 << 20))
	for b.Loop() {
		if err := mibitiff.WriteOME(b.Context(), io.Discard, image.Metadata, image.Channels, mibitiff.Planes(image.Planes)); err != nil {
			b.Fatal(err)
		}
	}
}
