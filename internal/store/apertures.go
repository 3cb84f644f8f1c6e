package store

import (
	"context"
	"strconv"

	"github.com/openmibi/openmibi/internal/model"
)

var apertureList = list{
	table: "apertures a", alias: "a",
	fields: Fields{
		"id": field(KindInt, "a.id"), "code": text("a.code"), "label": text("a.code"), "name": text("a.name"),
	},
	visible: everyone,
}

// ApertureListing lists apertures.
func ApertureListing() Listing[model.Aperture] {
	return Listing[model.Aperture]{apertureList, picked(forEveryone(func(q *Queries, ctx context.Context, _ []int64) (table[model.Aperture], error) {
		return q.apertureMap(ctx)
	}))}
}

// Apertures returns all apertures, deleted ones too, by code. They are few.
func (q *Queries) Apertures(ctx context.Context) ([]model.Aperture, error) {
	list, err := all(ctx, q, "SELECT id, code, name, active FROM apertures ORDER BY code", nil, scanAperture)
	return list, wrap(err, "load apertures")
}

func scanAperture(r scanner) (a model.Aperture, err error) {
	return a, r.Scan(&a.ID, &a.Code, &a.Name, &a.Active)
}

func (q *Queries) apertureRows(ctx context.Context) (table[model.Aperture], error) {
	list, err := q.Apertures(ctx)
	return tableOf(list, func(a model.Aperture) int64 { return a.ID }), err
}

// Aperture returns an aperture.
func (q *Queries) Aperture(ctx context.Context, id int64) (*model.Aperture, error) {
	m, err := q.apertureMap(ctx)
	if err != nil {
		return nil, err
	}
	return m.find(id)
}

// ApertureNamed returns an aperture by its code, or by its id as text.
func (q *Queries) ApertureNamed(ctx context.Context, name string) (*model.Aperture, error) {
	list, err := q.Apertures(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range list {
		if name == a.Code || name == strconv.FormatInt(a.ID, 10) {
			return &a, nil
		}
	}
	return nil, ErrNotFound
}

// AddAperture adds an aperture with these columns. A taken code is a
// [ConflictError].
func (t *Tx) AddAperture(ctx context.Context, columns []Change) (int64, error) {
	id, err := t.add(ctx, "apertures", columns)
	return id, orTaken(err, "code", columns)
}

// UpdateAperture changes columns of an aperture. A taken code is a
// [ConflictError].
func (t *Tx) UpdateAperture(ctx context.Context, id int64, changes []Change) error {
	return orTaken(t.update(ctx, "apertures", id, changes), "code", changes)
}
