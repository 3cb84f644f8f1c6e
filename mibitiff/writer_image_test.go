package mibitiff_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// TestBytesDoNotDependOnProcessors changes how many processors there are, and
// so runs alone.
func TestBytesDoNotDependOnProcessors(t *testing.T) {
	channels, planes := madeImage[uint16](t, 9, 64)
	var want bytes.Buffer
	w, err := mibitiff.NewWriter(&want, madeMetadata())
	if err != nil {
		t.Fatal(err)
	}
	order := slices.Clone(channels)
	mibi.SortChannels(order)
	for _, c := range order {
		if err := w.WriteChannel(c, planes[slices.Index(channels, c)]); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.WriteSED(planes[0]), w.Close()); err != nil {
		t.Fatal(err)
	}
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for _, processors := range []int{1, 2, 3, 16} {
		runtime.GOMAXPROCS(processors)
		for range 3 {
			var got bytes.Buffer
			if err := mibitiff.Write(&got, madeMetadata(), channels, planes, mibitiff.WithSED(planes[0])); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got.Bytes(), want.Bytes()) {
				t.Errorf("%d processors write other bytes than a Writer", processors)
			}
		}
	}
}

// TestFewPagesAreHeld counts the planes that are asked for before the strips of
// earlier ones were written.
func TestFewPagesAreHeld(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 40, 4)
	strip := []byte("the strip of any page")
	written := &stripCounter{strip: strip}
	asked := make([]atomic.Int64, len(channels))
	var started, most atomic.Int64
	source := func(_ context.Context, i int) (mibitiff.Plane, error) {
		asked[i].Add(1)
		held := started.Add(1) - written.n.Load()
		for old := most.Load(); held > old && !most.CompareAndSwap(old, held); old = most.Load() {
		}
		return planes[i], nil
	}
	err := mibitiff.WriteFrom(t.Context(), written, madeMetadata(), channels, source,
		mibitiff.WithStrips(func([]byte) ([]byte, error) { return strip, nil }))
	if err != nil {
		t.Fatal(err)
	}
	if limit := int64(runtime.GOMAXPROCS(0) + 1); most.Load() > limit {
		t.Errorf("%d pages were held, at most %d are allowed", most.Load(), limit)
	}
	for i := range asked {
		if n := asked[i].Load(); n != 1 {
			t.Errorf("plane %d was asked for %d times", i, n)
		}
	}
	if n := written.n.Load(); n != 40 {
		t.Errorf("%d strips", n)
	}
}

// stripCounter counts the strips that reach it.
type stripCounter struct {
	strip []byte
	n     atomic.Int64
}

func (c *stripCounter) Write(b []byte) (int, error) {
	if bytes.Equal(b, c.strip) {
		c.n.Add(1)
	}
	return len(b), nil
}

func TestWriteFromStops(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 40, 4)
	mibi.SortChannels(channels)
	broken := errors.New("a broken file")

	ctx, cancel := context.WithCancel(t.Context())
	var asked atomic.Int64
	err := mibitiff.WriteFrom(ctx, io.Discard, madeMetadata(), channels, func(_ context.Context, i int) (mibitiff.Plane, error) {
		if asked.Add(1); i == 3 {
			cancel()
		}
		return planes[i], nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if most := int64(3 + 2*(runtime.GOMAXPROCS(0)+1)); asked.Load() > most {
		t.Errorf("%d planes were asked for after the fourth cancelled", asked.Load())
	}

	// The error of the first page in the file, whichever comes first in time.
	for range 20 {
		err = mibitiff.WriteFrom(t.Context(), io.Discard, madeMetadata(), channels, func(ctx context.Context, i int) (mibitiff.Plane, error) {
			if i >= 3 {
				return mibitiff.Plane{}, broken
			}
			return planes[i], nil
		})
		if !errors.Is(err, broken) || !strings.Contains(err.Error(), channels[3].String()) {
			t.Fatalf("a broken source: %v", err)
		}
	}

	// A source that waits for the end of its context ends with the others.
	err = mibitiff.WriteFrom(t.Context(), io.Discard, madeMetadata(), channels, func(ctx context.Context, i int) (mibitiff.Plane, error) {
		if i == 0 {
			return mibitiff.Plane{}, broken
		}
		<-ctx.Done()
		return mibitiff.Plane{}, ctx.Err()
	})
	if !errors.Is(err, broken) {
		t.Errorf("a source that waits: %v", err)
	}

	full := &stripCounter{}
	err = mibitiff.WriteFrom(t.Context(), writerFunc(func(b []byte) (int, error) {
		if full.n.Add(1) > 9 {
			return 0, broken
		}
		return len(b), nil
	}), madeMetadata(), channels, mibitiff.Planes(planes))
	if !errors.Is(err, broken) {
		t.Errorf("a full disk: %v", err)
	}
}

type writerFunc func(b []byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 3, 8)
	with := func(i int, p mibitiff.Plane) []mibitiff.Plane {
		out := slices.Clone(planes)
		out[i] = p
		return out
	}
	fraction := planeOf(t, 8, 8, append(make([]float32, 63), 0.5)...)
	double := planeOf(t, 1, 1, 0.1)
	for name, c := range map[string]struct {
		channels []mibi.Channel
		planes   []mibitiff.Plane
		opts     []mibitiff.WriterOption
		text     string
		is       error
	}{
		"no channels":      {nil, nil, nil, "at least one channel", nil},
		"no plane":         {channels, planes[:2], nil, "2 planes for 3 channels", mibitiff.ErrShape},
		"an empty plane":   {channels, with(1, mibitiff.Plane{}), nil, "empty", mibitiff.ErrShape},
		"two names":        {[]mibi.Channel{channels[0], channels[1], channels[0]}, planes, nil, "", mibi.ErrDuplicateChannel},
		"a name of no use": {[]mibi.Channel{channels[0], channels[1], {Mass: 3, Target: "a\x00b"}}, planes, nil, "NUL", nil},
		"two types": {channels, with(2, converted(t, planes[2], mibitiff.Float32)), nil,
			`samples of float32, but channel "TargetAa (100)" has uint16`, mibitiff.ErrShape},
		"two sizes":           {channels, with(2, planeOf(t, 1, 1, uint16(1))), nil, `1×1 pixels, but channel "TargetAa (100)" has 8×8`, mibitiff.ErrShape},
		"a fraction":          {channels, with(2, fraction), []mibitiff.WriterOption{mibitiff.WithDType(mibitiff.Uint16)}, "column 7, row 7", mibitiff.ErrLossy},
		"more than a float32": {channels[:1], []mibitiff.Plane{double}, nil, `channel "TargetAa (100)": column 0, row 0`, mibitiff.ErrLossy},
		"too large": {channels[:1], []mibitiff.Plane{planeOf(t, 2, 1, uint32(65535), 65536)}, nil,
			"column 1, row 0", mibitiff.ErrLossy},
		"below zero":           {channels[:1], []mibitiff.Plane{planeOf(t, 2, 1, int8(1), -1)}, nil, "column 1, row 0", mibitiff.ErrLossy},
		"a type of no channel": {channels, planes, []mibitiff.WriterOption{mibitiff.WithDType(mibitiff.Uint8)}, "uint8", errors.ErrUnsupported},
		"an empty SED":         {channels, planes, []mibitiff.WriterOption{mibitiff.WithSED(mibitiff.Plane{})}, "SED", mibitiff.ErrShape},
		"an empty photo":       {channels, planes, []mibitiff.WriterOption{mibitiff.WithOptical(mibitiff.RGB{})}, "optical", nil},
	} {
		err := mibitiff.Write(io.Discard, madeMetadata(), c.channels, c.planes, c.opts...)
		if err == nil || !strings.Contains(err.Error(), c.text) || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := mibitiff.NewWriter(io.Discard, madeMetadata(), mibitiff.WithSED(planes[0])); err == nil {
		t.Error("a Writer took the SED as an option")
	}
}

// TestNamesAreSafeToPrint refuses channels whose names are long and carry
// terminal escapes.
func TestNamesAreSafeToPrint(t *testing.T) {
	t.Parallel()
	hostile := mibi.Channel{Mass: 3, Target: "\x1b[2J" + strings.Repeat("x", 100_000)}
	late := mibi.Channel{Mass: 4, Target: "z" + hostile.Target}
	_, planes := madeImage[uint16](t, 2, 8)
	other := planeOf(t, 1, 1, float32(1))
	w, err := mibitiff.NewWriter(io.Discard, madeMetadata())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteChannel(late, planes[0]); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"order":  w.WriteChannel(hostile, planes[0]),
		"size":   mibitiff.Write(io.Discard, madeMetadata(), []mibi.Channel{hostile, late}, []mibitiff.Plane{planes[0], other}),
		"empty":  mibitiff.Write(io.Discard, madeMetadata(), []mibi.Channel{hostile}, []mibitiff.Plane{{}}),
		"ranges": mibitiff.Write(io.Discard, madeMetadata(), []mibi.Channel{late}, planes[:1], mibitiff.WithRanges(map[mibi.Channel]mibitiff.Range{hostile: {}})),
	} {
		if err == nil || strings.Contains(err.Error(), "\x1b") || len(err.Error()) > 1000 {
			t.Errorf("%s: %.1000v", name, err)
		}
	}
}

// TestChannelsOfManyTypes writes what can be written without a change.
func TestChannelsOfManyTypes(t *testing.T) {
	t.Parallel()
	counts := planeOf(t, 3, 2, uint16(0), 1, 2, 100, 126, 127)
	for _, dtype := range []mibitiff.DType{mibitiff.Uint8, mibitiff.Int8, mibitiff.Uint16, mibitiff.Int16, mibitiff.Uint32,
		mibitiff.Int32, mibitiff.Uint64, mibitiff.Int64, mibitiff.Float32, mibitiff.Float64} {
		for _, forced := range []mibitiff.DType{0, mibitiff.Uint16, mibitiff.Float32} {
			want := forced
			if forced == 0 {
				want = mibitiff.Uint16
				if dtype.Float() {
					want = mibitiff.Float32
				}
			}
			var out bytes.Buffer
			channels := []mibi.Channel{{Mass: 1, Target: "a"}, {Mass: 2, Target: "b"}}
			planes := []mibitiff.Plane{converted(t, counts, dtype), converted(t, counts, dtype)}
			if err := mibitiff.Write(&out, madeMetadata(), channels, planes, mibitiff.WithDType(forced)); err != nil {
				t.Fatalf("%s as %v: %v", dtype, forced, err)
			}
			f := openBytes(t, out.Bytes())
			comparePlane(t, f, 1, converted(t, counts, want))
		}
	}
}

// TestLevelsKeepEverySample writes one image at each level of compression.
func TestLevelsKeepEverySample(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 3, 33)
	byDefault := writeImage(t, madeMetadata(), channels, planes)
	for level := 1; level <= 6; level++ {
		var out bytes.Buffer
		if err := mibitiff.Write(&out, madeMetadata(), channels, planes, mibitiff.WithLevel(level)); err != nil {
			t.Fatal(err)
		}
		comparePixels(t, byDefault, out.Bytes())
		if level == 6 && !bytes.Equal(out.Bytes(), byDefault) {
			t.Error("level 6 is not what is used without one")
		}
	}
	for _, level := range []int{-1, 0, 7} {
		if err := mibitiff.Write(io.Discard, madeMetadata(), channels, planes, mibitiff.WithLevel(level)); err == nil {
			t.Errorf("level %d was taken", level)
		}
	}
}

// TestWriteFromFile writes a file anew from its own channels, among which the SED
// is not.
func TestWriteFromFile(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 3, 8)
	data := writeImage(t, madeMetadata(), channels, planes)
	whole := openBytes(t, writeImage(t, madeMetadata(), channels, planes, mibitiff.WithSED(planes[1])))
	var again bytes.Buffer
	if err := mibitiff.WriteFrom(t.Context(), &again, whole.Metadata(), whole.Channels(), whole.Source()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(again.Bytes(), data) {
		t.Error("the file became another one")
	}
}
