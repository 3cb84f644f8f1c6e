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

// Member is an account in a project.
type Member struct {
	AccountID int64
	Email     string
	Role      Role
	Active    bool // false: the account is deleted
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
	ID     int64
	Code   string // "A"
	Name   string // "1 mm"
	Active bool
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
	Batches         []Batch     // in the order of their numbers; filled as Conjugates
	Conjugates      []Conjugate // filled where the panel itself is asked for
	PreviousID      *int64      // the version that this one was made from
	NextID          *int64      // the latest one made from this; filled as Conjugates
	Active          bool
}

// Batch is a mix of antibodies of a panel.
type Batch struct {
	ID             int64
	PanelID        int64
	Number         int64    // the panel's batch_id, which its conjugates name
	Volume         *float64 // µl, as are the next two
	AntibodyVolume *float64
	BufferVolume   *float64
	Draft          bool
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
	BatchID          *int64 // the number of a batch of the panel
	Draft            bool
	// ConjugateID says which antibody conjugate is used here: the ID of the
	// row that was its first use. Panels that use the same one share it.
	ConjugateID int64
	Position    int // in the panel's list
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
