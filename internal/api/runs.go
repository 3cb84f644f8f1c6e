package api

import (
	"context"
	"maps"
	"slices"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// runs are the routes of /runs/, but for creating one: see createRun. A
// deleted run takes its images along, and its label stays taken.
var runs = &resource[model.Run, wireRun]{
	listing: store.RunListing,
	find:    (*store.Queries).Run,
	wire:    toAll(runWire),
	mayEdit: func(c *Call, r *model.Run) error { return c.mayEdit(r.Project, r.CreatorID) },
	write:   writeRun,
	update:  (*store.Tx).UpdateRun,
}

// writeRun is write for runs that are there.
func writeRun(ctx context.Context, e *editing, before *model.Run) (int64, error) {
	f := e.runFields(ctx, before)
	ch := f.changes()
	change(&ch, "name", e.filled("name", maxName, false))
	change(&ch, "active", e.boolean("active"))
	if err := e.err(); err != nil {
		return 0, err
	}
	if err := e.tx.UpdateRun(ctx, before.ID, ch); err != nil {
		return 0, runConflict(err, f.label)
	}
	if !f.slides.Given {
		return before.ID, nil
	}
	slides, err := e.slidesOfRun(ctx, before, f.slides)
	if err != nil {
		return 0, err
	}
	return before.ID, e.tx.SetRunSlides(ctx, before.ID, slides)
}

// slidesOfRun is all slides that a run will have: those given stand for those
// that the caller was shown, and hidden ones stay.
func (e *editing) slidesOfRun(ctx context.Context, before *model.Run, to opt[[]int64]) ([]int64, error) {
	had, err := e.db.RunSlides(ctx, before.ID)
	if err != nil {
		return nil, err
	}
	all := setOf(had)
	for _, shown := range before.Slides {
		delete(all, shown.ID)
	}
	if to.has() {
		maps.Copy(all, setOf(*to.Value))
	}
	return slices.Sorted(maps.Keys(all)), nil
}
