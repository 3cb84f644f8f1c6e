package mibitiff_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

func TestReadImage(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 9, 33)
	f := openBytes(t, writeImage(t, madeMetadata(), channels, planes))
	whole, err := f.Image(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want, err := mibitiff.NewImage(f.Metadata(), channels, planes)
	if err != nil || !whole.Equal(want) {
		t.Errorf("%v: read %s, wrote %s", err, whole, want)
	}
	for _, test := range []struct {
		labels []string
		want   []int
		err    error
	}{
		{[]string{"TargetCa"}, []int{2}, nil},
		{[]string{"107", "TargetBa"}, []int{7, 1}, nil},
		{[]string{"none", "TargetBa"}, nil, mibitiff.ErrNoChannel},
		{[]string{"TargetBa", "101"}, nil, mibi.ErrDuplicateChannel},
	} {
		some, err := f.Image(t.Context(), test.labels...)
		if !errors.Is(err, test.err) {
			t.Errorf("%v: %v", test.labels, err)
		}
		if err != nil {
			continue
		}
		slice, err := want.SliceAt(test.want...)
		if err != nil || !some.Equal(slice) {
			t.Errorf("%v: %v: %s", test.labels, err, some)
		}
	}
	data := writeImage(t, madeMetadata(), channels, planes)
	limited := openBytes(t, data, mibitiff.WithMaxImageBytes(8*33*33*2))
	var tooLarge *mibitiff.UnsupportedError
	if _, err := limited.Image(t.Context()); !errors.As(err, &tooLarge) || !strings.Contains(err.Error(), "9 channels take 19602 bytes, at most 17424") {
		t.Errorf("more than is allowed: %v", err)
	}
	if _, err := limited.Image(t.Context(), whole.Targets()[1:]...); err != nil {
		t.Errorf("as much as is allowed: %v", err)
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := f.Image(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
}

// TestReadImageOfOtherWriters reads what [mibitiff.NewImage] would refuse to
// make, but for pages that are no image.
func TestReadImageOfOtherWriters(t *testing.T) {
	t.Parallel()
	const second = `"image.type": "SIMS", "channel.mass": 0, "channel.target": "computed"}`
	broken := []tiff.Field{tiff.ShortField(tiff.Compression, tiff.CompressionDeflate)}
	wide := []tiff.Field{tiff.LongField(tiff.ImageWidth, 4)}
	for name, test := range map[string]struct {
		pages  []foreignPage
		want   error
		format bool // a FormatError is wanted
		words  string
	}{
		"folder of another field": {pages: []foreignPage{{description: `{"mibi.fov_id": "FOV1", "mibi.folder": "FOV2", ` + sims}}},
		"unknown aperture":        {pages: []foreignPage{{description: `{"mibi.aperture": "wide", ` + sims}}},
		"a mass of 0":             {pages: []foreignPage{{description: "{" + sims}, {description: "{" + second}}},
		"a mass of 0 alone":       {pages: []foreignPage{{description: "{" + second}}},
		"two sizes": {
			pages: []foreignPage{{description: "{" + sims}, {description: "{" + second, fields: wide, strip: make([]byte, 16)}},
			want:  mibitiff.ErrShape, words: `"computed (0)" is uint16 of 4×2 pixels (width×height), "92 (92)" is uint16 of 2×2`,
		},
		"a broken page": {
			pages:  []foreignPage{{description: "{" + sims}, {description: "{" + second, fields: broken}},
			format: true, words: "page 1",
		},
	} {
		f := openBytes(t, foreignFile(t, test.pages...))
		im, err := f.Image(t.Context())
		if test.want == nil && !test.format {
			if err != nil || !slices.Equal(im.Channels(), f.Channels()) || im.Masses() == nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		var broken *mibitiff.FormatError
		if !errors.Is(err, test.want) && !test.format || errors.As(err, &broken) != test.format || !strings.Contains(err.Error(), test.words) {
			t.Errorf("%s: %v", name, err)
		}
	}
	old := openBytes(t, foreignFile(t, foreignPage{description: `{"mibi.folder": "Point3/RowNumber0", ` + sims}))
	if im, err := old.Image(t.Context()); err != nil || im.Metadata().FOVID.String() != "Point3" {
		t.Errorf("an older file: %v", err)
	}
}

func TestReadRealImages(t *testing.T) {
	t.Parallel()
	folder := realFiles(t)
	text, err := os.ReadFile(filepath.Join(folder, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string][]expectedPage
	if err := json.Unmarshal(text, &expected); err != nil {
		t.Fatal(err)
	}
	for name := range expected {
		f, err := mibitiff.OpenFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		im, err := f.Image(t.Context())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for i, c := range im.Channels() {
			page, err := f.ChannelByMass(c.Mass)
			if err != nil {
				t.Fatal(err)
			}
			plane, err := f.ReadPlane(t.Context(), page.Index)
			if err != nil || !plane.Equal(im.Planes()[i]) {
				t.Errorf("%s, channel %s: %v", name, c, err)
			}
		}
	}
}

func TestWriteImage(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[float32](t, 5, 20)
	slices.Reverse(channels)
	im, err := mibitiff.NewImage(madeMetadata(), channels, planes)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := mibitiff.WriteImage(t.Context(), &file, im); err != nil {
		t.Fatal(err)
	}
	f := openBytes(t, file.Bytes())
	back, err := f.Image(t.Context(), im.Targets()...)
	if err != nil || !back.Equal(im) {
		t.Errorf("%v: wrote %s, read %s", err, im, back)
	}

	masks := newImage(t, madeMetadata(), []mibi.Channel{{Target: "cells"}})
	file.Reset()
	if err := mibitiff.WriteImage(t.Context(), &file, masks); !errors.Is(err, mibitiff.ErrNoMass) || !strings.Contains(err.Error(), `"cells"`) || file.Len() > 0 {
		t.Errorf("targets only: %v, %d bytes written", err, file.Len())
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if err := mibitiff.WriteImage(ended, &file, im); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
}

func BenchmarkReadImage(b *testing.B) {
	channels, planes := madeImage[uint16](b, 40, 1024)
	f := openBytes(b, writeImage(b, madeMetadata(), channels, planes))
	b.SetBytes(40 * 2 << 20)
	for b.Loop() {
		if _, err := f.Image(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
