package mibitracker

// Panel is an antibody panel. Inside other objects, and in the lists of some
// backends, it comes without its conjugates and batches.
type Panel struct {
	ID              int64        `json:"id"`
	Name            string       `json:"name"`
	Description     string       `json:"description"`
	Dilution        *float64     `json:"dilution"`         // nil where unknown.
	ManufactureDate string       `json:"manufacture_date"` // YYYY-MM-DD.
	Project         *Project     `json:"project"`          // nil without one.
	Batches         []PanelBatch `json:"batches"`
	Conjugates      []Conjugate  `json:"conjugates"`
	PreviousID      int64        `json:"previous_id"`   // The panel's version before this one; 0 for none.
	NextID          int64        `json:"next_id"`       // The version after it; 0 for none.
	OwnedByUser     bool         `json:"owned_by_user"` // By the caller.
	Active          bool         `json:"active"`        // False once deleted.
	IsDraft         bool         `json:"is_draft"`
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

// PanelBatch is a batch in which a panel was mixed. Volumes are in µl; nil where
// unknown.
type PanelBatch struct {
	ID             int64    `json:"id"`
	BatchID        int64    `json:"batch_id"` // Its number among the panel's batches.
	Volume         *float64 `json:"volume"`
	AntibodyVolume *float64 `json:"antibody_volume"`
	BufferVolume   *float64 `json:"buffer_volume"`
	IsDraft        bool     `json:"is_draft"`
	// Extra holds the fields that the backend gives besides.
	Extra Extra `json:"-"`
}

// UnmarshalJSON reads the object, or its bare id, and keeps unknown fields.
func (b *PanelBatch) UnmarshalJSON(data []byte) error {
	type plain PanelBatch
	*b = PanelBatch{}
	return unmarshalObject(data, (*plain)(b), &b.Extra, &b.ID, nil)
}

// MarshalJSON writes the object with its unknown fields.
func (b PanelBatch) MarshalJSON() ([]byte, error) {
	type plain PanelBatch
	return marshalObject(plain(b), b.Extra)
}

// Conjugate is an antibody of a panel, with its metal.
type Conjugate struct {
	ID               int64    `json:"id"`
	ExternalID       string   `json:"external_id"`
	Target           string   `json:"target"`
	Clone            string   `json:"clone"`
	Mass             float64  `json:"mass"` // In Da.
	Element          string   `json:"element"`
	Concentration    *float64 `json:"concentration"`     // In μg/mL; nil where unknown.
	RecommendedTiter *float64 `json:"recommended_titer"` // In TiterUnits; nil where unknown.
	Titer            *float64 `json:"titer"`             // In TiterUnits; nil where unknown.
	TiterUnits       string   `json:"titer_units"`       // Such as "μg/mL".
	Volume           *float64 `json:"volume"`            // nil where unknown.
	Lot              string   `json:"lot"`
	ManufactureDate  string   `json:"manufacture_date"` // YYYY-MM-DD.
	ExpirationDate   string   `json:"expiration_date"`  // YYYY-MM-DD.
	BatchID          *int64   `json:"batch_id"`         // The number of a batch of the panel; nil for none.
	ConjugateID      int64    `json:"conjugate_id"`     // The antibody's, of which this is the use in a panel.
	IsDraft          bool     `json:"is_draft"`
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
