package mibitiff_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// TestErrorsAreSafeToPrint reads files whose texts are long and carry terminal
// escapes: an error shows them shortened and escaped.
func TestErrorsAreSafeToPrint(t *testing.T) {
	t.Parallel()
	const escape = "\x1b[2J"
	long := escape + strings.Repeat("x", 100_000)
	channel := func(mass, target string) string {
		return `{"image.type": "SIMS", "channel.mass": ` + mass + `, "channel.target": "` + target + `"}`
	}
	for name, pages := range map[string][]foreignPage{
		"software": {{description: channel("1", "a"), fields: []tiff.Field{tiff.TextField(tiff.Software, long)}}},
		"mass":     {{description: channel(strings.Repeat("9", 100_000), "a")}},
		"target":   {{description: channel("1", long)}, {description: channel("2", long)}},
		"page name": {{description: channel("1", "a"), strip: []byte{1},
			fields: []tiff.Field{tiff.TextField(tiff.PageName, long), tiff.ShortField(tiff.Compression, tiff.CompressionPackBits)}}},
		"channels": {{description: channel("1", long)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data := foreignFile(t, pages...)
			f, err := mibitiff.Open(bytes.NewReader(data), int64(len(data)))
			if err == nil && name == "page name" {
				_, err = f.ReadPlane(t.Context(), 0)
			}
			if err == nil && name == "channels" {
				_, err = f.Channel("none")
			}
			if err == nil {
				t.Fatal("accepted")
			}
			if text := err.Error(); len(text) > 600 || strings.Contains(text, escape) {
				t.Errorf("an error of %d bytes: %.700q", len(text), text)
			}
		})
	}
}

func TestHugeDescriptionIsRefused(t *testing.T) {
	text := sims[:len(sims)-1] + `, "note": "` + strings.Repeat("\x01", 16<<20) + `"}`
	data := foreignFile(t, foreignPage{description: "{" + text})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := mibitiff.Open(bytes.NewReader(data), int64(len(data)))
	runtime.ReadMemStats(&after)
	var unsupported *mibitiff.UnsupportedError
	if !errors.As(err, &unsupported) || unsupported.Tag != tiff.ImageDescription {
		t.Errorf("error %v", err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 4*uint64(len(data)) {
		t.Errorf("%d bytes allocated for a description of %d", used, len(text))
	}
}

// TestTagsThatAreNoLengthsAreNotTaken gives positions and resolutions that are
// no numbers, or not in centimetres: what the description says stands.
func TestTagsThatAreNoLengthsAreNotTaken(t *testing.T) {
	t.Parallel()
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name   string
		fields []tiff.Field
	}{
		{"NaN", []tiff.Field{tiff.DoubleField(tiff.XPosition, nan), tiff.DoubleField(tiff.XResolution, nan)}},
		{"infinite", []tiff.Field{tiff.DoubleField(tiff.YPosition, inf), tiff.DoubleField(tiff.XResolution, inf)}},
		{"a resolution of almost nothing", []tiff.Field{tiff.DoubleField(tiff.XPosition, math.MaxFloat64), tiff.DoubleField(tiff.XResolution, 1e-320)}},
		{"inches", []tiff.Field{tiff.ShortField(tiff.ResolutionUnit, 2)}},
		{"whole numbers without a sign", []tiff.Field{tiff.LongField(tiff.XPosition, 0), tiff.RationalField(tiff.XResolution, 1, 0)}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := openBytes(t, foreignFile(t, foreignPage{description: `{"mibi.coordinates": [-7, 9], ` + sims, fields: c.fields}))
			meta := f.Metadata()
			if meta.Coordinates != parsedValue(t, "[-7, 9]") {
				t.Errorf("coordinates %s", meta.Coordinates.JSON())
			}
			if !meta.Size.IsZero() {
				t.Errorf("size %s", meta.Size.JSON())
			}
		})
	}
}

// brokenReader fails, or is short, as readers should not be.
type brokenReader struct {
	*bytes.Reader
	after int64 // offset from which nothing is read
	err   error
}

func (r brokenReader) ReadAt(b []byte, offset int64) (int, error) {
	n := max(0, min(int64(len(b)), r.after-offset))
	got, err := r.Reader.ReadAt(b[:n], offset)
	if got < len(b) {
		return got, r.err
	}
	return got, err
}

func TestBrokenReaders(t *testing.T) {
	t.Parallel()
	failure := errors.New("the line is dead")
	channels, planes := madeImage[uint16](t, 2, 64)
	data := writeImage(t, madeMetadata(), channels, planes)
	second := int64(binary.LittleEndian.Uint32(data[8+2+20*12:]))
	for _, c := range []struct {
		name  string
		after int64
		err   error
		want  error
	}{
		{"nothing and no error", 0, nil, mibitiff.ErrTruncated},
		{"less and no error", second + 40, nil, mibitiff.ErrTruncated},
		{"an error in the header", 0, failure, failure},
		{"an error in the second page", second + 40, failure, failure},
	} {
		_, err := mibitiff.Open(brokenReader{bytes.NewReader(data), c.after, c.err}, int64(len(data)), mibitiff.WithReadAhead(64))
		if !errors.Is(err, c.want) || strings.Contains(err.Error(), "-1") {
			t.Errorf("%s: error %v", c.name, err)
		}
	}
}

func parsedValue(t *testing.T, text string) mibi.Value {
	t.Helper()
	v, err := mibi.ParseValue(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
