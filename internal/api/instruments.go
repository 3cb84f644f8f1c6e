package api

import (
	"context"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// instruments are the routes of /instruments/, for administrators to change.
var instruments = &resource[model.Instrument, wireInstrument]{
	listing: store.InstrumentListing,
	find:    forAll((*store.Queries).Instrument),
	wire:    toAll(instrumentWire),
	mayAdd:  (*Call).mayAddWord,
	mayEdit: func(c *Call, _ *model.Instrument) error { return c.mayEditWord(0) },
	write: columns(instrumentFields, func(n *model.Instrument) int64 { return n.ID },
		withoutCreator((*store.Tx).AddInstrument), (*store.Tx).UpdateInstrument),
	update: (*store.Tx).UpdateInstrument,
}

func instrumentFields(_ context.Context, e *editing, before *model.Instrument) (ch changes) {
	change(&ch, "name", e.filled("name", maxName, before == nil))
	change(&ch, "description", e.text("description", maxText))
	return ch
}

// withoutCreator adapts what adds objects that do not keep who made them.
func withoutCreator(add func(*store.Tx, context.Context, []store.Change) (int64, error)) func(*store.Tx, context.Context, int64, []store.Change) (int64, error) {
	return func(tx *store.Tx, ctx context.Context, _ int64, ch []store.Change) (int64, error) {
		return add(tx, ctx, ch)
	}
}
