package store

import (
	"context"

	"github.com/openmibi/openmibi/internal/model"
)

var sectionList = list{
	table: "sections sec", alias: "sec",
	joins: map[string]join{
		"tissue":  {on: "tissues t ON t.id = sec.tissue_id"},
		"project": {on: "projects p ON p.id = sec.project_id"},
		"slide":   {on: "slides s ON s.id = sec.slide_id", visible: slideList.visible},
		"panel":   {on: "panels pl ON pl.id = sec.panel_id", visible: panelList.visible},
	},
	fields: Fields{
		"id": field(KindInt, "sec.id"), "position": text("sec.position"), "description": text("sec.description"),
		"tissue": field(KindInt, "sec.tissue_id"), "slide": field(KindInt, "s.id").via("slide"), "panel": field(KindInt, "pl.id").via("panel"),
		"block": text("sec.block"), "cut_date": field(KindDate, "sec.cut_date"), "stain_date": field(KindDate, "sec.stain_date"),
		"receive_date": field(KindDate, "sec.receive_date"), "project": field(KindInt, "sec.project_id"),
		"tissue__organ": field(KindTextFold, "t.organ").via("tissue"), "tissue__diagnosis": text("t.diagnosis").via("tissue"),
		"slide__name": text("s.name").via("slide"), "panel__name": text("pl.name").via("panel"), "project__name": text("p.name").via("project"),
	},
	visible: projectVisible("sec.project_id", "sec.created_by"),
}

// Section returns a section that the viewer may see.
func (q *Queries) Section(ctx context.Context, v Viewer, id int64) (*model.Section, error) {
	if err := sectionList.sees(ctx, q, v, id); err != nil {
		return nil, err
	}
	m, err := q.sectionMap(ctx, v, []int64{id})
	if err != nil {
		return nil, err
	}
	return m.find(id)
}

func (q *Queries) sectionRows(ctx context.Context, v Viewer, ids []int64) (table[model.Section], error) {
	type row struct {
		model.Section
		tissue, slide, panel, project *int64
	}
	rows, err := byIDs(ctx, q, `SELECT id, position, description, tissue_id, slide_id, panel_id, block, cut_date, stain_date,
		receive_date, project_id, created_by, active FROM sections WHERE id IN (%s)`, ids, func(r scanner) (s row, err error) {
		return s, r.Scan(&s.ID, &s.Position, &s.Description, &s.tissue, &s.slide, &s.panel, &s.Block, &s.CutDate, &s.StainDate,
			&s.ReceiveDate, &s.project, &s.CreatorID, &s.Active)
	})
	if err != nil || len(rows) == 0 {
		return nil, wrap(err, "load sections")
	}
	tissues, err := q.tissueMap(ctx, distinct(rows, func(r row) *int64 { return r.tissue }))
	if err != nil {
		return nil, err
	}
	slides, err := q.slideMap(ctx, v, distinct(rows, func(r row) *int64 { return r.slide }))
	if err != nil {
		return nil, err
	}
	if slides, err = seen(ctx, q, v, slideList, slides); err != nil {
		return nil, err
	}
	panels, err := q.panelMap(ctx, v, distinct(rows, func(r row) *int64 { return r.panel }))
	if err != nil {
		return nil, err
	}
	if panels, err = seen(ctx, q, v, panelList, panels); err != nil {
		return nil, err
	}
	projects, err := q.projectMap(ctx, v, distinct(rows, func(r row) *int64 { return r.project }))
	if err != nil {
		return nil, err
	}
	m := make(table[model.Section], len(rows))
	for _, r := range rows {
		r.Tissue, r.Slide, r.Panel, r.Project = tissues.get(r.tissue), slides.get(r.slide), panels.get(r.panel), projects.get(r.project)
		m[r.ID] = r.Section
	}
	return m, nil
}

// AddSection adds a section with these columns.
func (t *Tx) AddSection(ctx context.Context, creator int64, columns []Change) (int64, error) {
	return t.add(ctx, "sections", createdBy(creator, columns))
}

// UpdateSection changes columns of a section.
func (t *Tx) UpdateSection(ctx context.Context, id int64, changes []Change) error {
	return t.update(ctx, "sections", id, changes)
}
