package mibitiff_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

func TestOMERefuses(t *testing.T) {
	t.Parallel()
	channels := omeChannels()
	small, wide, other := omePlanes[uint16](t, 4, 4), omePlanes[uint16](t, 5, 4), omePlanes[uint8](t, 4, 4)
	for name, c := range map[string]struct {
		channels []mibi.Channel
		planes   []mibitiff.Plane
		options  []mibitiff.WriterOption
		want     error
	}{
		"no channel":         {nil, nil, nil, nil},
		"a mass twice":       {[]mibi.Channel{{Mass: 1, Target: "a"}, {Mass: 1, Target: "b"}}, small, nil, mibi.ErrDuplicateChannel},
		"a target twice":     {[]mibi.Channel{{Mass: 1, Target: "a"}, {Target: "a"}}, small, nil, mibi.ErrDuplicateChannel},
		"a target with NUL":  {[]mibi.Channel{{Mass: 1, Target: "a\x00"}}, small, nil, nil},
		"two sizes":          {channels, []mibitiff.Plane{small[0], small[1], wide[0]}, nil, mibitiff.ErrShape},
		"two types":          {channels, []mibitiff.Plane{small[0], other[1], small[2]}, nil, mibitiff.ErrShape},
		"an empty plane":     {channels, []mibitiff.Plane{small[0], {}, small[2]}, nil, mibitiff.ErrShape},
		"int64":              {channels, omePlanes[int64](t, 4, 4), nil, errors.ErrUnsupported},
		"uint64":             {channels, omePlanes[uint64](t, 4, 4), nil, errors.ErrUnsupported},
		"a level":            {channels, small, []mibitiff.WriterOption{mibitiff.WithLevel(9)}, nil},
		"SED":                {channels, small, []mibitiff.WriterOption{mibitiff.WithSED(small[0])}, nil},
		"ranges":             {channels, small, []mibitiff.WriterOption{mibitiff.WithRanges(map[mibi.Channel]mibitiff.Range{channels[0]: {Max: 1}})}, nil},
		"a lossy conversion": {channels, omePlanes[uint32](t, 4, 4)[:1], nil, nil},
	} {
		if name == "a lossy conversion" {
			samples := []uint32{1 << 20}
			plane, err := mibitiff.NewPlane(1, 1, samples)
			if err != nil {
				t.Fatal(err)
			}
			c.channels, c.planes = channels[:1], []mibitiff.Plane{plane}
			c.options, c.want = []mibitiff.WriterOption{mibitiff.WithDType(mibitiff.Uint16)}, mibitiff.ErrLossy
		}
		var out bytes.Buffer
		err := mibitiff.WriteOME(t.Context(), &out, madeMetadata(), c.channels, mibitiff.Planes(c.planes), c.options...)
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	narrowed := writeOME(t, madeMetadata(), channels, omePlanes[uint64](t, 4, 4), mibitiff.WithDType(mibitiff.Uint16))
	checkOMEPixels(t, narrowed, omePlanes[uint16](t, 4, 4), 1)
}

var errSource = errors.New("the disk is gone")

func TestOMEReportsErrors(t *testing.T) {
	t.Parallel()
	planes := omePlanes[uint16](t, 8, 8)
	source := func(ctx context.Context, i int) (mibitiff.Plane, error) {
		if i == 1 {
			return mibitiff.Plane{}, errSource
		}
		return planes[i], nil
	}
	if err := mibitiff.WriteOME(t.Context(), &bytes.Buffer{}, madeMetadata(), omeChannels(), source); !errors.Is(err, errSource) || !bytes.Contains([]byte(err.Error()), []byte(`"89 (89)"`)) {
		t.Errorf("a source's error becomes %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancelling := func(_ context.Context, i int) (mibitiff.Plane, error) {
		cancel()
		return planes[i], nil
	}
	if err := mibitiff.WriteOME(ctx, &bytes.Buffer{}, madeMetadata(), omeChannels(), cancelling); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	whole := len(writeOME(t, madeMetadata(), omeChannels(), planes))
	for room := 0; room < whole; room += whole / 10 {
		err := mibitiff.WriteOME(t.Context(), &smallDisk{room: room}, madeMetadata(), omeChannels(), mibitiff.Planes(planes))
		if !errors.Is(err, errSource) {
			t.Errorf("room for %d bytes of %d: %v", room, whole, err)
		}
	}
}

type smallDisk struct{ room int }

func (d *smallDisk) Write(b []byte) (int, error) {
	if d.room -= len(b); d.room < 0 {
		return 0, errSource
	}
	return len(b), nil
}
