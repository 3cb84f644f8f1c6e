package api

import (
	"context"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// sections are the routes of /sections/.
var sections = &resource[model.Section, wireSection]{
	listing: store.SectionListing,
	find:    (*store.Queries).Section,
	wire:    toAll(sectionWire),
	mayEdit: func(c *Call, s *model.Section) error { return c.mayEdit(s.Project, s.CreatorID) },
	write: columns(sectionFields, func(s *model.Section) int64 { return s.ID },
		(*store.Tx).AddSection, (*store.Tx).UpdateSection),
	update: (*store.Tx).UpdateSection,
}

func sectionFields(ctx context.Context, e *editing, before *model.Section) (ch changes) {
	change(&ch, "position", e.text("position", maxName))
	change(&ch, "description", e.text("description", maxText))
	change(&ch, "block", e.text("block", maxName))
	for _, name := range []string{"cut_date", "stain_date", "receive_date"} {
		change(&ch, name, e.date(name))
	}
	now := or(before, model.Section{CreatorID: e.c.Account.ID})
	change(&ch, "tissue_id", related(ctx, e, "tissue", toTissue, now.Tissue))
	change(&ch, "slide_id", related(ctx, e, "slide", toSlide, now.Slide))
	change(&ch, "panel_id", related(ctx, e, "panel", toPanel, now.Panel))
	change(&ch, "project_id", e.project(ctx, "project", now.Project, now.CreatorID))
	return ch
}
