package mibitracker

import (
	"fmt"
	"slices"
)

// Image is one FOV of a run ("Images" in the contract).
type Image struct {
	ID              int64      `json:"id"`
	Description     string     `json:"description"`
	Number          string     `json:"number"`     // The first part of Folder: "Point4", "FOV4", or a region's name.
	Point           string     `json:"point"`      // The operator's name for it; empty where it has none.
	Folder          string     `json:"folder"`     // Its folder in the run's folder.
	DwellTime       *float64   `json:"dwell_time"` // In ms.
	Depths          *int64     `json:"depths"`     // The number of scans.
	Frame           *int64     `json:"frame"`      // Width in pixels.
	FOVSize         *float64   `json:"fov_size"`   // In µm.
	MassGain        *float64   `json:"mass_gain"`
	MassOffset      *float64   `json:"mass_offset"`
	TimeBin         *float64   `json:"time_bin"` // In ns.
	XCoord          *float64   `json:"x_coord"`  // Motor steps of 0.1 µm; µm from newer programs.
	YCoord          *float64   `json:"y_coord"`  // As XCoord.
	SED             string     `json:"sed"`      // The SED image's file name; empty without one.
	Aperture        *Aperture  `json:"aperture"` // nil where unknown.
	ImagingPreset   *string    `json:"imaging_preset"`
	Lens1Voltage    *float64   `json:"lens1_voltage"`
	Project         *Project   `json:"project"` // nil without one.
	Tissue          *Tissue    `json:"tissue"`  // nil where unknown.
	FormattedTissue string     `json:"formatted_tissue"`
	Section         *Section   `json:"section"`          // nil where unknown.
	Run             *Run       `json:"run"`              // Without its image set; nil inside a run.
	Status          Statuses   `json:"status"`           // "A" available, "U" no TIFF yet, "E" processing error, "M" check mass calibration, "S" check scan alignment.
	ProcessingError string     `json:"processing_error"` // Why Status holds E; empty where the backend does not say.
	TIFFSize        *int64     `json:"tiff_size"`        // In bytes; nil where the backend does not say.
	TIFFSHA256      string     `json:"tiff_sha256"`      // In hexadecimal; empty where the backend does not say.
	SIMSChannels    []string   `json:"sims_pngs"`        // Names of the channels of the MIBItiff.
	ExtraChannels   []string   `json:"extra_pngs"`       // Names of the channels that were uploaded.
	PNGs            []string   `json:"pngs"`             // Both, inside a run's image set.
	ImageSets       []ImageSet `json:"imagesets"`
	Active          bool       `json:"active"` // False once deleted.
	// Extra holds the fields that the backend gives besides.
	Extra Extra `json:"-"`
}

// UnmarshalJSON reads the object, or its bare id, and keeps unknown fields.
func (i *Image) UnmarshalJSON(data []byte) error {
	type plain Image
	*i = Image{}
	return unmarshalObject(data, (*plain)(i), &i.Extra, &i.ID, nil)
}

// MarshalJSON writes the object with its unknown fields.
func (i Image) MarshalJSON() ([]byte, error) {
	type plain Image
	return marshalObject(plain(i), i.Extra)
}

// Available says whether the image's data can be viewed and read.
func (i *Image) Available() bool { return slices.Contains(i.Status, "A") }

// Failed says whether the server could not process the image's TIFF.
func (i *Image) Failed() bool { return slices.Contains(i.Status, "E") }

// known is what tells the image from others in an error.
func (i *Image) known() string {
	label := ""
	if i.Run != nil {
		label = " of run " + i.Run.Label
	}
	return fmt.Sprintf("image %d%s, %s", i.ID, label, i.Folder)
}
