package api

import (
	"context"
	"net/http"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// listSections is GET /sections/.
func (a *API) listSections(c *Call, _ http.ResponseWriter, _ *http.Request) error {
	return list(c, store.SectionListing(), nil, sectionWire)
}

func (a *API) getSection(ctx context.Context, c *Call, in *byID) (*reply[wireSection], error) {
	s, err := a.Store.Section(ctx, c.Viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	return ok(sectionWire(*s)), nil
}

// createSection is POST /sections/.
func (a *API) createSection(ctx context.Context, c *Call, _ *none) (*written[wireSection], error) {
	g, err := c.given(nil)
	if err != nil {
		return nil, err
	}
	s := model.Section{
		Position: g.text("position", maxName).Value, Description: g.text("description", maxText).Value,
		Block: g.text("block", maxName).Value, CutDate: g.date("cut_date").Value, StainDate: g.date("stain_date").Value,
		ReceiveDate: g.date("receive_date").Value, CreatorID: c.Account.ID,
	}
	ids, err := c.sectionIDs(ctx, g)
	if err != nil {
		return nil, err
	}
	if err := g.err(); err != nil {
		return nil, err
	}
	return write(ctx, c, func(tx *store.Tx) (made wireSection, err error) {
		id, err := tx.AddSection(ctx, s, ids)
		if err != nil {
			return made, err
		}
		return show(sectionWire)(tx.Section(ctx, c.Viewer(), id))
	})
}

// sectionIDs reads what a section relates to.
func (c *Call) sectionIDs(ctx context.Context, g *given) (store.SectionIDs, error) {
	tissue, err := related(ctx, c, g, "tissue", forAll(c.api.Store.Tissue))
	if err != nil {
		return store.SectionIDs{}, err
	}
	slide, err := related(ctx, c, g, "slide", c.api.Store.Slide)
	if err != nil {
		return store.SectionIDs{}, err
	}
	panel, err := related(ctx, c, g, "panel", c.api.Store.Panel)
	if err != nil {
		return store.SectionIDs{}, err
	}
	project, err := c.projectTo(ctx, g, "project")
	return store.SectionIDs{Tissue: tissue.Value, Slide: slide.Value, Panel: panel.Value, Project: project.Value}, err
}
