package mibitiff_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// TestGoldenFilesToTheByte writes the images of make_python_files.py with the
// strips that the Python tools compressed: every other byte is the writer's.
func TestGoldenFilesToTheByte(t *testing.T) {
	t.Parallel()
	samples := func(rows, cols int) (planes []mibitiff.Plane) {
		for i := range pythonChannels() {
			planes = append(planes, pythonSamples[uint16](t, rows, cols, i))
		}
		return planes
	}
	metadata := func(x, y string, size mibi.Value) mibi.Metadata {
		meta := pythonMetadata()
		meta.Coordinates, meta.Size = value(t, "["+x+", "+y+"]"), size
		meta.Dwell, meta.MassOffset, meta.TimeResolution = mibi.Int(4), mibi.Float(0.1), mibi.Float(0.5)
		return meta
	}
	ranges := map[mibi.Channel]mibitiff.Range{}
	for i, c := range pythonChannels() {
		ranges[c] = mibitiff.Range{Min: float64(i), Max: 1000 * float64(i)}
	}
	optical := mibitiff.RGB{Width: 400, Height: 600}
	for y := range optical.Height {
		for x := range optical.Width {
			optical.Pix = append(optical.Pix, uint8(y/9), uint8(x/9), uint8(y/9+x/9))
		}
	}
	tagged := metadata("-241.0", "-14967.999999999998", mibi.Float(400))
	tagged.User = []mibi.UserValue{{Key: "tag", Value: mibi.Text("user")}, {Key: "nested", Value: value(t, `[1,{"k":null,"f":0.0000001}]`)}}
	reals := metadata("1234.56789", "0.1", mibi.Float(333.3))
	reals.Dwell, reals.MassOffset, reals.TimeResolution = mibi.Float(0.25), mibi.Float(1e-05), mibi.Int(500)
	for _, c := range []struct {
		file   string
		meta   mibi.Metadata
		planes []mibitiff.Plane
		opts   []mibitiff.WriterOption
	}{
		{"python-uint16.tiff", tagged, samples(16, 16), []mibitiff.WriterOption{mibitiff.WithSED(pythonSamples[uint8](t, 8, 8, 0))}},
		{"python-float32.tiff", reals, samples(16, 24), []mibitiff.WriterOption{mibitiff.WithDType(mibitiff.Float32)}},
		{"python-optical.tiff", metadata("-0.5", "1e-05", mibi.Float(1e6/3)), samples(6, 6), []mibitiff.WriterOption{mibitiff.WithRanges(ranges),
			mibitiff.WithSED(converted(t, pythonSamples[uint8](t, 5, 3, 0), mibitiff.Int16)), mibitiff.WithOptical(optical)}},
		{"python-big.tiff", metadata("1", "-2", mibi.Int(400)), samples(6, 6), []mibitiff.WriterOption{mibitiff.WithBigTIFF(true),
			mibitiff.WithDType(mibitiff.Float32), mibitiff.WithSED(converted(t, pythonSamples[uint8](t, 5, 3, 0), mibitiff.Float64))}},
	} {
		want, err := os.ReadFile("testdata/" + c.file)
		if err != nil {
			t.Fatal(err)
		}
		var got, own bytes.Buffer
		if err := mibitiff.Write(&got, c.meta, pythonChannels(), c.planes, append(c.opts, mibitiff.WithStrips(stripsOf(t, want)))...); err != nil {
			t.Errorf("%s: %v", c.file, err)
			continue
		}
		compareFiles(t, c.file, want, got.Bytes())
		if err := mibitiff.Write(&own, c.meta, pythonChannels(), c.planes, c.opts...); err != nil {
			t.Fatal(err)
		}
		comparePixels(t, want, own.Bytes())
	}
}
