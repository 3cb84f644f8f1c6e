package store

import (
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/model"
)

// What brings long descriptions along is read each time, and what does not is
// remembered.
func TestLongDescriptionsAreNotRemembered(t *testing.T) {
	t.Parallel()
	long, short := strings.Repeat("x", maxRemembered+1), "short"
	project := func(d *string) *model.Project { return &model.Project{Description: d} }
	slide := func(d *string) model.Slide { return model.Slide{Project: project(d)} }
	panel := func(d *string) *model.Panel { return &model.Panel{Project: project(d)} }
	for name, make := range map[string]func(*string) any{
		"project": func(d *string) any { return *project(d) }, "slide": func(d *string) any { return slide(d) },
		"panel": func(d *string) any { return *panel(d) }, "tissue": func(d *string) any { return model.Tissue{Description: d} },
		"instrument": func(d *string) any { return model.Instrument{Description: d} },
		"section":    func(d *string) any { return model.Section{Panel: panel(d)} },
		"run":        func(d *string) any { return model.Run{Slides: []model.Slide{slide(nil), slide(d)}} },
	} {
		for text, want := range map[*string]bool{&long: false, &short: true, nil: true} {
			cache := &relationCache{objects: map[relationKey]any{}}
			view := &relationView{cache: cache}
			put(view, Viewer{}, name, map[int64]any{1: make(text)})
			missing := get(view, Viewer{}, name, []int64{1}, map[int64]any{})
			if (len(missing) == 0) != want {
				t.Errorf("%s: remembered is %v, want %v", name, !want, want)
			}
		}
	}
}
