package mibitiff_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// rangesIn reads the tags 340 and 341 of a file's pages.
func rangesIn(t *testing.T, file []byte, kind tiff.Type) []mibitiff.Range {
	t.Helper()
	f, err := tiff.Open(bytes.NewReader(file), int64(len(file)), tiff.Options{Keep: []uint16{tiff.SMinSampleValue, tiff.SMaxSampleValue}})
	if err != nil {
		t.Fatal(err)
	}
	var ranges []mibitiff.Range
	for i := range f.Pages {
		least, _ := f.Pages[i].Tag(tiff.SMinSampleValue)
		most, _ := f.Pages[i].Tag(tiff.SMaxSampleValue)
		if least.Type != kind || most.Type != kind || least.Count != 1 || most.Count != 1 {
			t.Errorf("page %d: %v and %v", i, least.Type, most.Type)
		}
		low, _ := least.Float(0)
		high, _ := most.Float(0)
		ranges = append(ranges, mibitiff.Range{Min: low, Max: high})
	}
	return ranges
}

func TestRangesOfChannels(t *testing.T) {
	t.Parallel()
	channels := []mibi.Channel{{Mass: 1, Target: "a"}, {Mass: 2, Target: "b"}, {Mass: 3, Target: "c"}}
	named := map[mibi.Channel]mibitiff.Range{channels[1]: {Min: 2, Max: 3}, channels[2]: {Min: 5, Max: 5}}
	for _, c := range []struct {
		planes []mibitiff.Plane
		kind   tiff.Type
		first  mibitiff.Range
	}{
		{[]mibitiff.Plane{planeOf[uint16](t, 2, 1, 3, 65535), planeOf[uint16](t, 2, 1, 0, 1), planeOf[uint16](t, 2, 1, 0, 1)}, tiff.Long, mibitiff.Range{Max: 65535}},
		{[]mibitiff.Plane{planeOf[float32](t, 2, 1, -3, -0.5), planeOf[float32](t, 2, 1, 0, 1), planeOf[float32](t, 2, 1, 0, 1)}, tiff.Double, mibitiff.Range{Max: -0.5}},
	} {
		want := []mibitiff.Range{c.first, {Min: 2, Max: 3}, {Min: 1, Max: 4294967295}}
		var out bytes.Buffer
		w, err := mibitiff.NewWriter(&out, madeMetadata(), mibitiff.WithRanges(named))
		if err != nil {
			t.Fatal(err)
		}
		err = errors.Join(w.WriteChannel(channels[0], c.planes[0]), w.WriteChannel(channels[1], c.planes[1]),
			w.WriteChannel(channels[2], c.planes[2], mibitiff.WithRange(want[2])), w.Close())
		if err != nil {
			t.Fatal(err)
		}
		for i, got := range rangesIn(t, out.Bytes(), c.kind) {
			if got != want[i] {
				t.Errorf("%s: %v of channel %v, want %v", c.kind, got, channels[i], want[i])
			}
		}
		out.Reset()
		want[2] = named[channels[2]]
		if err := mibitiff.Write(&out, madeMetadata(), channels, c.planes, mibitiff.WithRanges(named)); err != nil {
			t.Fatal(err)
		}
		for i, got := range rangesIn(t, out.Bytes(), c.kind) {
			if got != want[i] {
				t.Errorf("%s: %v of channel %v, want %v", c.kind, got, channels[i], want[i])
			}
		}
	}
}

func TestRangesThatAreNone(t *testing.T) {
	t.Parallel()
	channel := mibi.Channel{Mass: 1, Target: "a"}
	counts, reals := planeOf(t, 1, 1, uint16(1)), planeOf(t, 1, 1, float32(1))
	for _, c := range []struct {
		plane mibitiff.Plane
		r     mibitiff.Range
		fits  bool
	}{
		{counts, mibitiff.Range{Min: 0, Max: 0}, true},
		{counts, mibitiff.Range{Min: 7, Max: math.MaxUint32}, true},
		{counts, mibitiff.Range{Min: 0, Max: math.MaxUint32 + 1}, false},
		{counts, mibitiff.Range{Min: -1, Max: 1}, false},
		{counts, mibitiff.Range{Min: 0.5, Max: 1}, false},
		{counts, mibitiff.Range{Min: 0, Max: 1.5}, false},
		{reals, mibitiff.Range{Min: -1.5, Max: 1e300}, true},
		{reals, mibitiff.Range{Min: 2, Max: 1}, false},
		{reals, mibitiff.Range{Min: math.NaN(), Max: 1}, false},
		{reals, mibitiff.Range{Min: 0, Max: math.Inf(1)}, false},
	} {
		err := mibitiff.Write(io.Discard, madeMetadata(), []mibi.Channel{channel}, []mibitiff.Plane{c.plane},
			mibitiff.WithRanges(map[mibi.Channel]mibitiff.Range{channel: c.r}))
		if c.fits != (err == nil) || !c.fits && !errors.Is(err, mibitiff.ErrRange) {
			t.Errorf("%v of %s: %v", c.r, c.plane.DType(), err)
		}
	}
	other := map[mibi.Channel]mibitiff.Range{{Mass: 1, Target: "b"}: {}}
	if err := mibitiff.Write(io.Discard, madeMetadata(), []mibi.Channel{channel}, []mibitiff.Plane{counts}, mibitiff.WithRanges(other)); !errors.Is(err, mibitiff.ErrNoChannel) {
		t.Errorf("a range of another channel: %v", err)
	}
}
