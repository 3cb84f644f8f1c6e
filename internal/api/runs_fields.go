package api

import (
	"context"
	"errors"
	"strconv"

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
	fovSize                            opt[float64]
	aperture, project, instrument      opt[int64]
	slides                             opt[[]int64]
}

const maxSlides = 1000 // of a run

// runFields reads the fields of a run, and checks that the caller may relate
// to what they name. required: a new run's label and instrument.
func (c *Call) runFields(ctx context.Context, g *given, required bool) (f runFields, err error) {
	f.label = g.filled("label", maxName, required)
	f.description, f.operator = g.text("description", maxText), g.text("operator", maxName)
	f.fovSize = g.number("fov_size")
	if f.date = g.date("user_run_date"); !f.date.Given {
		f.date = g.date("run_date")
	}
	if f.aperture, err = c.aperture(ctx, g, "aperture"); err != nil {
		return f, err
	}
	if f.project, err = c.projectTo(ctx, g, "project"); err != nil {
		return f, err
	}
	if f.instrument, err = related(ctx, c, g, "instrument", forAll(c.api.Store.Instrument)); err != nil {
		return f, err
	}
	switch {
	case f.instrument.Given && f.instrument.Value == nil:
		g.bad("instrument", "This field may not be null.")
	case required && !f.instrument.Given && g.wrong["instrument"] == nil:
		g.bad("instrument", "This field is required.")
	}
	f.slides = g.ids("slides")
	if f.slides.has() && len(*f.slides.Value) > maxSlides {
		g.bad("slides", "More than "+strconv.Itoa(maxSlides)+" slides.")
		return f, nil
	}
	if f.slides.has() {
		for _, id := range *f.slides.Value {
			if _, err := c.api.Store.Slide(ctx, c.Viewer(), id); errors.Is(err, store.ErrNotFound) {
				g.bad("slides", "There is no slide "+formatID(id)+", or you may not see it.")
			} else if err != nil {
				return f, err
			}
		}
	}
	return f, nil
}

// runConflict says which value is taken.
func runConflict(err error, label opt[string]) error {
	var conflict *store.ConflictError
	if errors.As(err, &conflict) && conflict.Field == "label" && label.has() {
		return fieldProblem("label", "A run with the label %s already exists.", quote(*label.Value))
	}
	return err
}
