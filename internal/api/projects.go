package api

import (
	"context"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// projects are the routes of /projects/, for managers and administrators to
// change. A deleted project is no longer listed, and takes nothing new in;
// what lies in it stays where it is, and visible to the same people.
var projects = &resource[model.Project, wireProject]{
	listing: store.ProjectListing,
	find:    (*store.Queries).Project,
	wire:    projectWire,
	mayEdit: func(c *Call, p *model.Project) error { return c.mayManage(p) },
	write: columns(projectFields, func(p *model.Project) int64 { return p.ID },
		(*store.Tx).AddProject, (*store.Tx).UpdateProject),
	update: (*store.Tx).UpdateProject,
}

func projectFields(_ context.Context, e *editing, before *model.Project) (ch changes) {
	change(&ch, "name", e.filled("name", maxName, before == nil))
	change(&ch, "description", e.text("description", maxText))
	change(&ch, "is_public", e.boolean("is_public"))
	change(&ch, "can_share_images", e.boolean("can_share_images"))
	return ch
}
