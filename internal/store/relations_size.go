package store

import "github.com/openmibi/openmibi/internal/model"

// maxRemembered is how many bytes of descriptions an object may bring along to
// be remembered. Few people write more; who does shall not fill the memory.
const maxRemembered = 4 << 10

// described is how many bytes of descriptions an object brings along: its own,
// and those of what it relates to.
func described(object any) int {
	switch o := object.(type) {
	case model.Run:
		n := textSize(o.Description) + inside(o.Project) + inside(o.Instrument)
		for _, s := range o.Slides {
			n += described(s)
		}
		return n
	case model.Section:
		return textSize(o.Description) + inside(o.Tissue) + inside(o.Slide) + inside(o.Panel) + inside(o.Project)
	case model.Slide:
		return textSize(o.Description) + inside(o.Project) + 8*(len(o.RunIDs)+len(o.SectionIDs))
	case model.Panel:
		return textSize(o.Description) + inside(o.Project)
	case model.Project:
		return textSize(o.Description)
	case model.Tissue:
		return textSize(o.Description)
	case model.Instrument:
		return textSize(o.Description)
	}
	return 0
}

func inside[T any](object *T) int {
	if object == nil {
		return 0
	}
	return described(*object)
}

func textSize(text *string) int {
	if text == nil {
		return 0
	}
	return len(*text)
}
