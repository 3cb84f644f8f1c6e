package store

import (
	"context"

	"github.com/openmibi/openmibi/internal/model"
)

// tissueName is [model.Tissue.Name] in SQL.
const tissueName = "t.organ || ' ' || t.subsite || ' [' || t.diagnosis || ']'"

var tissueList = list{
	table: "tissues t", alias: "t",
	fields: Fields{
		"id": field(KindInt, "t.id"), "description": text("t.description"), "organ": field(KindTextFold, "t.organ"),
		"subsite": text("t.subsite"), "diagnosis": text("t.diagnosis"), "name": text(tissueName),
		// The line between keeps a match from beginning in one and ending in the other.
		"search.q": field(KindContains, tissueName+" || '\n' || COALESCE(t.description, '')").noOrder(),
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

func (q *Queries) tissueRows(ctx context.Context, ids []int64) (table[model.Tissue], error) {
	list, err := byIDs(ctx, q, "SELECT id, description, organ, subsite, diagnosis, created_by, active FROM tissues WHERE id IN (%s)", ids,
		func(r scanner) (t model.Tissue, err error) {
			return t, r.Scan(&t.ID, &t.Description, &t.Organ, &t.Subsite, &t.Diagnosis, &t.CreatorID, &t.Active)
		})
	return tableOf(list, func(t model.Tissue) int64 { return t.ID }), wrap(err, "load tissues")
}

// AddTissue adds a tissue with these columns.
func (t *Tx) AddTissue(ctx context.Context, creator int64, columns []Change) (int64, error) {
	return t.add(ctx, "tissues", createdBy(creator, columns))
}

// UpdateTissue changes columns of a tissue.
func (t *Tx) UpdateTissue(ctx context.Context, id int64, changes []Change) error {
	return t.update(ctx, "tissues", id, changes)
}
