package mibitracker

import (
	"context"
	"encoding/json"
	"maps"
)

// NewImage is an image to create ("Images" in the contract). nil and zero
// fields are left out.
type NewImage struct {
	// Run is an id. Required.
	Run int64 `json:"run"`
	// Folder is its folder in the run's folder. Required.
	Folder string `json:"folder"`
	// Number is the first part of Folder; a backend finds it by itself.
	Number string `json:"number,omitempty"`
	// Point is the operator's name for it.
	Point string `json:"point,omitempty"`
	// DwellTime is in ms, FOVSize in µm, TimeBin in ns.
	DwellTime *float64 `json:"dwell_time,omitempty"`
	FOVSize   *float64 `json:"fov_size,omitempty"`
	TimeBin   *float64 `json:"time_bin,omitempty"`
	// Depths is the number of scans, Frame the width in pixels.
	Depths     *int64   `json:"depths,omitempty"`
	Frame      *int64   `json:"frame,omitempty"`
	MassGain   *float64 `json:"mass_gain,omitempty"`
	MassOffset *float64 `json:"mass_offset,omitempty"`
	// XCoord and YCoord are motor steps of 0.1 µm, or µm: see Image.
	XCoord *float64 `json:"x_coord,omitempty"`
	YCoord *float64 `json:"y_coord,omitempty"`
	// Tissue, Section and Aperture are ids.
	Tissue        int64    `json:"tissue,omitempty"`
	Section       int64    `json:"section,omitempty"`
	Aperture      int64    `json:"aperture,omitempty"`
	ImagingPreset *string  `json:"imaging_preset,omitempty"`
	Lens1Voltage  *float64 `json:"lens1_voltage,omitempty"`
	// Fields are further fields, by their names on the wire; they win over the
	// ones above.
	Fields map[string]any `json:"-"`
}

// Create adds an image to a run. Its TIFF comes with Uploads. A folder that
// the run has an image in already is an *APIError that names the field.
//
//mibi:route POST /images/
func (s *ImagesService) Create(ctx context.Context, n NewImage) (*Image, error) {
	raw, err := json.Marshal(n)
	if err != nil {
		return nil, err
	}
	var known map[string]json.RawMessage
	if err := json.Unmarshal(raw, &known); err != nil {
		return nil, err
	}
	fields := map[string]any{}
	for name, value := range known {
		fields[name] = value
	}
	maps.Copy(fields, n.Fields)
	return create[Image](ctx, s.client, "/images/", fields)
}
