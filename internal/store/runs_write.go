package store

import (
	"context"
	"fmt"

	"github.com/openmibi/openmibi/internal/model"
)

// AddRun adds a run with its images, in their order, and its image set. A
// taken label is a [ConflictError].
func (t *Tx) AddRun(ctx context.Context, n model.NewRun) (int64, error) {
	now := formatTime(t.now())
	id, err := t.insert(ctx, "runs",
		[]string{"label", "name", "description", "xml_name", "xml_key", "xml_sha256", "xml_size", "path", "filename", "run_date",
			"operator", "fov_size", "aperture_id", "project_id", "instrument_id", "created_by", "created_at"},
		[]any{n.Label, n.Name, n.Description, n.Filename, n.XMLKey, n.XMLSHA256, n.XMLSize, n.Path, n.Filename, n.RunDate,
			n.Operator, n.FOVSize, n.ApertureID, n.ProjectID, n.InstrumentID, n.CreatorID, now})
	if unique(err) {
		return 0, &ConflictError{Field: "label", Value: n.Label}
	}
	if err != nil {
		return 0, err
	}
	if err := t.SetRunSlides(ctx, id, n.SlideIDs); err != nil {
		return 0, err
	}
	// The set has no project of its own: it goes where its run goes.
	if _, err := t.insert(ctx, "imagesets", []string{"name", "run_id", "created_by", "created_at"},
		[]any{n.Name, id, n.CreatorID, now}); err != nil {
		return 0, err
	}
	for _, img := range n.Images {
		img.RunID, img.CreatorID = id, n.CreatorID
		if _, err := t.AddImage(ctx, img); err != nil {
			return 0, err
		}
	}
	return id, nil
}

// SetRunSlides replaces the slides of a run.
func (t *Tx) SetRunSlides(ctx context.Context, run int64, slides []int64) error {
	old, err := all(ctx, t.Queries, "DELETE FROM run_slides WHERE run_id = $1 RETURNING slide_id", []any{run}, scanInt64)
	if err != nil {
		return wrap(err, "slides of run %d", run)
	}
	for _, s := range slides {
		if _, err := t.exec(ctx, "INSERT INTO run_slides (run_id, slide_id) VALUES ($1, $2)", run, s); err != nil {
			return wrap(err, "slides of run %d", run)
		}
	}
	t.note(KindRun, run, "slides", idList(old), idList(slides))
	return nil
}

// UpdateRun changes columns of a run. A taken label is a [ConflictError].
func (t *Tx) UpdateRun(ctx context.Context, id int64, changes []Change) error {
	err := t.update(ctx, "runs", id, changes)
	if unique(err) {
		return taken("label", changes)
	}
	return err
}

// AddImage adds an image to its run and to the run's image set. A folder that
// the run has already is a [ConflictError].
func (t *Tx) AddImage(ctx context.Context, n model.NewImage) (int64, error) {
	id, err := t.insert(ctx, "images",
		[]string{"run_id", "project_id", "description", "point", "number", "folder", "dwell_time", "depths", "frame", "fov_size",
			"mass_gain", "mass_offset", "time_bin", "x_coord", "y_coord", "aperture_id", "imaging_preset", "lens1_voltage",
			"tissue_id", "section_id", "created_by", "created_at"},
		[]any{n.RunID, n.ProjectID, n.Description, n.Point, n.Number, n.Folder, n.DwellTime, n.Depths, n.Frame, n.FOVSize,
			n.MassGain, n.MassOffset, n.TimeBin, n.XCoord, n.YCoord, n.ApertureID, n.ImagingPreset, n.Lens1Voltage,
			n.TissueID, n.SectionID, n.CreatorID, formatTime(t.now())})
	if unique(err) {
		return 0, &ConflictError{Field: "folder", Value: n.Folder}
	}
	if err != nil {
		return 0, err
	}
	_, err = t.exec(ctx, "INSERT INTO imageset_images (imageset_id, image_id) SELECT id, $1 FROM imagesets WHERE run_id = $2", id, n.RunID)
	return id, wrap(err, "add image to its run's set")
}

// UpdateImage changes columns of an image. A folder that the run has already
// is a [ConflictError].
func (t *Tx) UpdateImage(ctx context.Context, id int64, changes []Change) error {
	err := t.update(ctx, "images", id, changes)
	if unique(err) {
		return taken("folder", changes)
	}
	return err
}

// taken is the conflict about the value that changes were to give a column.
func taken(column string, changes []Change) error {
	conflict := &ConflictError{Field: column}
	for _, c := range changes {
		if c.Column == column {
			conflict.Value = fmt.Sprint(c.Value)
		}
	}
	return conflict
}

// SED is an image's SED file.
type SED struct {
	Name, Key, SHA256 string
	Size              int64
}

// SetSED gives an image its SED file, or takes it away with nil. The old
// bytes become garbage.
func (t *Tx) SetSED(ctx context.Context, image int64, sed *SED) error {
	old, err := one(ctx, t.Queries, "SELECT sed_key FROM images WHERE id = $1", []any{image}, scanString)
	if err != nil {
		return err
	}
	changes := []Change{{"sed", nil}, {"sed_key", ""}, {"sed_sha256", ""}, {"sed_size", 0}}
	if sed != nil {
		changes = []Change{{"sed", sed.Name}, {"sed_key", sed.Key}, {"sed_sha256", sed.SHA256}, {"sed_size", sed.Size}}
	}
	if err := t.update(ctx, "images", image, changes); err != nil {
		return err
	}
	return t.discard(ctx, old)
}
