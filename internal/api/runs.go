package api

import (
	"context"
	"net/http"

	"github.com/openmibi/openmibi/internal/store"
)

// listRuns is GET /runs/.
func (a *API) listRuns(c *Call, _ http.ResponseWriter, _ *http.Request) error {
	return list(c, store.RunListing(), nil, runWire)
}

// getRun is GET /runs/{id}/, for deleted runs, too.
func (a *API) getRun(ctx context.Context, c *Call, in *byID) (*reply[wireRun], error) {
	run, err := a.Store.Run(ctx, c.Viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	return ok(runWire(*run)), nil
}

// changeRun is PUT and PATCH /runs/{id}/: the fields given change, the others
// stay.
func (a *API) changeRun(ctx context.Context, c *Call, in *byID) (*reply[wireRun], error) {
	run, err := a.Store.Run(ctx, c.Viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	if err := c.mayEdit(run.Project, run.CreatorID); err != nil {
		return nil, err
	}
	g, err := c.given(nil)
	if err != nil {
		return nil, err
	}
	f, err := c.runFields(ctx, g, false)
	if err != nil {
		return nil, err
	}
	name, magnification, active := g.filled("name", maxName, false), g.number("magnification"), g.boolean("active")
	if f.project.Given && f.project.Value == nil && c.mayEdit(nil, run.CreatorID) != nil {
		g.bad("project", "Only who made the run takes it out of its project.")
	}
	if err := g.err(); err != nil {
		return nil, err
	}
	var ch changes
	change(&ch, "label", f.label)
	change(&ch, "name", name)
	change(&ch, "description", f.description)
	change(&ch, "operator", f.operator)
	change(&ch, "run_date", f.date)
	change(&ch, "fov_size", f.fovSize)
	change(&ch, "magnification", magnification)
	change(&ch, "aperture_id", f.aperture)
	change(&ch, "project_id", f.project)
	change(&ch, "instrument_id", f.instrument)
	change(&ch, "active", active)
	err = c.write(ctx, func(tx *store.Tx) error {
		if err := tx.UpdateRun(ctx, in.ID, ch); err != nil {
			return runConflict(err, f.label)
		}
		if !f.slides.Given {
			return nil
		}
		var ids []int64
		if f.slides.Value != nil {
			ids = *f.slides.Value
		}
		return tx.SetRunSlides(ctx, in.ID, ids)
	})
	if err != nil {
		return nil, err
	}
	if run, err = a.Store.Run(ctx, c.Viewer(), in.ID); err != nil {
		return nil, err
	}
	return ok(runWire(*run)), nil
}

// deleteRun is DELETE /runs/{id}/: it is hidden, and its label stays taken.
func (a *API) deleteRun(ctx context.Context, c *Call, in *byID) (*nothing, error) {
	run, err := a.Store.Run(ctx, c.Viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	if err := c.mayEdit(run.Project, run.CreatorID); err != nil {
		return nil, err
	}
	err = c.write(ctx, func(tx *store.Tx) error {
		return tx.UpdateRun(ctx, in.ID, changes{{Column: "active", Value: false}})
	})
	if err != nil {
		return nil, err
	}
	return &nothing{}, nil
}
