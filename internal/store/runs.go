package store

import (
	"context"

	"github.com/openmibi/openmibi/internal/model"
)

var runList = list{
	table: "runs r", alias: "r",
	joins: map[string]join{
		"project":    {on: "projects p ON p.id = r.project_id"},
		"instrument": {on: "instruments n ON n.id = r.instrument_id"},
	},
	fields: Fields{
		"id": field(KindInt, "r.id"), "name": text("r.name"), "label": text("r.label"), "description": text("r.description"),
		"xml": text("r.xml_name"), "path": text("r.path"), "filename": text("r.filename"), "run_date": field(KindDate, "r.run_date"),
		"operator": text("r.operator"), "magnification": field(KindFloat, "r.magnification"), "fov_size": field(KindFloat, "r.fov_size"),
		"aperture": field(KindInt, "r.aperture_id"), "project": field(KindInt, "r.project_id"), "instrument": field(KindInt, "r.instrument_id"),
		"project__name":    text("p.name").via("project"),
		"instrument__name": text("n.name").via("instrument"),
	},
	visible: projectVisible("r.project_id", "r.created_by"),
}

// Run returns a run that the viewer may see, with its images.
func (q *Queries) Run(ctx context.Context, v Viewer, id int64) (*model.Run, error) {
	if err := runList.sees(ctx, q, v, id); err != nil {
		return nil, err
	}
	runs, err := q.RunsByID(ctx, v, []int64{id})
	if err != nil {
		return nil, err
	}
	if len(runs) == 0 {
		return nil, ErrNotFound
	}
	return &runs[0], nil
}

// RunsByID loads runs, with their images, in the order of ids. Whether the
// viewer may see the runs was decided where the ids came from.
func (q *Queries) RunsByID(ctx context.Context, v Viewer, ids []int64) (runs []model.Run, err error) {
	err = q.snapshot(ctx, func(q *Queries) error {
		runs, err = q.runsByID(ctx, v, ids)
		return err
	})
	return runs, err
}

func (q *Queries) runsByID(ctx context.Context, v Viewer, ids []int64) ([]model.Run, error) {
	m, err := q.runMap(ctx, v, ids)
	if err != nil {
		return nil, err
	}
	images, err := q.imagesOfRuns(ctx, v, ids)
	if err != nil {
		return nil, err
	}
	runs := pick(m, ids)
	for i := range runs {
		runs[i].Images = images[runs[i].ID]
	}
	return runs, nil
}

// runRows loads runs without their images.
func (q *Queries) runRows(ctx context.Context, v Viewer, ids []int64) (table[model.Run], error) {
	type row struct {
		model.Run
		aperture, project *int64
		instrument        int64
		set               *int64
		setName           *string
	}
	rows, err := byIDs(ctx, q, `SELECT r.id, r.label, r.name, r.description, r.xml_name, r.xml_key, r.xml_sha256, r.xml_size, r.path,
		r.filename, r.run_date, r.operator, r.magnification, r.fov_size, r.aperture_id, r.project_id, r.instrument_id, r.created_by,
		r.created_at, r.active, s.id, s.name
		FROM runs r LEFT JOIN imagesets s ON s.run_id = r.id WHERE r.id IN (%s)`, ids, func(r scanner) (d row, err error) {
		var created string
		err = r.Scan(&d.ID, &d.Label, &d.Name, &d.Description, &d.XMLName, &d.XMLKey, &d.XMLSHA256, &d.XMLSize, &d.Path,
			&d.Filename, &d.RunDate, &d.Operator, &d.Magnification, &d.FOVSize, &d.aperture, &d.project, &d.instrument, &d.CreatorID,
			&created, &d.Active, &d.set, &d.setName)
		d.CreatedAt = parseTime(created)
		if d.set != nil {
			d.ImageSet = &model.ImageSetRef{ID: *d.set, Name: *d.setName}
		}
		return d, err
	})
	if err != nil || len(rows) == 0 {
		return nil, wrap(err, "load runs")
	}
	apertures, err := q.apertureMap(ctx)
	if err != nil {
		return nil, err
	}
	projects, err := q.projectMap(ctx, v, distinct(rows, func(r row) *int64 { return r.project }))
	if err != nil {
		return nil, err
	}
	// An image of another project shows its run, but not the run's project.
	if projects, err = seen(ctx, q, v, projectList, projects); err != nil {
		return nil, err
	}
	instruments, err := q.instrumentMap(ctx, distinct(rows, func(r row) *int64 { return &r.instrument }))
	if err != nil {
		return nil, err
	}
	ofRun, err := q.related(ctx, v, slideList, "SELECT run_id, slide_id FROM run_slides WHERE run_id IN (%s) ORDER BY slide_id", ids)
	if err != nil {
		return nil, err
	}
	var slideIDs []int64
	for _, list := range ofRun {
		slideIDs = append(slideIDs, list...)
	}
	slides, err := q.slideRefs(ctx, slideIDs)
	if err != nil {
		return nil, err
	}
	m := make(table[model.Run], len(rows))
	for _, r := range rows {
		r.Aperture, r.Project, r.Instrument = apertures.get(r.aperture), projects.get(r.project), instruments.get(&r.instrument)
		r.Slides = pick(slides, ofRun[r.ID])
		m[r.ID] = r.Run
	}
	return m, nil
}

func (q *Queries) imagesOfRuns(ctx context.Context, v Viewer, ids []int64) (map[int64][]model.RunImage, error) {
	if q.images == nil {
		return q.runImages(ctx, v, "i.run_id", "images i", ids)
	}
	owners := make(map[int64][]int64, len(ids))
	for _, id := range ids {
		owners[id] = nil
	}
	return q.images.shortImages(ctx, q, v, owners)
}

// slideRefs loads slides as runs show them: without what those relate to.
func (q *Queries) slideRefs(ctx context.Context, ids []int64) (table[model.Slide], error) {
	return remembered(q, Viewer{}, "slide of a run", ids, func(ids []int64) (table[model.Slide], error) {
		list, err := byIDs(ctx, q, "SELECT id, name, description, created_by, active FROM slides WHERE id IN (%s)", ids,
			func(r scanner) (s model.Slide, err error) {
				return s, r.Scan(&s.ID, &s.Name, &s.Description, &s.CreatorID, &s.Active)
			})
		return tableOf(list, func(s model.Slide) int64 { return s.ID }), wrap(err, "load slides of runs")
	})
}

// runImages loads the short forms of images by an owner: a run, or an image
// set; without what the viewer may not see, and without deleted ones.
func (q *Queries) runImages(ctx context.Context, v Viewer, owner, from string, ids []int64) (map[int64][]model.RunImage, error) {
	type row struct {
		model.RunImage
		channeled

		owner int64
	}
	rows, err := byIDs(ctx, q, "SELECT "+owner+", i.id, i.number, i.point, i.folder, i.status, "+channelState+" FROM "+from+
		" WHERE i.active AND "+owner+" IN (%s) ORDER BY i.id", ids, func(r scanner) (d row, err error) {
		err = r.Scan(&d.owner, &d.ID, &d.Number, &d.Point, &d.Folder, &d.Status, &d.set, &d.extras)
		d.id = d.ID
		return d, err
	})
	if err != nil {
		return nil, wrap(err, "load images of %s", owner)
	}
	imageIDs := distinct(rows, func(r row) *int64 { return &r.ID })
	allowed, err := imageList.allowed(ctx, q, v, imageIDs)
	if err != nil {
		return nil, err
	}
	states := make([]channeled, len(rows))
	for i, r := range rows {
		states[i] = r.channeled
	}
	channels, err := q.channelNames(ctx, states)
	if err != nil {
		return nil, err
	}
	out := make(map[int64][]model.RunImage)
	for _, r := range rows {
		if allowed[r.ID] {
			r.PNGs = namesOf(channels[r.ID])
			out[r.owner] = append(out[r.owner], r.RunImage)
		}
	}
	return out, nil
}

func namesOf(channels []model.Channel) []string {
	names := make([]string, len(channels))
	for i, c := range channels {
		names[i] = c.Name
	}
	return names
}

// RunFile is what storage holds under a run's path.
type RunFile struct {
	RunID   int64
	XMLName string
	XMLKey  string
	XMLSize int64
	SHA256  string
}

// RunByPath finds a run by its folder in storage. Whether its files are for
// the viewer is the caller's to ask: [Queries.SeesRun].
func (q *Queries) RunByPath(ctx context.Context, path string) (RunFile, error) {
	f, err := one(ctx, q, "SELECT id, xml_name, xml_key, xml_size, xml_sha256 FROM runs WHERE path = $1", []any{path},
		func(r scanner) (f RunFile, err error) {
			return f, r.Scan(&f.RunID, &f.XMLName, &f.XMLKey, &f.XMLSize, &f.SHA256)
		})
	if err != nil {
		return f, wrap(err, "find run by path")
	}
	return f, nil
}

// SeesRun returns [ErrNotFound] for a run that the viewer may not see.
func (q *Queries) SeesRun(ctx context.Context, v Viewer, id int64) error {
	return wrap(runList.sees(ctx, q, v, id), "check run %d", id)
}
