package api

import (
	"context"
	"errors"
	"strings"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// wireApertureAlone is an aperture on its own; inside others it has no active.
type wireApertureAlone struct {
	wireAperture
	Active bool `json:"active"`
}

func apertureAloneWire(a model.Aperture) wireApertureAlone {
	return wireApertureAlone{apertureWire(a), a.Active}
}

// apertures are the routes of /apertures/, for administrators to change.
var apertures = &resource[model.Aperture, wireApertureAlone]{
	listing: store.ApertureListing,
	find:    forAll((*store.Queries).Aperture),
	wire:    toAll(apertureAloneWire),
	mayAdd:  (*Call).mayAddWord,
	mayEdit: func(c *Call, _ *model.Aperture) error { return c.mayEditWord(0) },
	write: columns(apertureFields, func(a *model.Aperture) int64 { return a.ID },
		withoutCreator(addAperture), (*store.Tx).UpdateAperture),
	update: (*store.Tx).UpdateAperture,
}

const (
	maxCode      = 16  // characters of an aperture's code
	maxApertures = 100 // every image that is shown looks among them
)

func apertureFields(_ context.Context, e *editing, before *model.Aperture) (ch changes) {
	code := e.filled("code", maxCode, before == nil)
	if code.has() && strings.Trim(*code.Value, "0123456789") == "" && *code.Value != "" {
		e.bad("code", "It may not be a number: an aperture is named by its id or by its code.")
	}
	if code.has() && strings.TrimSpace(*code.Value) != *code.Value {
		e.bad("code", "It may not begin or end with a space.")
	}
	change(&ch, "code", code)
	change(&ch, "name", e.filled("name", maxName, before == nil))
	return ch
}

func addAperture(tx *store.Tx, ctx context.Context, ch []store.Change) (int64, error) { //nolint:revive // it stands beside the methods of Tx
	all, err := tx.Apertures(ctx)
	if err != nil {
		return 0, err
	}
	if len(all) >= maxApertures {
		return 0, fieldProblem(nonField, "There are %d apertures already. Change one of them.", len(all))
	}
	return tx.AddAperture(ctx, ch)
}

// aperture reads an aperture, given by its id or its code.
func (e *editing) aperture(ctx context.Context, name string, now *model.Aperture) (o opt[int64]) {
	e.ask(anAperture(name))
	text, null, found := e.scalar(name)
	if !found {
		return o
	}
	if null {
		return opt[int64]{Given: true}
	}
	a, err := e.db.ApertureNamed(ctx, text)
	switch {
	case errors.Is(err, store.ErrNotFound):
		e.bad(name, "There is no aperture "+quote(text)+".")
		return o
	case err != nil:
		e.failed(err)
		return o
	case !a.Active && (now == nil || now.ID != a.ID):
		e.bad(name, deletedRelation)
	}
	return opt[int64]{true, &a.ID}
}
