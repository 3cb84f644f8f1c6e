package store

import (
	"context"
	"strings"
)

// dims are the small tables that images relate to, each by id, and what of
// them lists look at.
type dims struct {
	runs        []runDim
	sections    []sectionDim
	slides      []ownedDim
	panels      []panelDim
	tissues     []tissueDim
	projects    []projectDim
	instruments []string
	sets        []setDim
	members     map[int64]map[uint32]bool // the projects of an account
}

type runDim struct {
	active      bool
	scope       uint32
	instrument  uint32
	label, name string
	date        *string
}

// ownedDim has a name, and who may see it.
type ownedDim struct {
	exists bool
	scope  uint32
	name   string
}

type sectionDim struct {
	ownedDim

	slide, panel uint32
}

type panelDim struct {
	ownedDim

	masses  []int64
	targets []string // folded
}

type tissueDim struct {
	exists                    bool
	organ, subsite, diagnosis string
}

type projectDim struct {
	exists, public bool
	name           string
}

// setDim is a set of channels. Its names are shared by all that shows them.
type setDim struct {
	names  []string
	folded []string
	masses []int64
}

func at[T any](list []T, id uint32) T {
	if int(id) < len(list) {
		return list[id]
	}
	var none T
	return none
}

// place makes room for an id and sets its row.
func place[T any](list []T, id int64, v T) []T {
	if int64(len(list)) <= id {
		list = append(list, make([]T, id+1-int64(len(list)))...)
	}
	list[id] = v
	return list
}

func (d *dims) runAt(id uint32) runDim { return at(d.runs, id) }

// named is a row of a table, read.
type named[T any] struct {
	id int64
	v  T
}

// loadRuns reads runs: all of them, or those of ids.
func (q *Queries) loadRuns(ctx context.Context, ids []int64) ([]named[runDim], error) {
	const query = "SELECT id, active, COALESCE(project_id, 0), created_by, instrument_id, label, name, run_date FROM runs"
	scan := func(r scanner) (d named[runDim], err error) {
		var project, creator int64
		err = r.Scan(&d.id, &d.v.active, &project, &creator, &d.v.instrument, &d.v.label, &d.v.name, &d.v.date)
		d.v.scope = scopeOf(project, creator)
		return d, err
	}
	if ids == nil {
		return all(ctx, q, query, nil, scan)
	}
	return byIDs(ctx, q, query+" WHERE id IN (%s)", ids, scan)
}

// loadDims reads the small tables of some kinds anew; nil means all but runs.
func (d *dims) load(ctx context.Context, q *Queries, kinds map[string]bool) error {
	for kind, load := range map[string]func(context.Context, *Queries) error{
		"section": d.loadSections, "slide": d.loadSlides, "panel": d.loadPanels, "tissue": d.loadTissues,
		"project": d.loadProjects, "instrument": d.loadInstruments, "member": d.loadMembers,
	} {
		if kinds == nil || kinds[kind] {
			if err := load(ctx, q); err != nil {
				return wrap(err, "read %ss for lists", kind)
			}
		}
	}
	return nil
}

func (d *dims) loadSections(ctx context.Context, q *Queries) error {
	rows, err := all(ctx, q, "SELECT id, COALESCE(project_id, 0), created_by, COALESCE(slide_id, 0), COALESCE(panel_id, 0) FROM sections", nil,
		func(r scanner) (s named[sectionDim], err error) {
			var project, creator int64
			err = r.Scan(&s.id, &project, &creator, &s.v.slide, &s.v.panel)
			s.v.exists, s.v.scope = true, scopeOf(project, creator)
			return s, err
		})
	d.sections = byID(rows)
	return err
}

func (d *dims) loadSlides(ctx context.Context, q *Queries) error {
	rows, err := all(ctx, q, "SELECT id, COALESCE(project_id, 0), created_by, name FROM slides", nil, scanOwned)
	d.slides = byID(rows)
	return err
}

func scanOwned(r scanner) (o named[ownedDim], err error) {
	var project, creator int64
	err = r.Scan(&o.id, &project, &creator, &o.v.name)
	o.v.exists, o.v.scope = true, scopeOf(project, creator)
	return o, err
}

func (d *dims) loadPanels(ctx context.Context, q *Queries) error {
	rows, err := all(ctx, q, "SELECT id, COALESCE(project_id, 0), created_by, name FROM panels", nil, scanOwned)
	if err != nil {
		return err
	}
	d.panels = nil
	for _, r := range rows {
		d.panels = place(d.panels, r.id, panelDim{ownedDim: r.v})
	}
	conjugates, err := all(ctx, q, "SELECT panel_id, mass, target FROM conjugates", nil, func(r scanner) (c named[member], err error) {
		c.v.Mass = new(int)
		return c, r.Scan(&c.id, c.v.Mass, &c.v.Name)
	})
	for _, c := range conjugates {
		p := &d.panels[c.id]
		p.masses, p.targets = append(p.masses, int64(*c.v.Mass)), append(p.targets, strings.ToLower(c.v.Name))
	}
	return err
}

func (d *dims) loadTissues(ctx context.Context, q *Queries) error {
	rows, err := all(ctx, q, "SELECT id, organ, subsite, diagnosis FROM tissues", nil, func(r scanner) (t named[tissueDim], err error) {
		t.v.exists = true
		return t, r.Scan(&t.id, &t.v.organ, &t.v.subsite, &t.v.diagnosis)
	})
	d.tissues = byID(rows)
	return err
}

func (d *dims) loadProjects(ctx context.Context, q *Queries) error {
	rows, err := all(ctx, q, "SELECT id, name, is_public FROM projects", nil, func(r scanner) (p named[projectDim], err error) {
		p.v.exists = true
		return p, r.Scan(&p.id, &p.v.name, &p.v.public)
	})
	d.projects = byID(rows)
	return err
}

func (d *dims) loadInstruments(ctx context.Context, q *Queries) error {
	rows, err := all(ctx, q, "SELECT id, name FROM instruments", nil, func(r scanner) (n named[string], err error) {
		return n, r.Scan(&n.id, &n.v)
	})
	d.instruments = byID(rows)
	return err
}

func (d *dims) loadMembers(ctx context.Context, q *Queries) error {
	rows, err := all(ctx, q, "SELECT account_id, project_id FROM project_members", nil, func(r scanner) (m named[uint32], err error) {
		return m, r.Scan(&m.id, &m.v)
	})
	d.members = map[int64]map[uint32]bool{}
	for _, m := range rows {
		if d.members[m.id] == nil {
			d.members[m.id] = map[uint32]bool{}
		}
		d.members[m.id][m.v] = true
	}
	return err
}

// loadSets reads sets of channels. They never change, so known ones are kept.
func (d *dims) loadSets(ctx context.Context, q *Queries, ids []int64) error {
	sets, err := q.channelSets(ctx, ids)
	for id, channels := range sets {
		var s setDim
		for _, c := range channels {
			s.names, s.folded = append(s.names, c.Name), append(s.folded, strings.ToLower(c.Name))
			if c.Mass != nil {
				s.masses = append(s.masses, int64(*c.Mass))
			}
		}
		d.sets = place(d.sets, id, s)
	}
	return err
}

func byID[T any](rows []named[T]) (out []T) {
	for _, r := range rows {
		out = place(out, r.id, r.v)
	}
	return out
}
