package store

import (
	"context"

	"github.com/openmibi/openmibi/internal/model"
)

// imageRow is an image with its relations still as ids.
type imageRow struct {
	model.Image
	run                       int64
	aperture, tissue, section *int64
}

func (q *Queries) imageRows(ctx context.Context, ids []int64) ([]imageRow, error) {
	rows, err := byIDs(ctx, q, `SELECT id, run_id, project_id, description, point, number, folder, dwell_time, depths, frame, fov_size,
		mass_gain, mass_offset, time_bin, x_coord, y_coord, sed, sed_key, sed_sha256, sed_size, aperture_id, imaging_preset,
		lens1_voltage, tissue_id, section_id, status, processing_error, tiff_key, tiff_size, tiff_sha256, tiff_width, tiff_height,
		tiff_updated_at, created_by, created_at, active FROM images WHERE id IN (%s)`, ids, func(r scanner) (d imageRow, err error) {
		var t model.TIFF
		var updated, created string
		err = r.Scan(&d.ID, &d.run, &d.OwnProjectID, &d.Description, &d.Point, &d.Number, &d.Folder, &d.DwellTime, &d.Depths, &d.Frame,
			&d.FOVSize, &d.MassGain, &d.MassOffset, &d.TimeBin, &d.XCoord, &d.YCoord, &d.SED, &d.SEDKey, &d.SEDSHA256, &d.SEDSize,
			&d.aperture, &d.ImagingPreset, &d.Lens1Voltage, &d.tissue, &d.section, &d.Status, &d.ProcessingError, &t.Key, &t.Size,
			&t.SHA256, &t.Width, &t.Height, &updated, &d.CreatorID, &created, &d.Active)
		t.UpdatedAt, d.CreatedAt = parseTime(updated), parseTime(created)
		if t.Key != "" {
			d.TIFF = &t
		}
		return d, err
	})
	return rows, wrap(err, "load images")
}

const channelColumns = `SELECT id, image_id, kind, name, mass, page, blob_key, file_name, content_type, size, sha256, width, height,
	dtype, min_value, max_value, sum_value, non_zero FROM channels`

func scanChannel(r scanner) (c model.Channel, err error) {
	return c, r.Scan(&c.ID, &c.ImageID, &c.Kind, &c.Name, &c.Mass, &c.Page, &c.Key, &c.FileName, &c.ContentType, &c.Size, &c.SHA256,
		&c.Width, &c.Height, &c.DType, &c.Min, &c.Max, &c.Sum, &c.NonZero)
}

// channelsOfImages loads channels: a TIFF's own by page, then the others by name.
func (q *Queries) channelsOfImages(ctx context.Context, ids []int64) (map[int64][]model.Channel, error) {
	list, err := byIDs(ctx, q, channelColumns+" WHERE image_id IN (%s) ORDER BY kind DESC, page, name", ids, scanChannel)
	if err != nil {
		return nil, wrap(err, "load channels")
	}
	out := make(map[int64][]model.Channel)
	for _, c := range list {
		out[c.ImageID] = append(out[c.ImageID], c)
	}
	return out, nil
}

// Channel returns a channel of an image by its name.
func (q *Queries) Channel(ctx context.Context, image int64, name string) (model.Channel, error) {
	c, err := one(ctx, q, channelColumns+" WHERE image_id = $1 AND name = $2", []any{image, name}, scanChannel)
	return c, wrap(err, "find channel")
}

// addChannel adds a channel to an image.
func (t *Tx) addChannel(ctx context.Context, c model.Channel) error {
	_, err := t.insert(ctx, "channels",
		[]string{"image_id", "kind", "name", "mass", "page", "blob_key", "file_name", "content_type", "size", "sha256", "width", "height",
			"dtype", "min_value", "max_value", "sum_value", "non_zero"},
		[]any{c.ImageID, c.Kind, c.Name, c.Mass, c.Page, c.Key, c.FileName, c.ContentType, c.Size, c.SHA256, c.Width, c.Height,
			c.DType, c.Min, c.Max, c.Sum, c.NonZero})
	if unique(err) {
		return &ConflictError{Field: "channel", Value: c.Name}
	}
	return err
}

// PutExtraChannel adds an extra channel, or replaces the extra channel of the
// same name. The name of one of the TIFF's own channels is a [ConflictError].
func (t *Tx) PutExtraChannel(ctx context.Context, c model.Channel) error {
	c.Kind, c.Page = model.ChannelExtra, -1
	type file struct{ key, sha256 string }
	files, err := all(ctx, t.Queries, "SELECT blob_key, sha256 FROM channels WHERE image_id = $1 AND name = $2 AND kind = 'extra'",
		[]any{c.ImageID, c.Name}, func(r scanner) (f file, err error) { return f, r.Scan(&f.key, &f.sha256) })
	if err != nil {
		return wrap(err, "find channel")
	}
	if _, err := t.exec(ctx, "DELETE FROM channels WHERE image_id = $1 AND name = $2 AND kind = 'extra'", c.ImageID, c.Name); err != nil {
		return wrap(err, "replace channel")
	}
	if err := t.addChannel(ctx, c); err != nil {
		return err
	}
	var before any
	var old []string
	for _, f := range files {
		before, old = map[string]any{c.Name: f.sha256}, append(old, f.key)
	}
	t.note(KindImage, c.ImageID, "extra_channels", before, map[string]any{c.Name: c.SHA256})
	return t.discard(ctx, old...)
}
