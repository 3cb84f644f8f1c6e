package mibitiff_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// countingPlane makes a plane of uint16 that counts up from a first sample.
func countingPlane(t testing.TB, width, height int, first uint16) mibitiff.Plane {
	t.Helper()
	samples := make([]uint16, width*height)
	for i := range samples {
		samples[i] = first + uint16(i)
	}
	return newPlane(t, width, height, samples)
}

func newPlane[T mibitiff.Sample](t testing.TB, width, height int, samples []T) mibitiff.Plane {
	t.Helper()
	plane, err := mibitiff.NewPlane(width, height, samples)
	if err != nil {
		t.Fatal(err)
	}
	return plane
}

// fourChannels is what most tests of images begin with: 3 columns, 2 rows.
func fourChannels() []mibi.Channel {
	return []mibi.Channel{{Mass: 89, Target: "dsDNA"}, {Mass: 147, Target: "CD45"}, {Mass: 150, Target: "CD8/x"}, {Mass: 12}}
}

func newImage(t testing.TB, meta mibi.Metadata, channels []mibi.Channel) *mibitiff.Image {
	t.Helper()
	var planes []mibitiff.Plane
	for i := range channels {
		planes = append(planes, countingPlane(t, 3, 2, uint16(100*i)))
	}
	im, err := mibitiff.NewImage(meta, channels, planes)
	if err != nil {
		t.Fatal(err)
	}
	return im
}

func TestNewImage(t *testing.T) {
	t.Parallel()
	im := newImage(t, madeMetadata(), fourChannels())
	if im.Width() != 3 || im.Height() != 2 || im.Len() != 4 || im.DType() != mibitiff.Uint16 {
		t.Errorf("%d×%d, %d channels of %s", im.Width(), im.Height(), im.Len(), im.DType())
	}
	if got := im.Channels(); !slices.Equal(got, fourChannels()) {
		t.Errorf("channels %v", got)
	}
	if got := im.Masses(); !slices.Equal(got, []int{89, 147, 150, 12}) {
		t.Errorf("masses %v", got)
	}
	if got := im.Targets(); !slices.Equal(got, []string{"dsDNA", "CD45", "CD8/x", "12"}) {
		t.Errorf("targets %v", got)
	}
	im.Channels()[0].Target = "changed"
	im.Planes()[0] = mibitiff.Plane{}
	if im.Channels()[0].Target != "dsDNA" || im.Width() != 3 {
		t.Error("what the image returned and was changed changed the image")
	}

	bare := newImage(t, mibi.Metadata{}, []mibi.Channel{{Target: "cells"}, {Target: "nuclei"}})
	if bare.Masses() != nil || !slices.Equal(bare.Targets(), []string{"cells", "nuclei"}) {
		t.Errorf("an image of targets only has masses %v and targets %v", bare.Masses(), bare.Targets())
	}
}

func TestNewImageRefuses(t *testing.T) {
	t.Parallel()
	small, wide := countingPlane(t, 3, 2, 0), countingPlane(t, 2, 3, 0)
	float := newPlane(t, 3, 2, make([]float32, 6))
	two := fourChannels()[:2]
	for name, test := range map[string]struct {
		channels []mibi.Channel
		planes   []mibitiff.Plane
		want     error
		words    string
	}{
		"fewer planes":       {two, []mibitiff.Plane{small}, mibitiff.ErrShape, "1 planes for 2 channels"},
		"no channel":         {nil, nil, mibitiff.ErrShape, "needs a channel"},
		"empty plane":        {two, []mibitiff.Plane{small, {}}, mibitiff.ErrShape, "CD45 (147)"},
		"all planes empty":   {two, []mibitiff.Plane{{}, {}}, mibitiff.ErrShape, "dsDNA (89)"},
		"another shape":      {two, []mibitiff.Plane{small, wide}, mibitiff.ErrShape, "uint16 of 2×3 pixels (width×height) in an image of uint16 of 3×2"},
		"another type":       {two, []mibitiff.Plane{small, float}, mibitiff.ErrShape, "float32"},
		"one mass twice":     {[]mibi.Channel{{Mass: 89, Target: "A"}, {Mass: 89, Target: "B"}}, []mibitiff.Plane{small, small}, mibi.ErrDuplicateChannel, "A (89)"},
		"one target twice":   {[]mibi.Channel{{Mass: 89, Target: "A"}, {Mass: 90, Target: "A"}}, []mibitiff.Plane{small, small}, mibi.ErrDuplicateChannel, "A (90)"},
		"target of no mass":  {[]mibi.Channel{{Target: "A"}, {Target: "A"}}, []mibitiff.Plane{small, small}, mibi.ErrDuplicateChannel, `"A"`},
		"mixed":              {[]mibi.Channel{{Mass: 89, Target: "A"}, {Target: "B"}}, []mibitiff.Plane{small, small}, mibitiff.ErrMixedChannels, `"B" has no mass`},
		"neither":            {[]mibi.Channel{{}}, []mibitiff.Plane{small}, mibitiff.ErrNoName, "neither"},
		"mass and its label": {[]mibi.Channel{{Mass: 89}, {Mass: 90, Target: "89"}}, []mibitiff.Plane{small, small}, mibi.ErrDuplicateChannel, "90"},
	} {
		im, err := mibitiff.NewImage(mibi.Metadata{}, test.channels, test.planes)
		if im != nil || !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.words) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestImageString(t *testing.T) {
	t.Parallel()
	im := newImage(t, mibi.Metadata{Run: mibi.Text("a\x1b[2J"), Dwell: mibi.Int(4)}, []mibi.Channel{{Mass: 1, Target: "b\x1b"}, {Mass: 2, Target: "c"}})
	const want = `3×2 uint16, channels "b\x1b (1)", "c (2)", run: "a\u001b[2J", dwell: 4`
	if got := im.String(); got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
