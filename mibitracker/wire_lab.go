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

// User is an account.
type User struct {
	ID      int64  `json:"id"`
	Email   string `json:"email"`
	IsAdmin bool   `json:"is_admin"` // May manage everything.
	// Extra holds the fields that the backend gives besides.
	Extra Extra `json:"-"`
}

// UnmarshalJSON reads the object, or its bare id or email address, and keeps
// unknown fields.
func (u *User) UnmarshalJSON(data []byte) error {
	type plain User
	*u = User{}
	return unmarshalObject(data, (*plain)(u), &u.Extra, &u.ID, &u.Email)
}

// MarshalJSON writes the object with its unknown fields.
func (u User) MarshalJSON() ([]byte, error) {
	type plain User
	return marshalObject(plain(u), u.Extra)
}
