package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// wireImageSet is an image set on its own.
type wireImageSet struct {
	ID          int64           `json:"id"`
	Name        string          `json:"name"`
	Description *string         `json:"description"`
	Project     *wireProjectRef `json:"project"`
	Run         *int64          `json:"run"`
	Images      []wireImageRef  `json:"images"`
	Active      bool            `json:"active"`
}

func imageSetWire(s model.ImageSet) wireImageSet {
	return wireImageSet{
		ID: s.ID, Name: s.Name, Description: s.Description, Project: maybe(s.Project, projectRefWire), Run: s.RunID,
		Images: each(s.Images, imageRefWire), Active: s.Active,
	}
}

// listImageSets is GET /imagesets/.
func (a *API) listImageSets(c *Call, _ http.ResponseWriter, _ *http.Request) error {
	return list(c, store.ImageSetListing(), nil, imageSetWire)
}

func (a *API) getImageSet(ctx context.Context, c *Call, in *byID) (*reply[wireImageSet], error) {
	s, err := a.Store.ImageSet(ctx, c.Viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	return ok(imageSetWire(*s)), nil
}

// createImageSet is POST /imagesets/.
func (a *API) createImageSet(ctx context.Context, c *Call, _ *none) (*written[wireImageSet], error) {
	g, err := c.given(nil)
	if err != nil {
		return nil, err
	}
	name, description := g.filled("name", maxName, true), g.text("description", maxText)
	images := g.ids("images")
	if (!images.has() || len(*images.Value) == 0) && g.wrong["images"] == nil {
		g.bad("images", "This field is required: a list of ids.")
	}
	project, err := c.projectTo(ctx, g, "project")
	if err != nil {
		return nil, err
	}
	if images.has() && g.wrong["project"] == nil {
		if err := c.checkSetImages(ctx, g, *images.Value, project.Value); err != nil {
			return nil, err
		}
	}
	if err := g.err(); err != nil {
		return nil, err
	}
	s := model.ImageSet{Name: *name.Value, Description: description.Value, CreatorID: c.Account.ID}
	return write(ctx, c, func(tx *store.Tx) (made wireImageSet, err error) {
		id, err := tx.AddImageSet(ctx, s, project.Value, *images.Value)
		if err != nil {
			return made, err
		}
		return show(imageSetWire)(tx.ImageSet(ctx, c.Viewer(), id))
	})
}

// checkSetImages notes which images cannot be in a new set: the caller must
// see each, and in a project's set each must be of that project, or of another
// one that shares its images.
func (c *Call) checkSetImages(ctx context.Context, g *given, ids []int64, project *int64) error {
	db, viewer := c.api.Store, c.Viewer()
	seen, err := db.SeesImages(ctx, viewer, ids)
	if err != nil {
		return err
	}
	owners, err := db.ImageProjects(ctx, ids)
	if err != nil {
		return err
	}
	shares := map[int64]bool{}
	if project != nil {
		shares[*project] = true
	}
	for _, id := range ids {
		if !seen[id] {
			g.bad("images", "There is no image "+formatID(id)+", or you may not see it.")
			continue
		}
		if project == nil {
			continue
		}
		owner := owners[id]
		if owner == nil {
			g.bad("images", "Image "+formatID(id)+" is in no project.")
			continue
		}
		may, known := shares[*owner]
		if !known {
			p, err := db.Project(ctx, viewer, *owner)
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return err
			}
			may = err == nil && p.ShareImages
			shares[*owner] = may
		}
		if !may {
			g.bad("images", "Image "+formatID(id)+" is in another project, which does not share its images.")
		}
	}
	return nil
}
