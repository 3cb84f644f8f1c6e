package mibitracker

import (
	"context"
	"fmt"
	"iter"
)

// PanelsService is Client.Panels: antibody panels ("The rest" in the contract).
type PanelsService service

// NewPanel is a panel to create. Zero fields are left out.
type NewPanel struct {
	// Name is required.
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	Dilution    *float64 `json:"dilution,omitempty"`
	// ManufactureDate is YYYY-MM-DD.
	ManufactureDate string `json:"manufacture_date,omitempty"`
	IsDraft         bool   `json:"is_draft,omitempty"`
	// Project is an id.
	Project    int64          `json:"project,omitempty"`
	Conjugates []NewConjugate `json:"conjugates,omitempty"`
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
	BatchID         int64  `json:"batch_id,omitempty"`
	IsDraft         bool   `json:"is_draft,omitempty"`
}

// Create makes a panel with its conjugates.
//
//mibi:route POST /panels/
func (s *PanelsService) Create(ctx context.Context, n NewPanel) (*Panel, error) {
	return create[Panel](ctx, s.client, "/panels/", n)
}

// List gives one page of panels that the caller may see; their conjugates come
// with Get.
//
//mibi:route GET /panels/
func (s *PanelsService) List(ctx context.Context, o ListOptions) (*Page[Panel], error) {
	return list[Panel](ctx, s.client, "/panels/", o.query())
}

// All walks all panels that the caller may see; their conjugates come
// with Get. It ends after the first error.
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
