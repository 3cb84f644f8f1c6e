package api

import "github.com/openmibi/openmibi/internal/model"

// wireImage is an image with all that it relates to. Lists write the same with
// [imageTexts].
type wireImage struct {
	ID              int64             `json:"id"`
	Description     *string           `json:"description"`
	Point           *string           `json:"point"`
	Number          string            `json:"number"`
	Folder          string            `json:"folder"`
	DwellTime       *float            `json:"dwell_time"`
	Depths          *int64            `json:"depths"`
	Frame           *int64            `json:"frame"`
	FOVSize         *float            `json:"fov_size"`
	MassGain        *float            `json:"mass_gain"`
	MassOffset      *float            `json:"mass_offset"`
	TimeBin         *float            `json:"time_bin"`
	XCoord          *float64          `json:"x_coord"`
	YCoord          *float64          `json:"y_coord"`
	SED             *string           `json:"sed"`
	Aperture        *wireAperture     `json:"aperture"`
	ImagingPreset   *string           `json:"imaging_preset"`
	Lens1Voltage    *float            `json:"lens1_voltage"`
	Project         *wireProjectRef   `json:"project"`
	Tissue          *wireTissue       `json:"tissue"`
	FormattedTissue *string           `json:"formatted_tissue"`
	Section         *wireSection      `json:"section"`
	Run             wireRunCore       `json:"run"`
	Status          []string          `json:"status"`
	ProcessingError *string           `json:"processing_error"`
	TIFFSize        *int64            `json:"tiff_size"`
	TIFFSHA256      *string           `json:"tiff_sha256"`
	ImageSets       []wireImageSetRef `json:"imagesets"`
	SIMSPNGs        []string          `json:"sims_pngs"`
	ExtraPNGs       []string          `json:"extra_pngs"`
	Active          bool              `json:"active"`
}

func imageWire(i model.Image) wireImage {
	w := wireImage{
		ID: i.ID, Description: i.Description, Point: i.Point, Number: i.Number, Folder: i.Folder, DwellTime: floatOf(i.DwellTime),
		Depths: i.Depths, Frame: i.Frame, FOVSize: floatOf(i.FOVSize), MassGain: floatOf(i.MassGain), MassOffset: floatOf(i.MassOffset),
		TimeBin: floatOf(i.TimeBin), XCoord: i.XCoord, YCoord: i.YCoord, SED: i.SED, Aperture: maybe(i.Aperture, apertureWire),
		ImagingPreset: i.ImagingPreset, Lens1Voltage: floatOf(i.Lens1Voltage), Project: maybe(i.Project, projectRefWire),
		Tissue: maybe(i.Tissue, tissueWire), FormattedTissue: maybe(i.Tissue, model.Tissue.Name), Section: maybe(i.Section, sectionWire),
		Run: runCoreWire(i.Run), Status: i.Status.Codes(), ProcessingError: i.ProcessingError,
		ImageSets: each(i.ImageSets, imageSetRefWire), Active: i.Active,
	}
	w.SIMSPNGs, w.ExtraPNGs = channelNamesOf(i.Channels)
	if i.TIFF != nil {
		w.TIFFSize, w.TIFFSHA256 = &i.TIFF.Size, &i.TIFF.SHA256
	}
	return w
}

// channelNamesOf are the names of channels by kind.
func channelNamesOf(channels []model.Channel) (sims, extra []string) {
	sims, extra = []string{}, []string{}
	for _, c := range channels {
		if c.Kind == model.ChannelSIMS {
			sims = append(sims, c.Name)
		} else {
			extra = append(extra, c.Name)
		}
	}
	return sims, extra
}
