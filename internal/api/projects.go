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
func (a *API) createProject(ctx context.Context, c *Call, _ *none) (*reply[wireProject], error) {
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
	var id int64
	err = a.Store.Write(ctx, func(tx *store.Tx) (err error) {
		if id, err = tx.AddProject(ctx, *name.Value, description.Value, c.Account.ID); err != nil || len(ch) == 0 {
			return err
		}
		return tx.UpdateProject(ctx, id, ch)
	})
	if err != nil {
		return nil, err
	}
	p, err := a.Store.Project(ctx, c.Viewer(), id)
	if err != nil {
		return nil, err
	}
	return created(projectWire(c.Viewer())(*p)), nil
}
