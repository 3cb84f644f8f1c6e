package model

import "time"

// Run is one acquisition on an instrument: many FOVs.
type Run struct {
	ID            int64
	Label         string // unique
	Name          string // the XML's file name without its extension; not unique
	Description   *string
	XMLName       string // the XML's name inside Path
	XMLKey        string // the blob that holds the XML
	XMLSHA256     string
	XMLSize       int64
	Path          string  // the run's folder in storage: name, "-", a UUID
	Filename      string  // the XML's file name as it was uploaded
	RunDate       *string // YYYY-MM-DD
	Operator      *string
	Magnification *float64
	FOVSize       *float64 // µm
	Aperture      *Aperture
	Project       *Project
	Instrument    *Instrument
	Slides        []Slide // without their projects, runs and sections
	ImageSet      *ImageSetRef
	CreatorID     int64
	CreatedAt     time.Time
	Active        bool
	Images        []RunImage // acquisition order; filled where runs are asked for
}

// RunImage is the short form of an image inside its run.
type RunImage struct {
	ID     int64
	Number string
	Point  *string
	Folder string
	Status Status
	PNGs   []string // every viewable channel
}

// NewRun is what it takes to create a run with its images.
type NewRun struct {
	Label        string
	Name         string
	Description  *string
	Filename     string
	Path         string
	XMLKey       string
	XMLSHA256    string
	XMLSize      int64
	RunDate      *string
	Operator     *string
	FOVSize      *float64
	ApertureID   *int64
	ProjectID    *int64
	InstrumentID int64
	SlideIDs     []int64
	CreatorID    int64
	Images       []NewImage
}

// Status is an image's state as a set of one-letter codes.
type Status string

// The status codes of the contract.
const (
	StatusAvailable     Status = "A"
	StatusUnavailable   Status = "U" // no TIFF yet
	StatusError         Status = "E" // the last TIFF could not be processed
	StatusCheckMass     Status = "M"
	StatusCheckScanning Status = "S"
)

// Codes lists the letters one by one, as they travel.
func (s Status) Codes() []string {
	out := make([]string, 0, len(s))
	for _, r := range string(s) {
		out = append(out, string(r))
	}
	return out
}

// Image is one FOV.
type Image struct {
	ID              int64
	Run             Run // without its images
	Description     *string
	Point           *string
	Number          string   // first part of Folder
	Folder          string   // unique in the run
	DwellTime       *float64 // ms
	Depths          *int64   // scans
	Frame           *int64   // pixels
	FOVSize         *float64 // µm
	MassGain        *float64
	MassOffset      *float64
	TimeBin         *float64
	XCoord          *float64 // as given: motor steps or µm
	YCoord          *float64
	SED             *string // file name of the SED image
	SEDKey          string
	SEDSHA256       string
	SEDSize         int64
	Aperture        *Aperture
	ImagingPreset   *string
	Lens1Voltage    *float64
	Project         *Project // its own, or else its run's
	OwnProjectID    *int64
	Tissue          *Tissue
	Section         *Section
	Status          Status
	ProcessingError *string
	TIFF            *TIFF // nil while there is none
	ImageSets       []ImageSetRef
	Channels        []Channel // by page, then extra ones by name
	CreatorID       int64
	CreatedAt       time.Time
	Active          bool
}

// TIFF is the published MIBItiff of an image.
type TIFF struct {
	Key       string
	Size      int64
	SHA256    string
	Width     int
	Height    int
	UpdatedAt time.Time
}

// NewImage is what it takes to create an image.
type NewImage struct {
	RunID         int64
	ProjectID     *int64
	Description   *string
	Point         *string
	Number        string
	Folder        string
	DwellTime     *float64
	Depths        *int64
	Frame         *int64
	FOVSize       *float64
	MassGain      *float64
	MassOffset    *float64
	TimeBin       *float64
	XCoord        *float64
	YCoord        *float64
	ApertureID    *int64
	ImagingPreset *string
	Lens1Voltage  *float64
	TissueID      *int64
	SectionID     *int64
	CreatorID     int64
}

// ChannelKind tells a TIFF's own channels from those added later.
type ChannelKind string

// The kinds of channel: sims_pngs and extra_pngs on the wire.
const (
	ChannelSIMS  ChannelKind = "sims"
	ChannelExtra ChannelKind = "extra"
)

// Channel is one viewable plane of an image.
type Channel struct {
	ID          int64
	ImageID     int64
	Kind        ChannelKind
	Name        string
	Mass        *int // SIMS only
	Page        int  // the TIFF's page, or -1
	Key         string
	FileName    string
	ContentType string
	Size        int64
	SHA256      string
	Width       int
	Height      int
	DType       string
	Min         float64
	Max         float64
	Sum         float64
	NonZero     int64
}

// ImageSetRef is an image set's id and name.
type ImageSetRef struct {
	ID   int64
	Name string
}

// ImageSet is a named choice of images. Every run has one.
type ImageSet struct {
	ID          int64
	Name        string
	Description *string
	Project     *Project
	RunID       *int64
	CreatorID   int64
	CreatedAt   time.Time
	Active      bool
	Images      []RunImage
}
