package store

import (
	"context"

	"github.com/openmibi/openmibi/internal/model"
)

var imageList = list{
	table: "images i", alias: "i",
	base:    []string{"run"},
	active:  "(i.active AND r.active)", // a deleted run takes its images along
	indexed: true,
	joins: map[string]join{
		"run":        {on: "runs r ON r.id = i.run_id"},
		"section":    {on: "sections sec ON sec.id = i.section_id", visible: sectionList.visible},
		"tissue":     {on: "tissues t ON t.id = i.tissue_id"},
		"instrument": {on: "instruments n ON n.id = r.instrument_id"},
		"project":    {on: "projects p ON p.id = COALESCE(i.project_id, r.project_id)"},
		"panel":      {on: "panels pl ON pl.id = sec.panel_id", after: "section", visible: panelList.visible},
		"slide":      {on: "slides s ON s.id = sec.slide_id", after: "section", visible: slideList.visible},
	},
	fields: Fields{
		"id": field(KindInt, "i.id"), "description": text("i.description"), "point": text("i.point"), "number": text("i.number"),
		"folder": text("i.folder"), "dwell_time": field(KindFloat, "i.dwell_time"), "depths": field(KindInt, "i.depths"),
		"frame": field(KindInt, "i.frame"), "fov_size": field(KindFloat, "i.fov_size"), "mass_gain": field(KindFloat, "i.mass_gain"),
		"mass_offset": field(KindFloat, "i.mass_offset"), "time_bin": field(KindFloat, "i.time_bin"),
		"x_coord": field(KindFloat, "i.x_coord"), "y_coord": field(KindFloat, "i.y_coord"), "sed": text("i.sed"),
		"aperture": field(KindInt, "i.aperture_id"), "imaging_preset": text("i.imaging_preset"),
		"lens1_voltage": field(KindFloat, "i.lens1_voltage"),
		"status":        field(KindStatus, "i.status"), "tissue": field(KindInt, "i.tissue_id"), "section": field(KindInt, "sec.id").via("section"),
		"run":               field(KindInt, "i.run_id"),
		"project":           field(KindInt, "COALESCE(i.project_id, r.project_id)"),
		"run__label":        text("r.label"),
		"run__name":         text("r.name"),
		"run__instrument":   field(KindInt, "r.instrument_id"),
		"run__run_date":     field(KindDate, "r.run_date"),
		"tissue__organ":     field(KindTextFold, "t.organ").via("tissue"),
		"tissue__diagnosis": text("t.diagnosis").via("tissue"),
		"section__slide":    field(KindInt, "s.id").via("slide"),
		"section__panel":    field(KindInt, "pl.id").via("panel"),
		"project__name":     text("p.name").via("project"),
		"search.run":        field(KindContains, "r.name || ' ' || r.label").noOrder(),
		"search.point":      field(KindContains, "i.point").noOrder(),
		"search.tissue":     field(KindContains, "t.organ || ' ' || t.subsite || ' [' || t.diagnosis || ']'").via("tissue").noOrder(),
		"search.instrument": field(KindContains, "n.name").via("instrument").noOrder(),
		"search.project":    field(KindContains, "p.name").via("project").noOrder(),
		"search.panel":      field(KindContains, "pl.name").via("panel").noOrder(),
		"search.slide":      field(KindContains, "s.name").via("slide").noOrder(),
		"search.mass":       field(kindMass, "").via("panel").noOrder(),
		"search.target":     field(kindTarget, "").via("panel").noOrder(),
		"search.start":      field(KindDateFrom, "r.run_date").noOrder(),
		"search.end":        field(KindDateTo, "r.run_date").noOrder(),
	},
	visible: projectVisible("COALESCE(i.project_id, r.project_id)", "r.created_by"),
}

// Image returns an image that the viewer may see.
func (q *Queries) Image(ctx context.Context, v Viewer, id int64) (*model.Image, error) {
	if err := imageList.sees(ctx, q, v, id); err != nil {
		return nil, err
	}
	images, err := q.ImagesByID(ctx, v, []int64{id})
	if err != nil {
		return nil, err
	}
	if len(images) == 0 {
		return nil, ErrNotFound
	}
	return &images[0], nil
}

// SeesImages returns those of some images that the viewer may see.
func (q *Queries) SeesImages(ctx context.Context, v Viewer, ids []int64) (map[int64]bool, error) {
	return imageList.allowed(ctx, q, v, ids)
}

// ImageProjects returns the project of each of some images: its own, or else
// its run's, or nil. Images that do not exist are not in it.
func (q *Queries) ImageProjects(ctx context.Context, ids []int64) (map[int64]*int64, error) {
	type row struct {
		id      int64
		project *int64
	}
	rows, err := byIDs(ctx, q, `SELECT i.id, COALESCE(i.project_id, r.project_id) FROM images i JOIN runs r ON r.id = i.run_id
		WHERE i.id IN (%s)`, ids, func(r scanner) (d row, err error) { return d, r.Scan(&d.id, &d.project) })
	out := make(map[int64]*int64, len(rows))
	for _, r := range rows {
		out[r.id] = r.project
	}
	return out, wrap(err, "projects of images")
}

// ImageByFolder finds an image of a run by its folder.
func (q *Queries) ImageByFolder(ctx context.Context, run int64, folder string) (int64, error) {
	id, err := one(ctx, q, "SELECT id FROM images WHERE run_id = $1 AND folder = $2", []any{run, folder}, scanInt64)
	return id, wrap(err, "find image by folder")
}

// ImagesByID loads images in the order of ids. Whether the viewer may see
// them was decided where the ids came from.
func (q *Queries) ImagesByID(ctx context.Context, v Viewer, ids []int64) ([]model.Image, error) {
	return q.imagesByID(ctx, v, ids, true)
}

// listedImages is ImagesByID for lists: where the images' files are, who made
// the images and when, is left out.
func (q *Queries) listedImages(ctx context.Context, v Viewer, ids []int64) ([]model.Image, error) {
	return q.imagesByID(ctx, v, ids, false)
}

func (q *Queries) imagesByID(ctx context.Context, v Viewer, ids []int64, whole bool) (images []model.Image, err error) {
	err = q.snapshot(ctx, func(q *Queries) error {
		images, err = q.imagesNow(ctx, v, ids, whole)
		return err
	})
	return images, err
}

// imagesNow loads images in the state that a snapshot reads.
func (q *Queries) imagesNow(ctx context.Context, v Viewer, ids []int64, whole bool) ([]model.Image, error) {
	rows, err := q.imageRows(ctx, ids, whole)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	apertures, err := q.apertureMap(ctx)
	if err != nil {
		return nil, err
	}
	runs, err := q.runMap(ctx, v, distinct(rows, func(r imageRow) *int64 { return &r.run }))
	if err != nil {
		return nil, err
	}
	projects, err := q.projectMap(ctx, v, distinct(rows, func(r imageRow) *int64 { return r.OwnProjectID }))
	if err != nil {
		return nil, err
	}
	tissues, err := q.tissueMap(ctx, distinct(rows, func(r imageRow) *int64 { return r.tissue }))
	if err != nil {
		return nil, err
	}
	sections, err := q.sectionMap(ctx, v, distinct(rows, func(r imageRow) *int64 { return r.section }))
	if err != nil {
		return nil, err
	}
	if sections, err = seen(ctx, q, v, sectionList, sections); err != nil {
		return nil, err
	}
	states, groups := make([]channeled, len(rows)), make([]grouped, len(rows))
	for i := range rows {
		states[i], groups[i] = rows[i].channeled, rows[i].grouped
	}
	sets, err := q.setsOfImages(ctx, v, groups)
	if err != nil {
		return nil, err
	}
	channels, err := q.channelNames(ctx, states)
	if err != nil {
		return nil, err
	}
	m := make(table[*imageRow], len(rows))
	for i := range rows {
		r := &rows[i]
		r.Run = runs[r.run]
		r.Aperture, r.Tissue, r.Section = apertures.get(r.aperture), tissues.get(r.tissue), sections.get(r.section)
		r.Project = r.Run.Project
		if r.OwnProjectID != nil {
			r.Project = projects.get(r.OwnProjectID)
		}
		r.ImageSets, r.Channels = sets[r.ID], channels[r.ID]
		m[r.ID] = r
	}
	images := make([]model.Image, 0, len(rows))
	for _, r := range pick(m, ids) {
		images = append(images, r.Image)
	}
	return images, nil
}
