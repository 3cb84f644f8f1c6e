package store

import (
	"context"

	"github.com/openmibi/openmibi/internal/model"
)

var instrumentList = list{
	table: "instruments n", alias: "n",
	fields: Fields{"id": field(KindInt, "n.id"), "name": text("n.name"), "description": text("n.description")},

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

func (q *Queries) instrumentMap(ctx context.Context, ids []int64) (table[model.Instrument], error) {
	list, err := byIDs(ctx, q, "SELECT id, name, description, active FROM instruments WHERE id IN (%s)", ids,
		func(r scanner) (n model.Instrument, err error) {
			return n, r.Scan(&n.ID, &n.Name, &n.Description, &n.Active)
		})
	return tableOf(list, func(n model.Instrument) int64 { return n.ID }), wrap(err, "load instruments")
}

// AddInstrument adds an instrument. A taken name is a [ConflictError].
func (t *Tx) AddInstrument(ctx context.Context, name string, description *string) (int64, error) {
	id, err := t.insert(ctx, "instruments", []string{"name", "description"}, []any{name, description})
	if unique(err) {
		return 0, &ConflictError{Field: "name", Value: name}
	}
	return id, err
}

// Apertures returns all apertures, by code.
func (q *Queries) Apertures(ctx context.Context) ([]model.Aperture, error) {
	list, err := all(ctx, q, "SELECT id, code, name FROM apertures ORDER BY code", nil,
		func(r scanner) (a model.Aperture, err error) { return a, r.Scan(&a.ID, &a.Code, &a.Name) })
	return list, wrap(err, "load apertures")
}

func (q *Queries) apertureMap(ctx context.Context) (table[model.Aperture], error) {
	list, err := q.Apertures(ctx)
	return tableOf(list, func(a model.Aperture) int64 { return a.ID }), err
}

var tissueList = list{
	table: "tissues t", alias: "t",
	fields: Fields{
		"id": field(KindInt, "t.id"), "description": text("t.description"), "organ": field(KindTextFold, "t.organ"),
		"subsite": text("t.subsite"), "diagnosis": text("t.diagnosis"),
	},
	visible: everyone,
}

// Tissue returns a tissue.
func (q *Queries) Tissue(ctx context.Context, id int64) (*model.Tissue, error) {
	m, err := q.tissueMap(ctx, []int64{id})
	if err != nil {
		return nil, err
	}
	return m.find(id)
}

func (q *Queries) tissueMap(ctx context.Context, ids []int64) (table[model.Tissue], error) {
	list, err := byIDs(ctx, q, "SELECT id, description, organ, subsite, diagnosis, created_by, active FROM tissues WHERE id IN (%s)", ids,
		func(r scanner) (t model.Tissue, err error) {
			return t, r.Scan(&t.ID, &t.Description, &t.Organ, &t.Subsite, &t.Diagnosis, &t.CreatorID, &t.Active)
		})
	return tableOf(list, func(t model.Tissue) int64 { return t.ID }), wrap(err, "load tissues")
}

// AddTissue adds a tissue.
func (t *Tx) AddTissue(ctx context.Context, v model.Tissue) (int64, error) {
	return t.insert(ctx, "tissues", []string{"description", "organ", "subsite", "diagnosis", "created_by"},
		[]any{v.Description, v.Organ, v.Subsite, v.Diagnosis, v.CreatorID})
}
