package mibitracker

import (
	"context"
	"fmt"
	"iter"
)

// SectionsService is Client.Sections: sections of tissue, each on a slide and
// stained with a panel ("The rest" in the contract).
type SectionsService service

// NewSection is a section to create. Zero fields are left out.
type NewSection struct {
	Position    string `json:"position,omitempty"`
	Description string `json:"description,omitempty"`
	Block       string `json:"block,omitempty"`
	// Tissue, Slide, Panel and Project are ids.
	Tissue  int64 `json:"tissue,omitempty"`
	Slide   int64 `json:"slide,omitempty"`
	Panel   int64 `json:"panel,omitempty"`
	Project int64 `json:"project,omitempty"`
	// Dates are YYYY-MM-DD.
	CutDate     string `json:"cut_date,omitempty"`
	StainDate   string `json:"stain_date,omitempty"`
	ReceiveDate string `json:"receive_date,omitempty"`
}

// Create makes a section.
//
//mibi:route POST /sections/
func (s *SectionsService) Create(ctx context.Context, n NewSection) (*Section, error) {
	return create[Section](ctx, s.client, "/sections/", n)
}

// List gives one page of sections that the caller may see.
//
//mibi:route GET /sections/
func (s *SectionsService) List(ctx context.Context, o ListOptions) (*Page[Section], error) {
	return list[Section](ctx, s.client, "/sections/", o.query())
}

// All walks all sections that the caller may see. It ends after the first error.
//
//mibi:route GET /sections/
func (s *SectionsService) All(ctx context.Context, o ListOptions) iter.Seq2[Section, error] {
	return every[Section](ctx, s.client, "/sections/", o.query())
}

// Get gives a section by its id.
//
//mibi:route GET /sections/{id}/
func (s *SectionsService) Get(ctx context.Context, id int64) (*Section, error) {
	return object[Section](ctx, s.client, Request{Route: fmt.Sprintf("/sections/%d/", id)})
}

// Update changes the fields of a section that are given, by their names on the
// wire, and keeps the others; nil clears a field. Related objects are ids: "tissue",
// "slide", "panel", "project". It gives the section
// as it then is.
//
//mibi:route PUT /sections/{id}/
func (s *SectionsService) Update(ctx context.Context, id int64, fields map[string]any) (*Section, error) {
	return update[Section](ctx, s.client, fmt.Sprintf("/sections/%d/", id), fields)
}

// Delete hides a section from all lists ("Lists" in the contract).
//
//mibi:route DELETE /sections/{id}/
func (s *SectionsService) Delete(ctx context.Context, id int64) error {
	return remove(ctx, s.client, fmt.Sprintf("/sections/%d/", id))
}
