package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

func formatID(id int64) string { return strconv.FormatInt(id, 10) }

// listApertures is GET /apertures/.
func (a *API) listApertures(c *Call, _ http.ResponseWriter, r *http.Request) error {
	rows, err := a.Store.Apertures(r.Context())
	if err != nil {
		return err
	}
	return list(c, memoryList[model.Aperture]{
		rows: rows,
		values: map[string]func(model.Aperture) any{
			"id":    func(a model.Aperture) any { return a.ID },
			"code":  func(a model.Aperture) any { return a.Code },
			"label": func(a model.Aperture) any { return a.Code },
			"name":  func(a model.Aperture) any { return a.Name },
		},
		kinds: map[string]store.Kind{"id": store.KindInt},
	}, nil, apertureWire)
}

func (a *API) getAperture(ctx context.Context, _ *Call, in *byID) (*reply[wireAperture], error) {
	all, err := a.Store.Apertures(ctx)
	if err != nil {
		return nil, err
	}
	for _, aperture := range all {
		if aperture.ID == in.ID {
			return ok(apertureWire(aperture)), nil
		}
	}
	return nil, notFoundProblem()
}

// listInstruments is GET /instruments/.
func (a *API) listInstruments(c *Call, _ http.ResponseWriter, _ *http.Request) error {
	return list(c, store.InstrumentListing(), nil, instrumentWire)
}

func (a *API) getInstrument(ctx context.Context, _ *Call, in *byID) (*reply[wireInstrument], error) {
	n, err := a.Store.Instrument(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return ok(instrumentWire(*n)), nil
}

// createInstrument is POST /instruments/, for administrators.
func (a *API) createInstrument(ctx context.Context, c *Call, _ *none) (*written[wireInstrument], error) {
	if !c.Account.Admin {
		return nil, forbidden("Only administrators add instruments.")
	}
	g, err := c.given(nil)
	if err != nil {
		return nil, err
	}
	name, description := g.filled("name", maxName, true), g.text("description", maxText)
	if err := g.err(); err != nil {
		return nil, err
	}
	return write(ctx, c, func(tx *store.Tx) (made wireInstrument, err error) {
		id, err := tx.AddInstrument(ctx, *name.Value, description.Value)
		if err != nil {
			return made, err
		}
		return show(instrumentWire)(tx.Instrument(ctx, id))
	})
}

// listTissues is GET /tissues/.
func (a *API) listTissues(c *Call, _ http.ResponseWriter, _ *http.Request) error {
	return list(c, store.TissueListing(), nil, tissueWire)
}

func (a *API) getTissue(ctx context.Context, _ *Call, in *byID) (*reply[wireTissue], error) {
	t, err := a.Store.Tissue(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return ok(tissueWire(*t)), nil
}

// createTissue is POST /tissues/. Tissues are the lab's common vocabulary:
// every account adds to it.
func (a *API) createTissue(ctx context.Context, c *Call, _ *none) (*written[wireTissue], error) {
	g, err := c.given(nil)
	if err != nil {
		return nil, err
	}
	organ, description := g.filled("organ", maxName, true), g.text("description", maxText)
	subsite, diagnosis := g.text("subsite", maxName), g.text("diagnosis", maxName)
	if err := g.err(); err != nil {
		return nil, err
	}
	t := model.Tissue{Description: description.Value, Organ: *organ.Value, CreatorID: c.Account.ID}
	if subsite.has() {
		t.Subsite = *subsite.Value
	}
	if diagnosis.has() {
		t.Diagnosis = *diagnosis.Value
	}
	return write(ctx, c, func(tx *store.Tx) (made wireTissue, err error) {
		id, err := tx.AddTissue(ctx, t)
		if err != nil {
			return made, err
		}
		return show(tissueWire)(tx.Tissue(ctx, id))
	})
}
