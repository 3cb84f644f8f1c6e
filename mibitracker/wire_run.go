package mibitracker

// Run is a run of an instrument ("Runs" in the contract).
type Run struct {
	ID            int64       `json:"id"`
	Name          string      `json:"name"`  // The XML's file name without extension; not unique.
	Label         string      `json:"label"` // Unique.
	Description   string      `json:"description"`
	XML           string      `json:"xml"`      // The XML's file name in the run's folder.
	Path          string      `json:"path"`     // The run's folder in storage.
	Filename      string      `json:"filename"` // The XML's file name as uploaded.
	RunDate       string      `json:"run_date"` // YYYY-MM-DD; empty where unknown.
	Operator      string      `json:"operator"`
	Magnification *float64    `json:"magnification"`
	FOVSize       *float64    `json:"fov_size"` // In µm.
	Aperture      *Aperture   `json:"aperture"` // nil where unknown.
	Project       *Project    `json:"project"`  // nil without one.
	Instrument    *Instrument `json:"instrument"`
	Slides        []Slide     `json:"slide_ids"`
	ImageSet      *ImageSet   `json:"imageset"` // The run's images, in acquisition order; nil inside an image.
	Active        bool        `json:"active"`   // False once deleted.
	// Extra holds the fields that the backend gives besides.
	Extra Extra `json:"-"`
}

// UnmarshalJSON reads the object, or its bare id or label, and keeps unknown fields.
func (r *Run) UnmarshalJSON(data []byte) error {
	type plain Run
	*r = Run{}
	return unmarshalObject(data, (*plain)(r), &r.Extra, &r.ID, &r.Label)
}

// MarshalJSON writes the object with its unknown fields.
func (r Run) MarshalJSON() ([]byte, error) {
	type plain Run
	return marshalObject(plain(r), r.Extra)
}

// ImageSet is a named collection of images; each run has one of its own.
type ImageSet struct {
	ID          int64    `json:"id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Project     *Project `json:"project"` // nil without one.
	Images      []Image  `json:"images"`  // In their order; with some of their fields only.
	Active      bool     `json:"active"`  // False once deleted.
	// Extra holds the fields that the backend gives besides.
	Extra Extra `json:"-"`
}

// UnmarshalJSON reads the object, or its bare id or name, and keeps unknown fields.
func (i *ImageSet) UnmarshalJSON(data []byte) error {
	type plain ImageSet
	*i = ImageSet{}
	return unmarshalObject(data, (*plain)(i), &i.Extra, &i.ID, &i.Name)
}

// MarshalJSON writes the object with its unknown fields.
func (i ImageSet) MarshalJSON() ([]byte, error) {
	type plain ImageSet
	return marshalObject(plain(i), i.Extra)
}
