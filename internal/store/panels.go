package store

import (
	"context"

	"github.com/openmibi/openmibi/internal/model"
)

var panelList = list{
	table: "panels pl", alias: "pl",
	joins: map[string]join{
		"project":  {on: "projects p ON p.id = pl.project_id"}, // seen with what is in it
		"previous": {on: "panels before ON before.id = pl.previous_id", visible: projectVisible("before.project_id", "before.created_by")},
	},
	fields: Fields{
		"id": field(KindInt, "pl.id"), "name": text("pl.name"), "description": text("pl.description"),
		"manufacture_date": field(KindDate, "pl.manufacture_date"), "is_draft": field(KindBool, "pl.is_draft"),
		"dilution": field(KindFloat, "pl.dilution"), "project": field(KindInt, "pl.project_id"),
		"project__name": text("p.name").via("project"), "previous_id": field(KindInt, "before.id").via("previous"),
	},
	visible: projectVisible("pl.project_id", "pl.created_by"),
}

// Panel returns a panel that the viewer may see, with all that it has.
func (q *Queries) Panel(ctx context.Context, v Viewer, id int64) (*model.Panel, error) {
	if err := panelList.sees(ctx, q, v, id); err != nil {
		return nil, err
	}
	list, err := q.panelsByID(ctx, v, []int64{id})
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, ErrNotFound
	}
	return &list[0], nil
}

// panelsByID loads panels with all that they have, in the order of ids.
func (q *Queries) panelsByID(ctx context.Context, v Viewer, ids []int64) (list []model.Panel, err error) {
	err = q.snapshot(ctx, func(q *Queries) error {
		m, err := q.panelMap(ctx, v, ids)
		if err != nil {
			return err
		}
		list = pick(m, ids)
		at := make(map[int64]*model.Panel, len(list))
		for i := range list {
			at[list[i].ID] = &list[i]
		}
		conjugates, err := byIDs(ctx, q, conjugateQuery+" WHERE panel_id IN (%s) ORDER BY panel_id, position, id", ids, scanConjugate)
		if err != nil {
			return wrap(err, "load conjugates")
		}
		for _, c := range conjugates {
			at[c.PanelID].Conjugates = append(at[c.PanelID].Conjugates, c)
		}
		batches, err := byIDs(ctx, q, `SELECT id, panel_id, batch_id, volume, antibody_volume, buffer_volume, is_draft
			FROM batches WHERE panel_id IN (%s) ORDER BY panel_id, batch_id`, ids, func(r scanner) (b model.Batch, err error) {
			return b, r.Scan(&b.ID, &b.PanelID, &b.Number, &b.Volume, &b.AntibodyVolume, &b.BufferVolume, &b.Draft)
		})
		if err != nil {
			return wrap(err, "load batches")
		}
		for _, b := range batches {
			at[b.PanelID].Batches = append(at[b.PanelID].Batches, b)
		}
		return q.panelVersions(ctx, v, ids, at)
	})
	return list, err
}

// panelVersions fills which versions come before and after panels, as far as
// the viewer may see them. A deleted one does not come after.
func (q *Queries) panelVersions(ctx context.Context, v Viewer, ids []int64, at map[int64]*model.Panel) error {
	type version struct{ previous, id int64 }
	later, err := byIDs(ctx, q, "SELECT previous_id, id FROM panels WHERE active AND previous_id IN (%s) ORDER BY id", ids,
		func(r scanner) (n version, err error) { return n, r.Scan(&n.previous, &n.id) })
	if err != nil {
		return wrap(err, "load versions of panels")
	}
	var others []int64
	for _, p := range at {
		if p.PreviousID != nil {
			others = append(others, *p.PreviousID)
		}
	}
	for _, n := range later {
		others = append(others, n.id)
	}
	if len(others) == 0 {
		return nil
	}
	seen, err := panelList.allowed(ctx, q, v, others)
	if err != nil {
		return err
	}
	for _, p := range at {
		if p.PreviousID != nil && !seen[*p.PreviousID] {
			p.PreviousID = nil
		}
	}
	for _, n := range later {
		if seen[n.id] {
			at[n.previous].NextID = &n.id
		}
	}
	return nil
}

// panelRows loads panels without what they consist of.
func (q *Queries) panelRows(ctx context.Context, v Viewer, ids []int64) (table[model.Panel], error) {
	type row struct {
		model.Panel
		project *int64
	}
	rows, err := byIDs(ctx, q, `SELECT id, name, description, dilution, manufacture_date, is_draft, project_id, created_by, previous_id, active
		FROM panels WHERE id IN (%s)`, ids, func(r scanner) (p row, err error) {
		return p, r.Scan(&p.ID, &p.Name, &p.Description, &p.Dilution, &p.ManufactureDate, &p.Draft, &p.project, &p.CreatorID, &p.PreviousID, &p.Active)
	})
	if err != nil {
		return nil, wrap(err, "load panels")
	}
	projects, err := q.projectMap(ctx, v, distinct(rows, func(r row) *int64 { return r.project }))
	if err != nil {
		return nil, err
	}
	m := make(table[model.Panel], len(rows))
	for _, r := range rows {
		r.Project = projects.get(r.project)
		m[r.ID] = r.Panel
	}
	return m, nil
}
