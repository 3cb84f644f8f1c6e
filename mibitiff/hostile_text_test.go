package mibitiff_test

import (
	"bytes"
	"errors"
	"math"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// describedFile has a page whose description begins with what is given.
func describedFile(t testing.TB, beginning string) []byte {
	t.Helper()
	return foreignFile(t, foreignPage{description: "{" + beginning + ", " + sims})
}

// Descriptions that are JSON, or nearly, and still no harm.
func TestHostileDescriptions(t *testing.T) {
	for _, c := range []struct {
		name, beginning string
		opens           bool
		is              error
	}{
		{name: "deep arrays", beginning: `"note": ` + strings.Repeat("[", 1_000_000) + strings.Repeat("]", 1_000_000)},
		{name: "deep objects that never end", beginning: `"note": ` + strings.Repeat(`{"a":`, 500_000)},
		{name: "bytes that are no UTF-8", beginning: "\"note\": \"\xff\xfe \xed\xa0\x80\"", opens: true},
		{name: "half a surrogate pair", beginning: `"note": "\ud800"`, opens: true},
		{name: "NaN", beginning: `"note": NaN, "mibi.mass_gain": NaN, "mibi.size": NaN, "mibi.coordinates": [NaN, Infinity]`, opens: true},
		{name: "numbers beyond every type", beginning: `"note": 1e999999, "mibi.size": 1e999999, "mibi.dwell": ` + strings.Repeat("9", 100_000), opens: true},
		{name: "a million keys", beginning: `"a": 1` + strings.Repeat(`, "a": 1`, 400_000), opens: true},
		{name: "a long text", beginning: `"note": "` + strings.Repeat("x", 5<<20) + `"`, is: errors.ErrUnsupported},
		{name: "100 MB", beginning: `"note": "` + strings.Repeat("x", 100_000_000) + `"`, is: errors.ErrUnsupported},
	} {
		data := describedFile(t, c.beginning)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f, err := mibitiff.Open(bytes.NewReader(data), int64(len(data)))
		runtime.ReadMemStats(&after)
		var format *mibitiff.FormatError
		switch {
		case c.opens && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.is != nil && !errors.Is(err, c.is), !c.opens && c.is == nil && !errors.As(err, &format):
			t.Errorf("%s: %v", c.name, err)
		case c.opens:
			meta := f.Metadata()
			if size, ok := meta.Size.Float(); !ok || size != 400 {
				t.Errorf("%s: size %s instead of the tags'", c.name, meta.Size.JSON())
			}
			if x, y, ok := meta.Coordinates.Pair(); !ok || math.IsNaN(x) || math.IsInf(y, 0) {
				t.Errorf("%s: coordinates %s instead of the tags'", c.name, meta.Coordinates.JSON())
			}
		}
		// What is read is refused above 4 MiB, and takes several times that.
		if used := after.TotalAlloc - before.TotalAlloc; used > 96<<20 {
			t.Errorf("%s: %d MiB allocated", c.name, used>>20)
		}
	}
}

// Targets that are paths, devices or terminal escapes reach neither the file
// system nor a terminal as they are.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	names := []string{`../../../etc/passwd`, `..\\..\\boot.ini`, `/dev/null`, `C:\\x`, `CON`, `a\u0000b`, `\u001b[2J`, `.`, `..`, `\u202egnp.exe`, `x:y`}
	var pages []foreignPage
	for i, name := range names {
		pages = append(pages, foreignPage{description: `{"image.type": "SIMS", "channel.mass": ` + string(rune('1'+i%9)) + strings.Repeat("0", i/9) + `, "channel.target": "` + name + `"}`})
	}
	f := openBytes(t, foreignFile(t, pages...))
	var targets []string
	for _, c := range f.Channels() {
		targets = append(targets, c.Label())
	}
	if len(targets) != len(names) {
		t.Fatalf("%q", targets)
	}
	folder := filepath.Join("some", "folder")
	for i, name := range mibi.FileNames(targets) {
		if path := filepath.Join(folder, name+".tiff"); filepath.Dir(path) != folder || strings.ContainsAny(name, "\x00\x1b:\u202e") || strings.EqualFold(name, "con") {
			t.Errorf("%q becomes %q", targets[i], path)
		}
		if _, err := f.Channel(targets[i] + "?"); err == nil || strings.ContainsAny(err.Error(), "\x00\x1b\u202e") {
			t.Errorf("%q: %v", targets[i], err)
		}
	}
}

// Samples that are NaN or infinite are values like others.
func TestNaNSamples(t *testing.T) {
	t.Parallel()
	samples := []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), float32(math.Copysign(0, -1))}
	plane, err := mibitiff.NewPlane(2, 2, samples)
	if err != nil {
		t.Fatal(err)
	}
	f := openBytes(t, foreignFile(t, foreignPage{description: "{" + sims, strip: plane.Bytes(),
		fields: []tiff.Field{tiff.ShortField(tiff.BitsPerSample, 32), tiff.ShortField(tiff.SampleFormat, tiff.FormatFloat)}}))
	got, err := f.ReadPlane(t.Context(), 0)
	if err != nil || !got.Equal(plane) {
		t.Errorf("%v, %v", got, err)
	}
	if stats := got.Stats(); stats.NaN != 1 || stats.NonZero != 2 {
		t.Errorf("%+v", stats)
	}
}
