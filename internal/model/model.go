// Package model holds the server's entities and their validation. It is pure:
// no I/O, no HTTP, no SQL. The wire form of each entity lives in package api,
// its table in package store.
package model

import "time"

// Role is what an account may do in a project, in rising order.
type Role string

// The roles of a project's members.
const (
	RoleNone    Role = ""
	RoleViewer  Role = "viewer"
	RoleEditor  Role = "editor"
	RoleManager Role = "manager"
)

// Project groups objects that the same people may see.
type Project struct {
	ID             int64
	Name           string
	Description    *string
	Public         bool // every account may read it
	ShareImages    bool // its images may join image sets of other projects
	CreatorID      int64
	CreatorEmail   string
	EditedAt       time.Time
	Active         bool
	CallerRole     Role // the role of the account that asked
	CallerIsAdmin  bool // the account that asked is an administrator
	CallerCanView  bool
	CallerCanEdit  bool
	CallerCanAdmin bool
}

// Instrument is a MIBIscope.
type Instrument struct {
	ID          int64
	Name        string
	Description *string
	Active      bool
}

// Aperture is one of the instrument's beam apertures, known by a letter.
type Aperture struct {
	ID   int64
	Code string // "A"
	Name string // "1 mm"
}

// Tissue is what was cut: an organ, perhaps a part of it, and a diagnosis.
type Tissue struct {
	ID          int64
	Description *string
	Organ       string
	Subsite     string
	Diagnosis   string
	CreatorID   int64
	Active      bool
}

// Name is the contract's "ORGAN SUBSITE [DIAGNOSIS]".
func (t Tissue) Name() string { return t.Organ + " " + t.Subsite + " [" + t.Diagnosis + "]" }

// Slide is the glass that sections lie on.
type Slide struct {
	ID          int64
	Name        string
	Description *string
	ExternalID  *string
	Source      *string
	Lot         *string
	SlideType   *string // "coated"
	Location    *string
	Project     *Project
	CreatorID   int64
	RunIDs      []int64
	SectionIDs  []int64
	Active      bool
}

// Panel is the set of antibody conjugates that a section was stained with.
type Panel struct {
	ID              int64
	Name            string
	Description     *string
	Dilution        *float64
	ManufactureDate *string // YYYY-MM-DD
	Draft           bool
	Project         *Project
	CreatorID       int64
	Conjugates      []Conjugate // filled where one panel is asked for
	Active          bool
}

// Conjugate is one antibody of a panel with its metal.
type Conjugate struct {
	ID               int64
	PanelID          int64
	ExternalID       *string
	Target           string
	Clone            *string
	Mass             int // Da
	Element          *string
	Concentration    *float64
	RecommendedTiter *float64
	Titer            *float64
	TiterUnits       *string
	Volume           *float64
	Lot              *string
	ManufactureDate  *string
	ExpirationDate   *string
	BatchID          *int64
	Draft            bool
}

// Section is a slice of tissue on a slide, stained with a panel.
type Section struct {
	ID          int64
	Position    *string
	Description *string
	Tissue      *Tissue
	Slide       *Slide
	Panel       *Panel
	Block       *string
	CutDate     *string
	StainDate   *string
	ReceiveDate *string
	Project     *Project
	CreatorID   int64
	Active      bool
}
