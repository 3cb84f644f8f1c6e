package mibitiff_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

func TestImageIndex(t *testing.T) {
	t.Parallel()
	// The first channel's target is the second one's mass.
	withMasses := newImage(t, mibi.Metadata{}, []mibi.Channel{{Mass: 89, Target: "147"}, {Mass: 147, Target: "CD45"}, {Mass: 12}, {Mass: 150, Target: "CD11c"}})
	bare := newImage(t, mibi.Metadata{}, []mibi.Channel{{Target: "cells"}, {Target: "0"}, {Target: "nuclei (0)"}})
	for _, test := range []struct {
		image *mibitiff.Image
		label string
		want  int
		words string // of the error
	}{
		{image: withMasses, label: "CD45", want: 1},
		{image: withMasses, label: "CD45 (147)", want: 1},
		{image: withMasses, label: "147", want: 0},
		{image: withMasses, label: "147 (89)", want: 0},
		{image: withMasses, label: " 150 ", want: 3},
		{image: withMasses, label: "12", want: 2},
		{image: withMasses, label: "12 (12)", want: 2},
		{image: withMasses, label: "CD45 (89)", want: -1, words: `did you mean "CD45 (147)"? The image has "147 (89)", "CD45 (147)"`},
		{image: withMasses, label: "cd45", want: -1, words: `did you mean "CD45 (147)"?`},
		{image: withMasses, label: "cd 11C", want: -1, words: `did you mean "CD11c (150)"?`},
		{image: withMasses, label: "CD46", want: -1, words: `did you mean "CD45 (147)"?`},
		{image: withMasses, label: "Keratin", want: -1, words: `"Keratin"; the image has "147 (89)"`},
		{image: withMasses, label: "", want: -1, words: `""; the image has`},
		{image: withMasses, label: "\x1b[2J", want: -1, words: `"\x1b[2J"`},
		{image: bare, label: "cells", want: 0},
		{image: bare, label: "0", want: 1},
		{image: bare, label: "nuclei (0)", want: 2},
		{image: bare, label: "cells (0)", want: -1, words: `did you mean "cells"? The image has "cells", "0", "nuclei (0)"`},
		{image: bare, label: "cell", want: -1, words: `did you mean "cells"?`},
	} {
		got, err := test.image.Index(test.label)
		if got != test.want || (err == nil) != (test.want >= 0) {
			t.Errorf("%q: %d, %v; want %d", test.label, got, err, test.want)
		}
		if err != nil && (!errors.Is(err, mibitiff.ErrNoChannel) || !strings.Contains(err.Error(), test.words)) {
			t.Errorf("%q: %v; want %s", test.label, err, test.words)
		}
		plane, err := test.image.Plane(test.label)
		if (err == nil) != (test.want >= 0) {
			t.Errorf("plane %q: %v", test.label, err)
		}
		if err == nil && plane.At(0, 0) != float64(100*test.want) {
			t.Errorf("plane %q is another channel's", test.label)
		}
	}
}

func TestImageIndexOf(t *testing.T) {
	t.Parallel()
	im := newImage(t, mibi.Metadata{}, fourChannels())
	bare := newImage(t, mibi.Metadata{}, []mibi.Channel{{Target: "cells"}})
	for i, c := range im.Channels() {
		if got, err := im.IndexOf(c); got != i || err != nil {
			t.Errorf("%s: %d, %v", c, got, err)
		}
		if got, err := im.IndexByMass(c.Mass); got != i || err != nil {
			t.Errorf("mass %d: %d, %v", c.Mass, got, err)
		}
	}
	for name, err := range map[string]error{
		"target of another mass": second(im.IndexOf(mibi.Channel{Mass: 89, Target: "CD45"})),
		"mass":                   second(im.IndexByMass(90)),
		"mass of no masses":      second(bare.IndexByMass(0)),
		"channel of no masses":   second(bare.IndexOf(mibi.Channel{Mass: 1, Target: "cells"})),
		"position below":         second(im.PlaneAt(-1)),
		"position beyond":        second(im.PlaneAt(4)),
	} {
		if !errors.Is(err, mibitiff.ErrNoChannel) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if plane, err := im.PlaneAt(3); err != nil || plane.At(0, 0) != 300 {
		t.Errorf("position 3: %v", err)
	}
}

// TestImageListsFewChannels looks at the message about an image of more
// channels than anybody reads.
func TestImageListsFewChannels(t *testing.T) {
	t.Parallel()
	var channels []mibi.Channel
	for mass := range 500 {
		channels = append(channels, mibi.Channel{Mass: mass + 1, Target: "target " + strings.Repeat("x", 1000)[:mass]})
	}
	_, err := newImage(t, mibi.Metadata{}, channels).Index("none")
	if err == nil || len(err.Error()) > 20000 || !strings.Contains(err.Error(), "and 400 more") {
		t.Errorf("%.200v", err)
	}
}

func second[T any](_ T, err error) error { return err }
