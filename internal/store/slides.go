package store

import (
	"context"
	"slices"

	"github.com/openmibi/openmibi/internal/model"
)

var slideList = list{
	table: "slides s", alias: "s",
	joins: map[string]join{"project": {on: "projects p ON p.id = s.project_id"}},
	fields: Fields{
		"id": field(KindInt, "s.id"), "name": text("s.name"), "description": text("s.description"),
		"external_id": text("s.external_id"), "source": text("s.source"), "lot": text("s.lot"),
		"slide_type": text("s.slide_type"), "location": text("s.location"), "project": field(KindInt, "s.project_id"),
		"project__name": text("p.name").via("project"),
	},
	visible: projectVisible("s.project_id", "s.created_by"),
}

// Slide returns a slide that the viewer may see.
func (q *Queries) Slide(ctx context.Context, v Viewer, id int64) (*model.Slide, error) {
	if err := slideList.sees(ctx, q, v, id); err != nil {
		return nil, err
	}
	m, err := q.slideMap(ctx, v, []int64{id})
	if err != nil {
		return nil, err
	}
	return m.find(id)
}

// slideRows loads slides with the runs and sections that the viewer may see.
func (q *Queries) slideRows(ctx context.Context, v Viewer, ids []int64) (table[model.Slide], error) {
	if len(ids) == 0 {
		return nil, nil
	}
	type row struct {
		model.Slide
		project *int64
	}
	rows, err := byIDs(ctx, q, `SELECT id, name, description, external_id, source, lot, slide_type, location,
		project_id, created_by, active FROM slides WHERE id IN (%s)`, ids, func(r scanner) (s row, err error) {
		return s, r.Scan(&s.ID, &s.Name, &s.Description, &s.ExternalID, &s.Source, &s.Lot, &s.SlideType, &s.Location,
			&s.project, &s.CreatorID, &s.Active)
	})
	if err != nil {
		return nil, wrap(err, "load slides")
	}
	projects, err := q.projectMap(ctx, v, distinct(rows, func(r row) *int64 { return r.project }))
	if err != nil {
		return nil, err
	}
	runs, err := q.related(ctx, v, runList, `SELECT x.slide_id, x.run_id FROM run_slides x
		JOIN runs r ON r.id = x.run_id WHERE r.active AND x.slide_id IN (%s) ORDER BY x.run_id`, ids)
	if err != nil {
		return nil, err
	}
	sections, err := q.related(ctx, v, sectionList, "SELECT slide_id, id FROM sections WHERE active AND slide_id IN (%s) ORDER BY id", ids)
	if err != nil {
		return nil, err
	}
	m := make(table[model.Slide], len(rows))
	for _, r := range rows {
		r.Project, r.RunIDs, r.SectionIDs = projects.get(r.project), runs[r.ID], sections[r.ID]
		m[r.ID] = r.Slide
	}
	return m, nil
}

// related groups the ids of a relation by owner, without what the viewer may
// not see.
func (q *Queries) related(ctx context.Context, v Viewer, l list, query string, owners []int64) (map[int64][]int64, error) {
	type pair struct{ owner, id int64 }
	pairs, err := byIDs(ctx, q, query, owners, func(r scanner) (p pair, err error) { return p, r.Scan(&p.owner, &p.id) })
	if err != nil {
		return nil, wrap(err, "load relation to %s", l.table)
	}
	allowed, err := l.allowed(ctx, q, v, distinct(pairs, func(p pair) *int64 { return &p.id }))
	if err != nil {
		return nil, err
	}
	out := make(map[int64][]int64)
	for _, p := range pairs {
		if allowed[p.id] {
			out[p.owner] = append(out[p.owner], p.id)
		}
	}
	return out, nil
}

// AddSlide adds a slide with these columns.
func (t *Tx) AddSlide(ctx context.Context, creator int64, columns []Change) (int64, error) {
	return t.add(ctx, "slides", createdBy(creator, columns))
}

// UpdateSlide changes columns of a slide.
func (t *Tx) UpdateSlide(ctx context.Context, id int64, changes []Change) error {
	return t.update(ctx, "slides", id, changes)
}

// SlidesActive tells of each of some slides that the viewer may see whether it
// is there, or deleted. Others are not in it.
func (q *Queries) SlidesActive(ctx context.Context, v Viewer, ids []int64) (map[int64]bool, error) {
	seen, err := slideList.allowed(ctx, q, v, ids)
	if err != nil {
		return nil, err
	}
	living, err := byIDs(ctx, q, "SELECT id FROM slides WHERE active AND id IN (%s)", ids, scanInt64)
	out := make(map[int64]bool, len(seen))
	for id := range seen {
		out[id] = slices.Contains(living, id)
	}
	return out, wrap(err, "look for slides")
}

// RunSlides returns the ids of all slides of a run, also of those that nobody
// but administrators may see.
func (q *Queries) RunSlides(ctx context.Context, run int64) ([]int64, error) {
	ids, err := all(ctx, q, "SELECT slide_id FROM run_slides WHERE run_id = $1 ORDER BY slide_id", []any{run}, scanInt64)
	return ids, wrap(err, "slides of run %d", run)
}
