package mibitiff_test

import (
	"bytes"
	"compress/zlib"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// tissuePlanes makes counts as detectors see them: cells, each channel bright in
// some of them, on a faint background.
func tissuePlanes[T uint16 | float32](b *testing.B, channels, edge int) []mibitiff.Plane {
	b.Helper()
	random := rand.New(rand.NewPCG(11, 13))
	type cell struct{ x, y, r, kind float64 }
	var cells []cell
	for range edge * edge / 400 {
		cells = append(cells, cell{random.Float64() * float64(edge), random.Float64() * float64(edge), 4 + 6*random.Float64(), float64(random.IntN(channels))})
	}
	var planes []mibitiff.Plane
	for c := range channels {
		rate := make([]float64, edge*edge)
		for i := range rate {
			rate[i] = 0.02 * float64(1+c%4)
		}
		for _, l := range cells {
			bright := 0.3
			if int(l.kind) == c || int(l.kind+7)%channels == c {
				bright = 2.5
			}
			for y := max(0, int(l.y-l.r)); y < min(edge, int(l.y+l.r)); y++ {
				for x := max(0, int(l.x-l.r)); x < min(edge, int(l.x+l.r)); x++ {
					if math.Hypot(float64(x)-l.x, float64(y)-l.y) < l.r {
						rate[y*edge+x] = max(rate[y*edge+x], bright)
					}
				}
			}
		}
		samples := make([]T, edge*edge)
		for i, r := range rate {
			for p := random.Float64(); p > math.Exp(-r); p *= random.Float64() {
				samples[i]++
			}
		}
		plane, err := mibitiff.NewPlane(edge, edge, samples)
		if err != nil {
			b.Fatal(err)
		}
		planes = append(planes, plane)
	}
	return planes
}

// BenchmarkWrite writes forty channels, and tells the file's size beside that of
// zlib at the format's own level.
func BenchmarkWrite(b *testing.B) {
	b.Run("uint16", func(b *testing.B) { benchmarkWrite(b, tissuePlanes[uint16](b, 40, 1024)) })
	b.Run("float32", func(b *testing.B) { benchmarkWrite(b, tissuePlanes[float32](b, 40, 1024)) })
}

func benchmarkWrite(b *testing.B, planes []mibitiff.Plane) {
	var channels []mibi.Channel
	for i := range planes {
		channels = append(channels, mibi.Channel{Mass: 100 + i, Target: "Target" + string(rune('A'+i%26)) + string(rune('a'+i/26))})
	}
	var raw int64
	var reference counted
	z := zlib.NewWriter(&reference)
	for _, p := range planes[:4] {
		z.Reset(&reference)
		n, err := p.WriteTo(z)
		if err != nil {
			b.Fatal(err)
		}
		if err := z.Close(); err != nil {
			b.Fatal(err)
		}
		raw += n
	}
	var first bytes.Buffer
	if err := mibitiff.Write(&first, madeMetadata(), channels[:4], planes[:4]); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(raw / 4 * int64(len(planes)))
	b.ReportAllocs()
	var size counted
	for b.Loop() {
		size = 0
		if err := mibitiff.Write(&size, madeMetadata(), channels, planes); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(size), "file-bytes")
	b.ReportMetric(float64(first.Len())/float64(reference), "of-zlib-6")
}

// counted is the number of bytes that were written.
type counted int64

func (c *counted) Write(b []byte) (int, error) {
	*c += counted(len(b))
	return len(b), nil
}
