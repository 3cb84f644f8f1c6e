package mibitiff_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// content names an image's channels, each with its first sample.
func content(im *mibitiff.Image) string {
	var text string
	for i, c := range im.Channels() {
		text += fmt.Sprintf("%s=%v ", c, im.Planes()[i].At(0, 0))
	}
	return text
}

func TestImageSlice(t *testing.T) {
	t.Parallel()
	im := newImage(t, madeMetadata(), fourChannels())
	for _, test := range []struct {
		labels []string
		want   string
		err    error
	}{
		{[]string{"CD45"}, "CD45 (147)=100 ", nil},
		{[]string{"12", "dsDNA (89)", "150"}, "12 (12)=300 dsDNA (89)=0 CD8/x (150)=200 ", nil},
		{[]string{"CD45", "none"}, "", mibitiff.ErrNoChannel},
		{[]string{"CD45", "147"}, "", mibi.ErrDuplicateChannel},
		{nil, "", mibitiff.ErrShape},
	} {
		slice, err := im.Slice(test.labels...)
		if !errors.Is(err, test.err) {
			t.Errorf("%v: %v", test.labels, err)
		}
		if err != nil {
			continue
		}
		if got := content(slice); got != test.want || slice.Metadata().Run != im.Metadata().Run {
			t.Errorf("%v: %s", test.labels, got)
		}
		slice.Planes()[0].Uint16s()[0] = 9999
		if content(im) != "dsDNA (89)=0 CD45 (147)=100 CD8/x (150)=200 12 (12)=300 " {
			t.Errorf("%v shares samples", test.labels)
		}
	}
	if slice, err := im.SliceAt(3, 0); err != nil || content(slice) != "12 (12)=300 dsDNA (89)=0 " {
		t.Error(err)
	}
	for _, positions := range [][]int{{4}, {-1}} {
		if _, err := im.SliceAt(positions...); !errors.Is(err, mibitiff.ErrNoChannel) {
			t.Errorf("%v: %v", positions, err)
		}
	}
}

func TestImageCopy(t *testing.T) {
	t.Parallel()
	im := newImage(t, madeMetadata(), fourChannels())
	copied := im.Copy()
	if !im.Equal(copied) || !copied.Equal(im) {
		t.Error("a copy is not equal")
	}
	copied.Planes()[2].Uint16s()[5]++
	if im.Equal(copied) || im.Planes()[2].At(2, 1) != 205 {
		t.Error("a copy shares samples")
	}
}

func TestImageAppend(t *testing.T) {
	t.Parallel()
	other := func(channels ...mibi.Channel) *mibitiff.Image { return newImage(t, mibi.Metadata{}, channels) }
	wide, err := mibitiff.NewImage(mibi.Metadata{}, []mibi.Channel{{Mass: 1}}, []mibitiff.Plane{countingPlane(t, 6, 4, 0)})
	if err != nil {
		t.Fatal(err)
	}
	float, err := mibitiff.NewImage(mibi.Metadata{}, []mibi.Channel{{Mass: 1}}, []mibitiff.Plane{newPlane(t, 3, 2, make([]float32, 6))})
	if err != nil {
		t.Fatal(err)
	}
	const before = "dsDNA (89)=0 CD45 (147)=100 CD8/x (150)=200 12 (12)=300 "
	for name, test := range map[string]struct {
		other *mibitiff.Image
		want  string
		err   error
	}{
		"others":         {other(mibi.Channel{Mass: 1, Target: "a"}, mibi.Channel{Mass: 2}), before + "a (1)=0 2 (2)=100 ", nil},
		"a channel":      {other(mibi.Channel{Mass: 1}, fourChannels()[1]), before, mibi.ErrDuplicateChannel},
		"a mass":         {other(mibi.Channel{Mass: 147, Target: "a"}), before, mibi.ErrDuplicateChannel},
		"a target":       {other(mibi.Channel{Mass: 1, Target: "CD45"}), before, mibi.ErrDuplicateChannel},
		"without masses": {other(mibi.Channel{Target: "cells"}), before, mibitiff.ErrMixedChannels},
		"another shape":  {wide, before, mibitiff.ErrShape},
		"another type":   {float, before, mibitiff.ErrShape},
	} {
		im := newImage(t, madeMetadata(), fourChannels())
		if err := im.Append(test.other); !errors.Is(err, test.err) || content(im) != test.want {
			t.Errorf("%s: %v, %s", name, err, content(im))
		}
		if im.Metadata().Run != madeMetadata().Run {
			t.Errorf("%s: the metadata changed", name)
		}
		if test.err == nil {
			test.other.Planes()[0].Uint16s()[0] = 7
			if content(im) != test.want {
				t.Errorf("%s: samples are shared", name)
			}
		}
	}
	im := newImage(t, madeMetadata(), fourChannels())
	if err := im.Append(im); !errors.Is(err, mibi.ErrDuplicateChannel) {
		t.Errorf("an image to itself: %v", err)
	}
	bare := other(mibi.Channel{Target: "cells"})
	if err := bare.Append(im); !errors.Is(err, mibitiff.ErrMixedChannels) {
		t.Errorf("masses to targets: %v", err)
	}
	if err := bare.Append(other(mibi.Channel{Target: "nuclei"})); err != nil || bare.Len() != 2 {
		t.Errorf("targets to targets: %v", err)
	}
}

func TestImageRemove(t *testing.T) {
	t.Parallel()
	const before = "dsDNA (89)=0 CD45 (147)=100 CD8/x (150)=200 12 (12)=300 "
	for _, test := range []struct {
		labels []string
		want   string
		err    error
	}{
		{[]string{"CD45", "12"}, "dsDNA (89)=0 CD8/x (150)=200 ", nil},
		{[]string{"CD45", "147"}, "dsDNA (89)=0 CD8/x (150)=200 12 (12)=300 ", nil},
		{nil, before, nil},
		{[]string{"CD45", "none"}, before, mibitiff.ErrNoChannel},
		{[]string{"CD45", "12", "89", "150"}, before, mibitiff.ErrShape},
	} {
		im := newImage(t, madeMetadata(), fourChannels())
		rest, err := im.Without(test.labels...)
		if !errors.Is(err, test.err) || content(im) != before || err == nil && content(rest) != test.want {
			t.Errorf("without %v: %v", test.labels, err)
		}
		if err == nil {
			rest.Planes()[0].Uint16s()[0] = 7
		}
		if err := im.Remove(test.labels...); !errors.Is(err, test.err) || content(im) != test.want {
			t.Errorf("removing %v: %v, %s", test.labels, err, content(im))
		}
	}
}

func TestImageRename(t *testing.T) {
	t.Parallel()
	const before = "dsDNA (89)=0 CD45 (147)=100 CD8/x (150)=200 12 (12)=300 "
	for name, test := range map[string]struct {
		targets map[string]string
		want    string
		err     error
	}{
		"by target":     {map[string]string{"CD45": "CD45RO"}, "dsDNA (89)=0 CD45RO (147)=100 CD8/x (150)=200 12 (12)=300 ", nil},
		"by any label":  {map[string]string{"147": "a", "dsDNA (89)": "b", "12": "C"}, "b (89)=0 a (147)=100 CD8/x (150)=200 C (12)=300 ", nil},
		"change places": {map[string]string{"CD45": "dsDNA", "dsDNA": "CD45"}, "CD45 (89)=0 dsDNA (147)=100 CD8/x (150)=200 12 (12)=300 ", nil},
		"take a name":   {map[string]string{"CD45": "dsDNA"}, before, mibi.ErrDuplicateChannel},
		"two to one":    {map[string]string{"CD45": "a", "dsDNA": "a"}, before, mibi.ErrDuplicateChannel},
		"twice the one": {map[string]string{"CD45": "a", "147": "b"}, before, mibi.ErrDuplicateChannel},
		"unknown":       {map[string]string{"CD45": "a", "none": "b"}, before, mibitiff.ErrNoChannel},
		"nothing":       {nil, before, nil},
	} {
		im := newImage(t, madeMetadata(), fourChannels())
		if err := im.Rename(test.targets); !errors.Is(err, test.err) || content(im) != test.want {
			t.Errorf("%s: %v, %s", name, err, content(im))
		}
	}
	bare := newImage(t, mibi.Metadata{}, []mibi.Channel{{Target: "cells"}, {Target: "nuclei"}})
	if err := bare.Rename(map[string]string{"cells": "membranes"}); err != nil || bare.Targets()[0] != "membranes" {
		t.Errorf("targets only: %v", err)
	}
	if err := bare.Rename(map[string]string{"nuclei": ""}); !errors.Is(err, mibitiff.ErrNoName) {
		t.Errorf("no name left: %v", err)
	}
}

func TestImageSetChannels(t *testing.T) {
	t.Parallel()
	bare := []mibi.Channel{{Target: "cells"}, {Target: "nuclei"}}
	masses := []mibi.Channel{{Mass: 1, Target: "cells"}, {Mass: 2}}
	im := newImage(t, mibi.Metadata{}, bare)
	if err := im.SetChannels(masses); err != nil || content(im) != "cells (1)=0 2 (2)=100 " || im.Masses() == nil {
		t.Errorf("masses for targets: %v, %s", err, content(im))
	}
	for name, test := range map[string]struct {
		channels []mibi.Channel
		want     error
	}{
		"too few": {masses[:1], mibitiff.ErrShape}, "none": {nil, mibitiff.ErrShape}, "mixed": {[]mibi.Channel{masses[0], bare[1]}, mibitiff.ErrMixedChannels},
		"twice": {[]mibi.Channel{masses[0], masses[0]}, mibi.ErrDuplicateChannel}, "no name": {[]mibi.Channel{bare[0], {}}, mibitiff.ErrNoName},
	} {
		if err := im.SetChannels(test.channels); !errors.Is(err, test.want) || content(im) != "cells (1)=0 2 (2)=100 " {
			t.Errorf("%s: %v, %s", name, err, content(im))
		}
	}
	if err := im.SetChannels(bare); err != nil || im.Masses() != nil {
		t.Errorf("targets for masses: %v", err)
	}
}
