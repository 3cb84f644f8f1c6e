package store

import (
	"context"

	"github.com/openmibi/openmibi/internal/model"
)

// imageRow is an image with its relations still as ids.
type imageRow struct {
	model.Image
	channeled

	run                       int64
	aperture, tissue, section *int64
}

func (q *Queries) imageRows(ctx context.Context, ids []int64) ([]imageRow, error) {
	rows, err := byIDs(ctx, q, `SELECT id, run_id, project_id, description, point, number, folder, dwell_time, depths, frame, fov_size,
		mass_gain, mass_offset, time_bin, x_coord, y_coord, sed, sed_key, sed_sha256, sed_size, aperture_id, imaging_preset,
		lens1_voltage, tissue_id, section_id, status, processing_error, tiff_key, tiff_size, tiff_sha256, tiff_width, tiff_height,
		tiff_updated_at, created_by, created_at, active, `+channelState+` FROM images i WHERE id IN (%s)`, ids, func(r scanner) (d imageRow, err error) {
		var t model.TIFF
		var updated, created string
		err = r.Scan(&d.ID, &d.run, &d.OwnProjectID, &d.Description, &d.Point, &d.Number, &d.Folder, &d.DwellTime, &d.Depths, &d.Frame,
			&d.FOVSize, &d.MassGain, &d.MassOffset, &d.TimeBin, &d.XCoord, &d.YCoord, &d.SED, &d.SEDKey, &d.SEDSHA256, &d.SEDSize,
			&d.aperture, &d.ImagingPreset, &d.Lens1Voltage, &d.tissue, &d.section, &d.Status, &d.ProcessingError, &t.Key, &t.Size,
			&t.SHA256, &t.Width, &t.Height, &updated, &d.CreatorID, &created, &d.Active, &d.set, &d.extras)
		d.id = d.ID
		t.UpdatedAt, d.CreatedAt = parseTime(updated), parseTime(created)
		if t.Key != "" {
			d.TIFF = &t
		}
		return d, err
	})
	return rows, wrap(err, "load images")
}
