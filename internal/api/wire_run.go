package api

import "github.com/openmibi/openmibi/internal/model"

// wireRunCore is a run without its image set: as it stands inside an image.
type wireRunCore struct {
	ID            int64           `json:"id"`
	Description   *string         `json:"description"`
	Name          string          `json:"name"`
	Label         string          `json:"label"`
	XML           string          `json:"xml"`
	Path          string          `json:"path"`
	Filename      string          `json:"filename"`
	RunDate       *string         `json:"run_date"`
	Operator      *string         `json:"operator"`
	Magnification *float          `json:"magnification"`
	FOVSize       *float          `json:"fov_size"`
	Aperture      *wireAperture   `json:"aperture"`
	Project       *wireProjectRef `json:"project"`
	Instrument    *wireInstrument `json:"instrument"`
	SlideIDs      []wireSlideRef  `json:"slide_ids"`
	Active        bool            `json:"active"`
}

// wireRun is a run on its own.
type wireRun struct {
	wireRunCore
	ImageSet *wireRunImageSet `json:"imageset"`
}

// wireRunImageSet is the run's images in the order of acquisition.
type wireRunImageSet struct {
	ID     int64          `json:"id"`
	Name   string         `json:"name"`
	Images []wireImageRef `json:"images"`
}

func runCoreWire(r model.Run) wireRunCore {
	return wireRunCore{
		ID: r.ID, Description: r.Description, Name: r.Name, Label: r.Label, XML: r.XMLName, Path: r.Path, Filename: r.Filename,
		RunDate: r.RunDate, Operator: r.Operator, Magnification: floatOf(r.Magnification), FOVSize: floatOf(r.FOVSize),
		Aperture: maybe(r.Aperture, apertureWire), Project: maybe(r.Project, projectRefWire),
		Instrument: maybe(r.Instrument, instrumentWire), SlideIDs: each(r.Slides, slideRefWire), Active: r.Active,
	}
}

func runWire(r model.Run) wireRun {
	return wireRun{runCoreWire(r), maybe(r.ImageSet, func(s model.ImageSetRef) wireRunImageSet {
		return wireRunImageSet{s.ID, s.Name, each(r.Images, imageRefWire)}
	})}
}
