package store

import (
	"context"

	"github.com/openmibi/openmibi/internal/model"
)

var instrumentList = list{
	table: "instruments n", alias: "n",
	fields:  Fields{"id": field(KindInt, "n.id"), "name": text("n.name"), "description": text("n.description")},
	visible: everyone,
}

// Instrument returns an instrument.
func (q *Queries) Instrument(ctx context.Context, id int64) (*model.Instrument, error) {
	m, err := q.instrumentMap(ctx, []int64{id})
	if err != nil {
		return nil, err
	}
	return m.find(id)
}

func (q *Queries) instrumentRows(ctx context.Context, ids []int64) (table[model.Instrument], error) {
	list, err := byIDs(ctx, q, "SELECT id, name, description, active FROM instruments WHERE id IN (%s)", ids,
		func(r scanner) (n model.Instrument, err error) {
			return n, r.Scan(&n.ID, &n.Name, &n.Description, &n.Active)
		})
	return tableOf(list, func(n model.Instrument) int64 { return n.ID }), wrap(err, "load instruments")
}

// AddInstrument adds an instrument with these columns. A taken name is a
// [ConflictError].
func (t *Tx) AddInstrument(ctx context.Context, columns []Change) (int64, error) {
	id, err := t.add(ctx, "instruments", columns)
	return id, orTaken(err, "name", columns)
}

// UpdateInstrument changes columns of an instrument. A taken name is a
// [ConflictError].
func (t *Tx) UpdateInstrument(ctx context.Context, id int64, changes []Change) error {
	return orTaken(t.update(ctx, "instruments", id, changes), "name", changes)
}
