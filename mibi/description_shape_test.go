package mibi_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibi"
)

func TestDescriptionShape(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]int{
		"[16, 24]": {16, 24}, "[16,24,3]": {16, 24, 3}, `"[16, 24]"`: {16, 24}, "[16.0, 24]": {16, 24}, "[]": nil, "null": nil, "16": nil, "{}": nil,
		"[16, null]": nil, "[1.5, 1]": nil, `["a", 1]`: nil, "[99999999999999999999, 1]": nil, `"[1"`: nil, `"[1,]"`: nil, `"[1] 2"`: nil, `""`: nil,
		// A page has two sizes, or three: a million of them are not kept.
		"[1" + strings.Repeat(",1", 1<<20) + "]": nil,
	} {
		d, err := mibi.ParseDescription([]byte(`{"image.type": "SED", "shape": ` + text + "}"))
		if err != nil || !slices.Equal(d.Shape, want) {
			t.Errorf("%.40s is the shape %v, %v; want %v", text, d.Shape, err, want)
		}
	}
}
