package api

import (
	"context"
	"net/http"

	"github.com/openmibi/openmibi/internal/store"
)

// listProjects is GET /projects/.
func (a *API) listProjects(c *Call, _ http.ResponseWriter, _ *http.Request) error {
	return list(c, store.ProjectListing(), nil, projectWire(c.Viewer()))
}

func (a *API) getProject(ctx context.Context, c *Call, in *byID) (*reply[wireProject], error) {
	p, err := a.Store.Project(ctx, c.Viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	return ok(projectWire(c.Viewer())(*p)), nil
}

// createProject is POST /projects/: the caller becomes its manager.
func (a *API) createProject(ctx context.Context, c *Call, _ *none) (*written[wireProject], error) {
	g, err := c.given(nil)
	if err != nil {
		return nil, err
	}
	name, description := g.filled("name", maxName, true), g.text("description", maxText)
	public, share := g.boolean("is_public"), g.boolean("can_share_images")
	if err := g.err(); err != nil {
		return nil, err
	}
	var ch changes
	change(&ch, "is_public", public)
	change(&ch, "can_share_images", share)
	return write(ctx, c, func(tx *store.Tx) (made wireProject, err error) {
		id, err := tx.AddProject(ctx, *name.Value, description.Value, c.Account.ID)
		if err != nil {
			return made, err
		}
		if len(ch) > 0 {
			if err := tx.UpdateProject(ctx, id, ch); err != nil {
				return made, err
			}
		}
		return show(projectWire(c.Viewer()))(tx.Project(ctx, c.Viewer(), id))
	})
}
