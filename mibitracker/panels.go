package mibitracker

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"slices"

	"github.com/openmibi/openmibi/mibi"
)

// PanelsService is Client.Panels: antibody panels ("The rest" in the contract).
type PanelsService service

// NewPanel is a panel to create. Zero fields are left out.
type NewPanel struct {
	// Name is required, but for a next version.
	Name        string   `json:"name,omitempty"`
	Description string   `json:"description,omitempty"`
	Dilution    *float64 `json:"dilution,omitempty"`
	// ManufactureDate is YYYY-MM-DD.
	ManufactureDate string `json:"manufacture_date,omitempty"`
	IsDraft         bool   `json:"is_draft,omitempty"`
	// Project is an id.
	Project int64 `json:"project,omitempty"`
	// PreviousID makes the panel the next version of that one: what is left out,
	// it has from there.
	PreviousID int64          `json:"previous_id,omitempty"`
	Batches    []NewBatch     `json:"batches,omitempty"`
	Conjugates []NewConjugate `json:"conjugates,omitempty"`
}

// NewBatch is a batch of a panel to create. Nil fields are left out.
type NewBatch struct {
	// BatchID is its number among the panel's batches.
	BatchID int64 `json:"batch_id"`
	// Volumes are in µl.
	Volume         *float64 `json:"volume,omitempty"`
	AntibodyVolume *float64 `json:"antibody_volume,omitempty"`
	BufferVolume   *float64 `json:"buffer_volume,omitempty"`
	IsDraft        bool     `json:"is_draft,omitempty"`
}

// NewConjugate is an antibody with its metal, of a panel to create. Zero
// fields are left out.
type NewConjugate struct {
	// Target and Mass, in whole Da, are required.
	Target        string   `json:"target"`
	Mass          int      `json:"mass"`
	ExternalID    string   `json:"external_id,omitempty"`
	Clone         string   `json:"clone,omitempty"`
	Element       string   `json:"element,omitempty"`
	Concentration *float64 `json:"concentration,omitempty"` // In μg/mL.
	// RecommendedTiter and Titer are in TiterUnits.
	RecommendedTiter *float64 `json:"recommended_titer,omitempty"`
	Titer            *float64 `json:"titer,omitempty"`
	TiterUnits       string   `json:"titer_units,omitempty"` // Such as "μg/mL".
	Volume           *float64 `json:"volume,omitempty"`
	Lot              string   `json:"lot,omitempty"`
	// Dates are YYYY-MM-DD.
	ManufactureDate string `json:"manufacture_date,omitempty"`
	ExpirationDate  string `json:"expiration_date,omitempty"`
	// BatchID is the number of one of the panel's batches.
	BatchID *int64 `json:"batch_id,omitempty"`
	// ConjugateID says that it is the antibody conjugate of another panel.
	ConjugateID int64 `json:"conjugate_id,omitempty"`
	IsDraft     bool  `json:"is_draft,omitempty"`
}

// Create makes a panel with its conjugates.
//
//mibi:route POST /panels/
func (s *PanelsService) Create(ctx context.Context, n NewPanel) (*Panel, error) {
	return create[Panel](ctx, s.client, "/panels/", n)
}

// List gives one page of panels that the caller may see.
//
//mibi:route GET /panels/
func (s *PanelsService) List(ctx context.Context, o ListOptions) (*Page[Panel], error) {
	return list[Panel](ctx, s.client, "/panels/", o.query())
}

// All walks all panels that the caller may see. It ends after the first error.
//
//mibi:route GET /panels/
func (s *PanelsService) All(ctx context.Context, o ListOptions) iter.Seq2[Panel, error] {
	return every[Panel](ctx, s.client, "/panels/", o.query())
}

// Get gives a panel with its conjugates by its id.
//
//mibi:route GET /panels/{id}/
func (s *PanelsService) Get(ctx context.Context, id int64) (*Panel, error) {
	return object[Panel](ctx, s.client, Request{Route: fmt.Sprintf("/panels/%d/", id)})
}

// Update changes the fields of a panel that are given, by their names on the
// wire, and keeps the others; nil clears a field. "project" is an id. A list of
// "conjugates" or "batches" replaces the one before; those with an id of it
// stay. It gives the panel as it then is.
//
//mibi:route PUT /panels/{id}/
func (s *PanelsService) Update(ctx context.Context, id int64, fields map[string]any) (*Panel, error) {
	return update[Panel](ctx, s.client, fmt.Sprintf("/panels/%d/", id), fields)
}

// Delete hides a panel from all lists ("Lists" in the contract).
//
//mibi:route DELETE /panels/{id}/
func (s *PanelsService) Delete(ctx context.Context, id int64) error {
	return remove(ctx, s.client, fmt.Sprintf("/panels/%d/", id))
}

// CSV gives a panel as MIBItracker exports it: mibi.Panel.Channels are the
// channels that its images have. What cannot be read as a panel is a
// *mibi.PanelError.
//
//mibi:route GET /panels/{id}/csv/
func (s *PanelsService) CSV(ctx context.Context, id int64) (_ *mibi.Panel, err error) {
	res, err := s.client.Do(ctx, Request{Route: fmt.Sprintf("/panels/%d/csv/", id)})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, res.Body.Close()) }()
	return mibi.ReadPanel(res.Body)
}

// CreateFromCSV makes a panel of its file, in any form that [mibi.ReadPanel]
// reads. fields, by their names on the wire, win over what the file says: its
// "name", which without one is the file's, "project", "previous_id", and the
// like. What the backend refuses is an *APIError that names the line.
//
//mibi:route POST /panels/
func (s *PanelsService) CreateFromCSV(ctx context.Context, file Source, fields map[string]string) (*Panel, error) {
	parts := []Part{{Name: "csv", File: &file, ContentType: "text/csv"}}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		parts = append(parts, Part{Name: name, Text: fields[name]})
	}
	return object[Panel](ctx, s.client, Request{Method: http.MethodPost, Route: "/panels/", Body: MultipartBody(parts...)})
}
