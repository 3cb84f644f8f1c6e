package api

import (
	"context"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// slides are the routes of /slides/. Which runs a slide is in is said by the
// runs, which sections lie on it by the sections.
var slides = &resource[model.Slide, wireSlide]{
	listing: store.SlideListing,
	find:    (*store.Queries).Slide,
	wire:    toAll(slideWire),
	mayEdit: func(c *Call, s *model.Slide) error { return c.mayEdit(s.Project, s.CreatorID) },
	write: columns(slideFields, func(s *model.Slide) int64 { return s.ID },
		(*store.Tx).AddSlide, (*store.Tx).UpdateSlide),
	update: (*store.Tx).UpdateSlide,
}

func slideFields(ctx context.Context, e *editing, before *model.Slide) (ch changes) {
	change(&ch, "name", e.filled("name", maxName, before == nil))
	change(&ch, "description", e.text("description", maxText))
	for _, name := range []string{"external_id", "source", "lot", "slide_type", "location"} {
		change(&ch, name, e.text(name, maxName))
	}
	now := or(before, model.Slide{CreatorID: e.c.Account.ID})
	change(&ch, "project_id", e.project(ctx, "project", now.Project, now.CreatorID))
	return ch
}
