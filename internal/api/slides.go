package api

import (
	"context"
	"net/http"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// listSlides is GET /slides/.
func (a *API) listSlides(c *Call, _ http.ResponseWriter, _ *http.Request) error {
	return list(c, store.SlideListing(), nil, slideWire)
}

func (a *API) getSlide(ctx context.Context, c *Call, in *byID) (*reply[wireSlide], error) {
	s, err := a.Store.Slide(ctx, c.Viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	return ok(slideWire(*s)), nil
}

// createSlide is POST /slides/.
func (a *API) createSlide(ctx context.Context, c *Call, _ *none) (*written[wireSlide], error) {
	g, err := c.given(nil)
	if err != nil {
		return nil, err
	}
	name := g.filled("name", maxName, true)
	s := model.Slide{
		Description: g.text("description", maxText).Value, ExternalID: g.text("external_id", maxName).Value,
		Source: g.text("source", maxName).Value, Lot: g.text("lot", maxName).Value, SlideType: g.text("slide_type", maxName).Value,
		Location: g.text("location", maxName).Value, CreatorID: c.Account.ID,
	}
	project, err := c.projectTo(ctx, g, "project")
	if err != nil {
		return nil, err
	}
	if err := g.err(); err != nil {
		return nil, err
	}
	s.Name = *name.Value
	return write(ctx, c, func(tx *store.Tx) (made wireSlide, err error) {
		id, err := tx.AddSlide(ctx, s, project.Value)
		if err != nil {
			return made, err
		}
		return show(slideWire)(tx.Slide(ctx, c.Viewer(), id))
	})
}
