package mibitracker

import "encoding/json"

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
	ID          int64    `json:"id"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
	ExternalID  string   `json:"external_id"`
	Source      string   `json:"source"`
	Lot         string   `json:"lot"`
	SlideType   string   `json:"slide_type"` // Such as "coated".
	Location    string   `json:"location"`
	Project     *Project `json:"project"`  // nil without one.
	Runs        IDs      `json:"runs"`     // The runs that it was imaged in.
	Sections    IDs      `json:"sections"` // What lies on it.
	Active      bool     `json:"active"`   // False once deleted.
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

// Section is a section of tissue on a slide, stained with a panel. Older
// backends give bare ids of what it relates to.
type Section struct {
	ID          int64   `json:"id"`
	Position    string  `json:"position"`
	Description string  `json:"description"`
	Tissue      *Tissue `json:"tissue"` // nil where unknown.
	Slide       *Slide  `json:"slide"`  // nil where unknown.
	Panel       *Panel  `json:"panel"`  // nil where unstained.
	Block       string  `json:"block"`
	CutDate     string  `json:"cut_date"`     // YYYY-MM-DD.
	StainDate   string  `json:"stain_date"`   // YYYY-MM-DD.
	ReceiveDate string  `json:"receive_date"` // YYYY-MM-DD.
	// SectionCreateDate, YYYY-MM-DD, with DateType, which says of what, stands
	// in place of CutDate on older backends; Counterstain, too, is theirs.
	SectionCreateDate string   `json:"section_create_date,omitempty"`
	DateType          string   `json:"date_type,omitempty"`
	Counterstain      string   `json:"counterstain,omitempty"`
	Project           *Project `json:"project"` // nil without one.
	Active            bool     `json:"active"`  // False once deleted.
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

// IDs are ids of related objects. Backends that give the objects instead are
// read as their ids.
type IDs []int64

// UnmarshalJSON takes a list of ids, of objects with an id, or null.
func (i *IDs) UnmarshalJSON(data []byte) error {
	var objects []identified
	if err := json.Unmarshal(data, &objects); err != nil {
		return err
	}
	*i = nil
	for _, o := range objects {
		if o.id != 0 {
			*i = append(*i, o.id)
		}
	}
	return nil
}

type identified struct{ id int64 }

func (i *identified) UnmarshalJSON(data []byte) error {
	var object struct {
		ID int64 `json:"id"`
	}
	err := unmarshalObject(data, &object, new(Extra), &object.ID, nil)
	i.id = object.ID
	return err
}
