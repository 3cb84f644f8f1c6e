package api

import (
	"context"
	"errors"
	"strconv"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// changes are the columns of an update.
type changes = []store.Change

// change sets a column to a field that was given; null clears it.
func change[T any](ch *changes, column string, o opt[T]) {
	switch {
	case !o.Given:
	case o.Value == nil:
		*ch = append(*ch, store.Change{Column: column})
	default:
		*ch = append(*ch, store.Change{Column: column, Value: *o.Value})
	}
}

// runFields are the fields of a run that a client writes.
type runFields struct {
	label, description, operator, date opt[string]
	fovSize, magnification             opt[float64]
	aperture, project, instrument      opt[int64]
	slides                             opt[[]int64]
}

const (
	maxSlides    = 100    // of a run, and shown with each of its images
	maxRunImages = 10_000 // a run is shown with all of them
)

// runFields reads the fields of a run: of the one before, or of a new one
// where that is nil, which needs a label and an instrument.
func (e *editing) runFields(ctx context.Context, before *model.Run) (f runFields) {
	now := or(before, model.Run{CreatorID: e.c.Account.ID})
	f.label = e.filled("label", maxName, before == nil)
	f.description, f.operator = e.text("description", maxText), e.text("operator", maxName)
	f.fovSize, f.magnification = e.number("fov_size"), e.number("magnification")
	// What the user gives wins, if it is a date at all.
	day := e.date("run_date")
	if f.date = e.date("user_run_date"); !f.date.Given {
		f.date = day
	}
	f.aperture = e.aperture(ctx, "aperture", now.Aperture)
	f.project = e.project(ctx, "project", now.Project, now.CreatorID)
	f.instrument = related(ctx, e, "instrument", toInstrument, now.Instrument)
	switch {
	case f.instrument.Given && f.instrument.Value == nil:
		e.bad("instrument", "This field may not be null.")
	case before == nil && !f.instrument.Given && e.wrong["instrument"] == nil:
		e.bad("instrument", "This field is required.")
	}
	f.slides = e.slides(ctx, now.Slides)
	return f
}

// slides reads the slides of a run, which the caller has to see. A deleted one
// can only stay: now are those that the run has.
func (e *editing) slides(ctx context.Context, now []model.Slide) opt[[]int64] {
	slides := e.ids("slides")
	if !slides.has() {
		return slides
	}
	if len(*slides.Value) > maxSlides {
		e.bad("slides", "More than "+strconv.Itoa(maxSlides)+" slides.")
		return slides
	}
	had := setOf(each(now, func(s model.Slide) int64 { return s.ID }))
	active, err := e.db.SlidesActive(ctx, e.c.Viewer(), *slides.Value)
	if err != nil {
		e.failed(err)
	}
	for _, id := range *slides.Value {
		switch living, seen := active[id]; {
		case !seen:
			e.bad("slides", "There is no slide "+formatID(id)+", or you may not see it.")
		case !living && !had[id]:
			e.bad("slides", "Slide "+formatID(id)+" is deleted.")
		}
	}
	return slides
}

// changes are the columns that the fields change.
func (f runFields) changes() (ch changes) {
	change(&ch, "label", f.label)
	change(&ch, "description", f.description)
	change(&ch, "operator", f.operator)
	change(&ch, "run_date", f.date)
	change(&ch, "fov_size", f.fovSize)
	change(&ch, "magnification", f.magnification)
	change(&ch, "aperture_id", f.aperture)
	change(&ch, "project_id", f.project)
	change(&ch, "instrument_id", f.instrument)
	return ch
}

// runConflict says which value is taken.
func runConflict(err error, label opt[string]) error {
	var conflict *store.ConflictError
	if errors.As(err, &conflict) && conflict.Field == "label" && label.has() {
		return fieldProblem("label", "A run with the label %s already exists.", quote(*label.Value))
	}
	return err
}
