package store

import (
	"context"
	"database/sql"

	"github.com/openmibi/openmibi/internal/model"
)

// imageRow is an image with its relations still as ids.
type imageRow struct {
	model.Image
	channeled
	grouped

	run                       int64
	aperture, tissue, section *int64
}

// What an image's row is read from: what lists show, and what else it has.
const (
	listedColumns = `id, run_id, project_id, description, point, number, folder, dwell_time, depths, frame, fov_size,
		mass_gain, mass_offset, time_bin, x_coord, y_coord, sed, aperture_id, imaging_preset, lens1_voltage, tissue_id, section_id,
		status, processing_error, tiff_key <> '', tiff_size, tiff_sha256, active, ` + channelState + ", " + setState
	otherColumns = `, sed_key, sed_sha256, sed_size, tiff_key, tiff_width, tiff_height, tiff_updated_at, created_by, created_at`
)

// imageRows loads images; without whole, only what lists show of them.
func (q *Queries) imageRows(ctx context.Context, ids []int64, whole bool) ([]imageRow, error) {
	columns := listedColumns
	if whole {
		columns += otherColumns
	}
	rows, err := byIDs(ctx, q, "SELECT "+columns+" FROM images i WHERE id IN (%s)", ids, func(r scanner) (d imageRow, err error) {
		var t model.TIFF
		var has bool
		var updated, created string
		into := [...]any{
			&d.ID, &d.run, orNil(&d.OwnProjectID), orNil(&d.Description), orNil(&d.Point), &d.Number, &d.Folder, orNil(&d.DwellTime),
			orNil(&d.Depths), orNil(&d.Frame), orNil(&d.FOVSize), orNil(&d.MassGain), orNil(&d.MassOffset), orNil(&d.TimeBin),
			orNil(&d.XCoord), orNil(&d.YCoord), orNil(&d.SED), orNil(&d.aperture), orNil(&d.ImagingPreset), orNil(&d.Lens1Voltage),
			orNil(&d.tissue), orNil(&d.section), (*string)(&d.Status), orNil(&d.ProcessingError), &has, &t.Size, &t.SHA256, &d.Active,
			orNil(&d.set), &d.extras, orNil(&d.first), orNil(&d.last),
			&d.SEDKey, &d.SEDSHA256, &d.SEDSize, &t.Key, &t.Width, &t.Height, &updated, &d.CreatorID, &created,
		}
		const others = 9
		if whole {
			err = r.Scan(into[:]...)
			t.UpdatedAt, d.CreatedAt = parseTime(updated), parseTime(created)
		} else {
			err = r.Scan(into[:len(into)-others]...)
		}
		d.channeled.id, d.grouped.id = d.ID, d.ID
		if has {
			d.TIFF = &t
		}
		return d, err
	})
	return rows, wrap(err, "load images")
}

// nullable reads a column that may be null. database/sql reads those by
// reflection, which takes as long as all else about a row.
type nullable[T string | int64 | float64] struct{ to **T }

// orNil sets what to points to, or sets it to nil.
func orNil[T string | int64 | float64](to **T) nullable[T] { return nullable[T]{to} }

// Scan implements [sql.Scanner].
func (n nullable[T]) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*n.to = nil
		return nil
	case T:
		*n.to = &v
		return nil
	}
	var other sql.Null[T] // what a driver gives in another type
	err := other.Scan(src)
	*n.to = &other.V
	return err
}
