package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// listPanels is GET /panels/. The conjugates come with a panel on its own.
func (a *API) listPanels(c *Call, _ http.ResponseWriter, _ *http.Request) error {
	return list(c, store.PanelListing(), nil, panelRefWire)
}

func (a *API) getPanel(ctx context.Context, c *Call, in *byID) (*reply[wirePanel], error) {
	p, err := a.Store.Panel(ctx, c.Viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	return ok(panelWire(c.Account.ID)(*p)), nil
}

// createPanel is POST /panels/: JSON with the conjugates.
func (a *API) createPanel(ctx context.Context, c *Call, _ *none) (*written[wirePanel], error) {
	g, err := c.given(nil)
	if err != nil {
		return nil, err
	}
	name, draft := g.filled("name", maxName, true), g.boolean("is_draft")
	p := model.Panel{
		Description: g.text("description", maxText).Value, Dilution: g.number("dilution").Value,
		ManufactureDate: g.date("manufacture_date").Value, CreatorID: c.Account.ID, Conjugates: g.conjugates("conjugates"),
	}
	project, err := c.projectTo(ctx, g, "project")
	if err != nil {
		return nil, err
	}
	if err := g.err(); err != nil {
		return nil, err
	}
	p.Name, p.Draft = *name.Value, draft.has() && *draft.Value
	return write(ctx, c, func(tx *store.Tx) (made wirePanel, err error) {
		id, err := tx.AddPanel(ctx, p, project.Value)
		if err != nil {
			return made, err
		}
		return show(panelWire(c.Account.ID))(tx.Panel(ctx, c.Viewer(), id))
	})
}

const (
	maxConjugates = 1000
	maxMass       = 1000 // Da
)

// conjugates reads a panel's conjugates. What is wrong is named with its place.
func (g *given) conjugates(name string) []model.Conjugate {
	g.ask(someObjects(name, nil))
	raw, found := g.json[name]
	if !found {
		return nil
	}
	var items []map[string]json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		g.bad(name, "Expected a list of conjugates.")
		return nil
	}
	if len(items) > maxConjugates {
		g.bad(name, "More than "+strconv.Itoa(maxConjugates)+" conjugates.")
		return nil
	}
	out := make([]model.Conjugate, 0, len(items))
	for i, item := range items {
		one := g.nested(name, item)
		c := one.conjugate()
		for field, texts := range one.wrong {
			for _, text := range texts {
				g.bad(name, strconv.Itoa(i+1)+". conjugate, "+field+": "+text)
			}
		}
		out = append(out, c)
	}
	return out
}

func (g *given) conjugate() (c model.Conjugate) {
	target, mass, draft := g.filled("target", maxName, true), g.integer("mass", 1), g.boolean("is_draft")
	switch {
	case !mass.has() && g.wrong["mass"] == nil:
		g.bad("mass", "This field is required.")
	case mass.has() && *mass.Value > maxMass:
		g.bad("mass", "Ensure this value is at most "+strconv.Itoa(maxMass)+".")
	}
	c = model.Conjugate{
		ExternalID: g.text("external_id", maxName).Value, Clone: g.text("clone", maxName).Value, Element: g.text("element", maxName).Value,
		Concentration: g.number("concentration").Value, RecommendedTiter: g.number("recommended_titer").Value,
		Titer: g.number("titer").Value, TiterUnits: g.text("titer_units", maxName).Value, Volume: g.number("volume").Value,
		Lot: g.text("lot", maxName).Value, ManufactureDate: g.date("manufacture_date").Value,
		ExpirationDate: g.date("expiration_date").Value, BatchID: g.integer("batch_id", 0).Value,
	}
	if len(g.wrong) == 0 {
		c.Target, c.Mass, c.Draft = *target.Value, int(*mass.Value), draft.has() && *draft.Value
	}
	return c
}
