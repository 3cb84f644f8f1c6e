package mibitiff_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

func TestImagesReadBackAsWritten(t *testing.T) {
	t.Parallel()
	for _, edge := range []int{1, 8, 33, 256} {
		checkRoundTrip[uint16](t, edge)
		checkRoundTrip[float32](t, edge)
	}
}

func checkRoundTrip[T uint16 | float32](t *testing.T, edge int) {
	t.Helper()
	meta := madeMetadata()
	channels, planes := madeImage[T](t, 5, edge)
	f := openBytes(t, writeImage(t, meta, channels, planes))
	for i, c := range channels {
		page, err := f.Channel(c.Label())
		if err != nil {
			t.Fatal(err)
		}
		plane, err := f.ReadPlane(t.Context(), page.Index)
		if err != nil || !plane.Equal(planes[i]) {
			t.Errorf("%v of %d pixels differs: %v", c, edge, err)
		}
	}
	got := f.Metadata()
	if got.MassOffset != mibi.Int(0) || got.Coordinates != meta.Coordinates || !got.Date.Equal(meta.Date) || got.Description != meta.Description {
		t.Errorf("metadata %+v", got)
	}
}

func TestFloatsKeepEveryBit(t *testing.T) {
	t.Parallel()
	samples := []float32{0, float32(math.Copysign(0, -1)), float32(math.NaN()), float32(math.Inf(1)), math.SmallestNonzeroFloat32, math.MaxFloat32, -1.5, 0.1}
	plane, err := mibitiff.NewPlane(4, 2, samples)
	if err != nil {
		t.Fatal(err)
	}
	f := openBytes(t, writeImage(t, madeMetadata(), []mibi.Channel{{Mass: 1, Target: "a"}}, []mibitiff.Plane{plane}))
	if got, err := f.ReadPlane(t.Context(), 0); err != nil || !got.Equal(plane) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestWriterRefusesMetadata(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*mibi.Metadata)
		text   string
		is     error
	}{
		"nothing given":        {func(m *mibi.Metadata) { *m = mibi.Metadata{} }, "run, coordinates, size, fov_id, fov_name, folder, dwell, scans, mass_offset, mass_gain, time_resolution, date", mibitiff.ErrMissingMetadata},
		"no mass offset":       {func(m *mibi.Metadata) { m.MassOffset = mibi.Value{} }, ": mass_offset", mibitiff.ErrMissingMetadata},
		"no date":              {func(m *mibi.Metadata) { m.Date = time.Time{} }, ": date", mibitiff.ErrMissingMetadata},
		"no size":              {func(m *mibi.Metadata) { m.Size = mibi.Int(0) }, "size 0", nil},
		"size in words":        {func(m *mibi.Metadata) { m.Size = mibi.Text("wide") }, `size "wide"`, nil},
		"one coordinate":       {func(m *mibi.Metadata) { m.Coordinates = mibi.Int(1) }, "coordinates 1", nil},
		"folder of another":    {func(m *mibi.Metadata) { m.Folder = mibi.Text("FOV2/x") }, `folder "FOV2/x"`, mibitiff.ErrFolder},
		"unknown aperture":     {func(m *mibi.Metadata) { m.Aperture = mibi.Text("2 mm") }, `"2 mm"`, mibi.ErrUnknownAperture},
		"coordinates far away": {func(m *mibi.Metadata) { m.Coordinates = mibi.Pair(1e14, 0) }, "too far", nil},
	} {
		meta := madeMetadata()
		c.change(&meta)
		_, err := mibitiff.NewWriter(io.Discard, meta)
		if err == nil || !strings.Contains(err.Error(), c.text) || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: %v", name, err)
		}
	}
	meta := madeMetadata()
	meta.Date = time.Time{}
	if _, err := mibitiff.NewWriter(io.Discard, meta, mibitiff.WithDate(time.Now())); err != nil {
		t.Error(err)
	}
	if _, err := mibitiff.NewWriter(io.Discard, meta, mibitiff.WithDate(time.Now()), mibitiff.WithLevel(9)); err == nil {
		t.Error("level 9 was accepted")
	}
}

func TestWriterRefusesPages(t *testing.T) {
	t.Parallel()
	_, planes := madeImage[uint16](t, 1, 8)
	_, wide := madeImage[uint16](t, 1, 9)
	_, floats := madeImage[float32](t, 1, 8)
	bytesPlane, err := mibitiff.NewPlane(8, 8, make([]uint8, 64))
	if err != nil {
		t.Fatal(err)
	}
	w, err := mibitiff.NewWriter(io.Discard, madeMetadata())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteSED(bytesPlane); !errors.Is(err, mibitiff.ErrPageOrder) {
		t.Errorf("SED before the channels: %v", err)
	}
	if err := w.WriteChannel(mibi.Channel{Mass: 147, Target: "CD45"}, planes[0]); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		channel mibi.Channel
		plane   mibitiff.Plane
		is      error
	}{
		"same mass":    {mibi.Channel{Mass: 147, Target: "dsDNA"}, planes[0], mibi.ErrDuplicateChannel},
		"same target":  {mibi.Channel{Mass: 148, Target: "CD45"}, planes[0], mibi.ErrDuplicateChannel},
		"out of order": {mibi.Channel{Mass: 148, Target: "CD20"}, planes[0], mibitiff.ErrPageOrder},
		"no samples":   {mibi.Channel{Mass: 148, Target: "dsDNA"}, mibitiff.Plane{}, mibitiff.ErrShape},
		"other size":   {mibi.Channel{Mass: 148, Target: "dsDNA"}, wide[0], mibitiff.ErrShape},
		"other type":   {mibi.Channel{Mass: 148, Target: "dsDNA"}, floats[0], mibitiff.ErrShape},
		"no UTF-8":     {mibi.Channel{Mass: 148, Target: "ds\xffDNA"}, planes[0], nil},
		"NUL":          {mibi.Channel{Mass: 148, Target: "ds\x00DNA"}, planes[0], nil},
	} {
		err := w.WriteChannel(c.channel, c.plane)
		if err == nil || c.is != nil && !errors.Is(err, c.is) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := w.WriteSED(bytesPlane); err != nil {
		t.Error(err)
	}
	if err := w.WriteSED(bytesPlane); !errors.Is(err, mibitiff.ErrPageOrder) {
		t.Errorf("SED twice: %v", err)
	}
	if err := w.WriteChannel(mibi.Channel{Mass: 148, Target: "dsDNA"}, planes[0]); !errors.Is(err, mibitiff.ErrPageOrder) {
		t.Errorf("a channel after SED: %v", err)
	}
	if err := errors.Join(w.Close(), w.Close()); err != nil {
		t.Error(err)
	}
	empty, err := mibitiff.NewWriter(io.Discard, madeMetadata())
	if err != nil {
		t.Fatal(err)
	}
	if err := empty.Close(); err == nil {
		t.Error("an image without channels was closed")
	}
	if err := mibitiff.Write(io.Discard, madeMetadata(), []mibi.Channel{{Mass: 1}}, nil); err == nil {
		t.Error("a channel without a plane was written")
	}
}

func TestFailedCloseIsNotForgotten(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 1, 8)
	failure := errors.New("disk full")
	reader, pipe := io.Pipe()
	if err := reader.CloseWithError(failure); err != nil {
		t.Fatal(err)
	}
	w, err := mibitiff.NewWriter(pipe, madeMetadata())
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteChannel(channels[0], planes[0]); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := w.Close(); !errors.Is(err, failure) {
			t.Errorf("Close: %v", err)
		}
	}
}

func BenchmarkReadFortyChannels(b *testing.B) {
	channels, planes := madeImage[uint16](b, 40, 1024)
	data := writeImage(b, madeMetadata(), channels, planes)
	b.SetBytes(40 * 1024 * 1024 * 2)
	b.ReportAllocs()
	for b.Loop() {
		f, err := mibitiff.Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			b.Fatal(err)
		}
		for i := range f.Pages() {
			if _, err := f.ReadPlane(b.Context(), i); err != nil {
				b.Fatal(err)
			}
		}
	}
}
