package store

import (
	"context"

	"github.com/openmibi/openmibi/internal/model"
)

var imageSetList = list{
	table: "imagesets s", alias: "s",
	base:   []string{"run"},
	active: "(s.active AND COALESCE(r.active, TRUE))",
	joins: map[string]join{
		"run":     {on: "runs r ON r.id = s.run_id"},
		"project": {on: "projects p ON p.id = COALESCE(s.project_id, r.project_id)", after: "run"},
	},
	fields: Fields{
		"id": field(KindInt, "s.id"), "name": text("s.name"), "description": text("s.description"),
		"project": field(KindInt, "COALESCE(s.project_id, r.project_id)"), "project__name": text("p.name").via("project"),
		"run": field(KindInt, "s.run_id"),
	},
	visible: projectVisible("COALESCE(s.project_id, r.project_id)", "s.created_by"),
}

// ImageSet returns an image set that the viewer may see, with those of its
// images that the viewer may see.
func (q *Queries) ImageSet(ctx context.Context, v Viewer, id int64) (*model.ImageSet, error) {
	if err := imageSetList.sees(ctx, q, v, id); err != nil {
		return nil, err
	}
	sets, err := q.imageSetsByID(ctx, v, []int64{id})
	if err != nil {
		return nil, err
	}
	if len(sets) == 0 {
		return nil, ErrNotFound
	}
	return &sets[0], nil
}

func (q *Queries) imageSetsByID(ctx context.Context, v Viewer, ids []int64) (sets []model.ImageSet, err error) {
	err = q.snapshot(ctx, func(q *Queries) error {
		sets, err = q.imageSetRows(ctx, v, ids)
		return err
	})
	return sets, err
}

func (q *Queries) imageSetRows(ctx context.Context, v Viewer, ids []int64) ([]model.ImageSet, error) {
	type row struct {
		model.ImageSet
		project *int64
	}
	rows, err := byIDs(ctx, q, `SELECT s.id, s.name, s.description, COALESCE(s.project_id, r.project_id), s.run_id, s.created_by,
		s.created_at, s.active FROM imagesets s LEFT JOIN runs r ON r.id = s.run_id WHERE s.id IN (%s)`, ids,
		func(r scanner) (d row, err error) {
			var created string
			err = r.Scan(&d.ID, &d.Name, &d.Description, &d.project, &d.RunID, &d.CreatorID, &created, &d.Active)
			d.CreatedAt = parseTime(created)
			return d, err
		})
	if err != nil || len(rows) == 0 {
		return nil, wrap(err, "load image sets")
	}
	projects, err := q.projectMap(ctx, v, distinct(rows, func(r row) *int64 { return r.project }))
	if err != nil {
		return nil, err
	}
	images, err := q.runImages(ctx, v, "x.imageset_id", "imageset_images x JOIN images i ON i.id = x.image_id", ids)
	if err != nil {
		return nil, err
	}
	m := make(table[model.ImageSet], len(rows))
	for _, r := range rows {
		r.Project, r.Images = projects.get(r.project), images[r.ID]
		m[r.ID] = r.ImageSet
	}
	return pick(m, ids), nil
}

// grouped is an image with the first and the last image set that it is in, by
// id: most images are in their run's alone. An image row reads the two as setState.
type grouped struct {
	id          int64
	first, last *int64
}

const setState = `(SELECT MIN(x.imageset_id) FROM imageset_images x WHERE x.image_id = i.id),
	(SELECT MAX(x.imageset_id) FROM imageset_images x WHERE x.image_id = i.id)`

// setsOfImages finds the image sets, visible to the viewer, that images are in.
func (q *Queries) setsOfImages(ctx context.Context, v Viewer, images []grouped) (map[int64][]model.ImageSetRef, error) {
	type pair struct{ image, set int64 }
	var pairs []pair
	var several []int64
	for _, image := range images {
		switch {
		case image.first == nil:
		case *image.first == *image.last:
			pairs = append(pairs, pair{image.id, *image.first})
		default:
			several = append(several, image.id)
		}
	}
	more, err := byIDs(ctx, q, "SELECT image_id, imageset_id FROM imageset_images WHERE image_id IN (%s) ORDER BY image_id, imageset_id", several,
		func(r scanner) (p pair, err error) { return p, r.Scan(&p.image, &p.set) })
	if err != nil {
		return nil, wrap(err, "load sets of images")
	}
	pairs = append(pairs, more...)
	setIDs := distinct(pairs, func(p pair) *int64 { return &p.set })
	may, err := imageSetList.allowed(ctx, q, v, setIDs)
	if err != nil {
		return nil, err
	}
	refs, err := remembered(q, Viewer{}, "living set", setIDs, func(ids []int64) (table[model.ImageSetRef], error) {
		list, err := byIDs(ctx, q, `SELECT s.id, s.name FROM imagesets s LEFT JOIN runs r ON r.id = s.run_id
			WHERE s.active AND COALESCE(r.active, TRUE) AND s.id IN (%s)`, ids,
			func(r scanner) (s model.ImageSetRef, err error) { return s, r.Scan(&s.ID, &s.Name) })
		return tableOf(list, func(s model.ImageSetRef) int64 { return s.ID }), wrap(err, "load image sets")
	})
	if err != nil {
		return nil, err
	}
	out := make(map[int64][]model.ImageSetRef, len(images))
	for _, p := range pairs {
		if ref, living := refs[p.set]; living && may[p.set] {
			out[p.image] = append(out[p.image], ref)
		}
	}
	return out, nil
}

// ImageSetImages returns the ids of all images of a set: also of those that
// are deleted, or that nobody but administrators may see.
func (q *Queries) ImageSetImages(ctx context.Context, set int64) ([]int64, error) {
	ids, err := all(ctx, q, "SELECT image_id FROM imageset_images WHERE imageset_id = $1 ORDER BY image_id", []any{set}, scanInt64)
	return ids, wrap(err, "images of set %d", set)
}

// LivingImages tells which of some images are not deleted, and neither is
// their run.
func (q *Queries) LivingImages(ctx context.Context, ids []int64) (map[int64]bool, error) {
	found, err := byIDs(ctx, q, "SELECT i.id FROM images i JOIN runs r ON r.id = i.run_id WHERE i.active AND r.active AND i.id IN (%s)",
		ids, scanInt64)
	out := make(map[int64]bool, len(found))
	for _, id := range found {
		out[id] = true
	}
	return out, wrap(err, "look for living images")
}

// AddImageSet adds an image set with these columns.
func (t *Tx) AddImageSet(ctx context.Context, creator int64, columns []Change) (int64, error) {
	return t.add(ctx, "imagesets", append(createdBy(creator, columns), Change{"created_at", formatTime(t.now())}))
}

// UpdateImageSet changes columns of an image set.
func (t *Tx) UpdateImageSet(ctx context.Context, id int64, changes []Change) error {
	return t.update(ctx, "imagesets", id, changes)
}

// SetImageSetImages replaces the images of a set.
func (t *Tx) SetImageSetImages(ctx context.Context, set int64, images []int64) error {
	old, err := all(ctx, t.Queries, "DELETE FROM imageset_images WHERE imageset_id = $1 RETURNING image_id", []any{set}, scanInt64)
	if err != nil {
		return wrap(err, "images of set %d", set)
	}
	for _, image := range images {
		if _, err := t.exec(ctx, "INSERT INTO imageset_images (imageset_id, image_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", set, image); err != nil {
			return wrap(err, "images of set %d", set)
		}
	}
	t.note(KindImageSet, set, "images", idList(old), idList(images))
	return nil
}
