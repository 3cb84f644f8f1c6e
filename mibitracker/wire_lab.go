package mibitracker

// Aperture is a beam aperture ("Images" in the contract). Older backends give its
// bare code, some objects its id; the other fields are then empty.
type Aperture struct {
	ID    int64  `json:"id"`    // 0 where only the code is known.
	Code  string `json:"code"`  // A letter: "A" (1 mm) to "E" (500 µm).
	Label string `json:"label"` // What to show; usually the code.
	Name  string `json:"name"`  // The opening, such as "300 µm".
	// Extra holds the fields that the backend gives besides.
	Extra Extra `json:"-"`
}

// UnmarshalJSON reads the object, or its bare id or code, and keeps unknown fields.
func (a *Aperture) UnmarshalJSON(data []byte) error {
	type plain Aperture
	*a = Aperture{}
	return unmarshalObject(data, (*plain)(a), &a.Extra, &a.ID, &a.Code)
}

// MarshalJSON writes the object with its unknown fields.
func (a Aperture) MarshalJSON() ([]byte, error) {
	type plain Aperture
	return marshalObject(plain(a), a.Extra)
}

// Instrument is a mass spectrometer.
type Instrument struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Active      bool   `json:"active"` // False once deleted.
	// Extra holds the fields that the backend gives besides.
	Extra Extra `json:"-"`
}

// UnmarshalJSON reads the object, or its bare id or name, and keeps unknown fields.
func (i *Instrument) UnmarshalJSON(data []byte) error {
	type plain Instrument
	*i = Instrument{}
	return unmarshalObject(data, (*plain)(i), &i.Extra, &i.ID, &i.Name)
}

// MarshalJSON writes the object with its unknown fields.
func (i Instrument) MarshalJSON() ([]byte, error) {
	type plain Instrument
	return marshalObject(plain(i), i.Extra)
}

// Project is a project and the caller's rights in it.
type Project struct {
	ID             int64  `json:"id"`
	Name           string `json:"name"`
	Description    string `json:"description"`
	Active         bool   `json:"active"`   // False once deleted.
	IsAdmin        bool   `json:"is_admin"` // The caller manages it.
	CanView        bool   `json:"can_view"`
	CanEdit        bool   `json:"can_edit"`
	IsPublic       bool   `json:"is_public"`        // Every account may read it.
	CanShareImages bool   `json:"can_share_images"` // Its images may join other projects' image sets.
	CreatedBy      string `json:"created_by"`       // An email address.
	EditDate       string `json:"edit_date"`        // RFC 3339.
	// Extra holds the fields that the backend gives besides.
	Extra Extra `json:"-"`
}

// UnmarshalJSON reads the object, or its bare id or name, and keeps unknown fields.
func (p *Project) UnmarshalJSON(data []byte) error {
	type plain Project
	*p = Project{}
	return unmarshalObject(data, (*plain)(p), &p.Extra, &p.ID, &p.Name)
}

// MarshalJSON writes the object with its unknown fields.
func (p Project) MarshalJSON() ([]byte, error) {
	type plain Project
	return marshalObject(plain(p), p.Extra)
}

// Tissue is a kind of tissue.
type Tissue struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"` // "ORGAN SUBSITE [DIAGNOSIS]".
	Organ       string `json:"organ"`
	Subsite     string `json:"subsite"`
	Diagnosis   string `json:"diagnosis"`
	Description string `json:"description"`
	Active      bool   `json:"active"` // False once deleted.
	// Extra holds the fields that the backend gives besides.
	Extra Extra `json:"-"`
}

// UnmarshalJSON reads the object, or its bare id or name, and keeps unknown fields.
func (t *Tissue) UnmarshalJSON(data []byte) error {
	type plain Tissue
	*t = Tissue{}
	return unmarshalObject(data, (*plain)(t), &t.Extra, &t.ID, &t.Name)
}

// MarshalJSON writes the object with its unknown fields.
func (t Tissue) MarshalJSON() ([]byte, error) {
	type plain Tissue
	return marshalObject(plain(t), t.Extra)
}

// Slide is a slide that sections lie on.
type Slide struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	ExternalID  string `json:"external_id"`
	Source      string `json:"source"`
	Lot         string `json:"lot"`
	SlideType   string `json:"slide_type"`
	Location    string `json:"location"`
	Active      bool   `json:"active"` // False once deleted.
	// Extra holds the fields that the backend gives besides.
	Extra Extra `json:"-"`
}

// UnmarshalJSON reads the object, or its bare id or name, and keeps unknown fields.
func (s *Slide) UnmarshalJSON(data []byte) error {
	type plain Slide
	*s = Slide{}
	return unmarshalObject(data, (*plain)(s), &s.Extra, &s.ID, &s.Name)
}

// MarshalJSON writes the object with its unknown fields.
func (s Slide) MarshalJSON() ([]byte, error) {
	type plain Slide
	return marshalObject(plain(s), s.Extra)
}

// Section is a section of tissue on a slide, stained with a panel.
type Section struct {
	ID          int64    `json:"id"`
	Position    string   `json:"position"`
	Description string   `json:"description"`
	Tissue      *Tissue  `json:"tissue"`       // nil where unknown.
	Slide       *Slide   `json:"slide"`        // nil where unknown.
	Panel       *Panel   `json:"panel"`        // nil where unstained.
	CutDate     string   `json:"cut_date"`     // YYYY-MM-DD.
	StainDate   string   `json:"stain_date"`   // YYYY-MM-DD.
	ReceiveDate string   `json:"receive_date"` // YYYY-MM-DD.
	Project     *Project `json:"project"`
	Active      bool     `json:"active"` // False once deleted.
	// Extra holds the fields that the backend gives besides.
	Extra Extra `json:"-"`
}

// UnmarshalJSON reads the object, or its bare id, and keeps unknown fields.
func (s *Section) UnmarshalJSON(data []byte) error {
	type plain Section
	*s = Section{}
	return unmarshalObject(data, (*plain)(s), &s.Extra, &s.ID, nil)
}

// MarshalJSON writes the object with its unknown fields.
func (s Section) MarshalJSON() ([]byte, error) {
	type plain Section
	return marshalObject(plain(s), s.Extra)
}

// Panel is an antibody panel.
type Panel struct {
	ID              int64  `json:"id"`
	Name            string `json:"name"`
	Description     string `json:"description"`
	ManufactureDate string `json:"manufacture_date"` // YYYY-MM-DD.
	Active          bool   `json:"active"`           // False once deleted.
	IsDraft         bool   `json:"is_draft"`
	// Extra holds the fields that the backend gives besides.
	Extra Extra `json:"-"`
}

// UnmarshalJSON reads the object, or its bare id or name, and keeps unknown fields.
func (p *Panel) UnmarshalJSON(data []byte) error {
	type plain Panel
	*p = Panel{}
	return unmarshalObject(data, (*plain)(p), &p.Extra, &p.ID, &p.Name)
}

// MarshalJSON writes the object with its unknown fields.
func (p Panel) MarshalJSON() ([]byte, error) {
	type plain Panel
	return marshalObject(plain(p), p.Extra)
}

// Conjugate is an antibody of a panel, with its metal.
type Conjugate struct {
	ID            int64    `json:"id"`
	ExternalID    string   `json:"external_id"`
	Target        string   `json:"target"`
	Clone         string   `json:"clone"`
	Mass          float64  `json:"mass"` // In Da.
	Element       string   `json:"element"`
	Concentration *float64 `json:"concentration"` // In μg/mL; nil where unknown.
	Titer         *float64 `json:"titer"`         // In TiterUnits; nil where unknown.
	TiterUnits    string   `json:"titer_units"`
	Lot           string   `json:"lot"`
	BatchID       int64    `json:"batch_id"`
	// Extra holds the fields that the backend gives besides.
	Extra Extra `json:"-"`
}

// UnmarshalJSON reads the object, or its bare id, and keeps unknown fields.
func (c *Conjugate) UnmarshalJSON(data []byte) error {
	type plain Conjugate
	*c = Conjugate{}
	return unmarshalObject(data, (*plain)(c), &c.Extra, &c.ID, nil)
}

// MarshalJSON writes the object with its unknown fields.
func (c Conjugate) MarshalJSON() ([]byte, error) {
	type plain Conjugate
	return marshalObject(plain(c), c.Extra)
}
