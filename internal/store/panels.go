package store

import (
	"context"

	"github.com/openmibi/openmibi/internal/model"
)

var panelList = list{
	table: "panels pl", alias: "pl",
	fields: Fields{
		"id": field(KindInt, "pl.id"), "name": text("pl.name"), "description": text("pl.description"),
		"manufacture_date": field(KindDate, "pl.manufacture_date"), "is_draft": field(KindBool, "pl.is_draft"),
		"project": field(KindInt, "pl.project_id"),
	},
	visible: projectVisible("pl.project_id", "pl.created_by"),
}

// Panel returns a panel that the viewer may see, with its conjugates.
func (q *Queries) Panel(ctx context.Context, v Viewer, id int64) (*model.Panel, error) {
	if err := panelList.sees(ctx, q, v, id); err != nil {
		return nil, err
	}
	m, err := q.panelMap(ctx, v, []int64{id})
	if err != nil {
		return nil, err
	}
	p, err := m.find(id)
	if err != nil {
		return nil, err
	}
	p.Conjugates, err = q.Conjugates(ctx, id)
	return p, err
}

func (q *Queries) panelMap(ctx context.Context, v Viewer, ids []int64) (table[model.Panel], error) {
	type row struct {
		model.Panel
		project *int64
	}
	rows, err := byIDs(ctx, q, `SELECT id, name, description, dilution, manufacture_date, is_draft, project_id, created_by, active
		FROM panels WHERE id IN (%s)`, ids, func(r scanner) (p row, err error) {
		return p, r.Scan(&p.ID, &p.Name, &p.Description, &p.Dilution, &p.ManufactureDate, &p.Draft, &p.project, &p.CreatorID, &p.Active)
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

// Conjugates returns the conjugates of a panel in the order they were added.
func (q *Queries) Conjugates(ctx context.Context, panel int64) ([]model.Conjugate, error) {
	list, err := all(ctx, q, `SELECT id, panel_id, external_id, target, clone, mass, element, concentration, recommended_titer,
		titer, titer_units, volume, lot, manufacture_date, expiration_date, batch_id, is_draft
		FROM conjugates WHERE panel_id = $1 ORDER BY id`, []any{panel}, func(r scanner) (c model.Conjugate, err error) {
		return c, r.Scan(&c.ID, &c.PanelID, &c.ExternalID, &c.Target, &c.Clone, &c.Mass, &c.Element, &c.Concentration,
			&c.RecommendedTiter, &c.Titer, &c.TiterUnits, &c.Volume, &c.Lot, &c.ManufactureDate, &c.ExpirationDate, &c.BatchID, &c.Draft)
	})
	return list, wrap(err, "load conjugates of panel %d", panel)
}

// AddPanel adds a panel with its conjugates.
func (t *Tx) AddPanel(ctx context.Context, p model.Panel, project *int64) (int64, error) {
	id, err := t.insert(ctx, "panels",
		[]string{"name", "description", "dilution", "manufacture_date", "is_draft", "project_id", "created_by"},
		[]any{p.Name, p.Description, p.Dilution, p.ManufactureDate, p.Draft, project, p.CreatorID})
	if err != nil {
		return 0, err
	}
	for _, c := range p.Conjugates {
		_, err := t.insert(ctx, "conjugates",
			[]string{"panel_id", "external_id", "target", "clone", "mass", "element", "concentration", "recommended_titer", "titer",
				"titer_units", "volume", "lot", "manufacture_date", "expiration_date", "batch_id", "is_draft"},
			[]any{id, c.ExternalID, c.Target, c.Clone, c.Mass, c.Element, c.Concentration, c.RecommendedTiter, c.Titer,
				c.TiterUnits, c.Volume, c.Lot, c.ManufactureDate, c.ExpirationDate, c.BatchID, c.Draft})
		if err != nil {
			return 0, err
		}
	}
	return id, nil
}
