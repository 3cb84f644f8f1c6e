package mibitiff_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// madeMetadata is enough to write an image.
func madeMetadata() mibi.Metadata {
	meta := pythonMetadata()
	meta.Coordinates, meta.Size = mibi.Pair(-241, -14967.999999999998), mibi.Float(400)
	meta.Dwell, meta.MassOffset, meta.TimeResolution = mibi.Int(4), mibi.Int(0), mibi.Float(0.5)
	return meta
}

// madeImage makes channels of sparse counts, as detectors see them.
func madeImage[T uint16 | float32](t testing.TB, channels, edge int) ([]mibi.Channel, []mibitiff.Plane) {
	t.Helper()
	random := rand.New(rand.NewPCG(7, 9))
	var names []mibi.Channel
	var planes []mibitiff.Plane
	for c := range channels {
		samples := make([]T, edge*edge)
		for i := range samples {
			if random.IntN(14) == 0 {
				samples[i] = T(1 + random.IntN(6))
			}
		}
		plane, err := mibitiff.NewPlane(edge, edge, samples)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, mibi.Channel{Mass: 100 + c, Target: "Target" + string(rune('A'+c%26)) + string(rune('a'+c/26))})
		planes = append(planes, plane)
	}
	return names, planes
}

func writeImage(t testing.TB, meta mibi.Metadata, channels []mibi.Channel, planes []mibitiff.Plane, opts ...mibitiff.WriterOption) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := mibitiff.Write(&out, meta, channels, planes, opts...); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func openBytes(t testing.TB, data []byte, opts ...mibitiff.Option) *mibitiff.File {
	t.Helper()
	f, err := mibitiff.Open(bytes.NewReader(data), int64(len(data)), opts...)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// countingReader counts the reads and bytes that reach a file.
type countingReader struct {
	r            io.ReaderAt
	reads, bytes atomic.Int64
}

func (c *countingReader) ReadAt(b []byte, offset int64) (int, error) {
	c.reads.Add(1)
	c.bytes.Add(int64(len(b)))
	return c.r.ReadAt(b, offset)
}
