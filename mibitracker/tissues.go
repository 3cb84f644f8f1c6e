package mibitracker

import (
	"context"
	"fmt"
	"iter"
)

// TissuesService is Client.Tissues: the lab's kinds of tissue ("The rest" in the
// contract). Lists are filtered by "organ", "subsite", "diagnosis" and
// "description".
type TissuesService service

// NewTissue is a tissue to create.
type NewTissue struct {
	// Organ is required; the tissue's name is "ORGAN SUBSITE [DIAGNOSIS]".
	Organ       string `json:"organ"`
	Subsite     string `json:"subsite,omitempty"`
	Diagnosis   string `json:"diagnosis,omitempty"`
	Description string `json:"description,omitempty"`
}

// Create makes a tissue.
//
//mibi:route POST /tissues/
func (s *TissuesService) Create(ctx context.Context, n NewTissue) (*Tissue, error) {
	return create[Tissue](ctx, s.client, "/tissues/", n)
}

// List gives one page of tissues.
//
//mibi:route GET /tissues/
func (s *TissuesService) List(ctx context.Context, o ListOptions) (*Page[Tissue], error) {
	return list[Tissue](ctx, s.client, "/tissues/", o.query())
}

// All walks all tissues. It ends after the first error.
//
//mibi:route GET /tissues/
func (s *TissuesService) All(ctx context.Context, o ListOptions) iter.Seq2[Tissue, error] {
	return every[Tissue](ctx, s.client, "/tissues/", o.query())
}

// Get gives a tissue by its id.
//
//mibi:route GET /tissues/{id}/
func (s *TissuesService) Get(ctx context.Context, id int64) (*Tissue, error) {
	return object[Tissue](ctx, s.client, Request{Route: fmt.Sprintf("/tissues/%d/", id)})
}

// Update changes the fields of a tissue that are given, by their names on the
// wire, and keeps the others; nil clears a field. It gives the tissue
// as it then is.
//
//mibi:route PUT /tissues/{id}/
func (s *TissuesService) Update(ctx context.Context, id int64, fields map[string]any) (*Tissue, error) {
	return update[Tissue](ctx, s.client, fmt.Sprintf("/tissues/%d/", id), fields)
}

// Delete hides a tissue from all lists ("Lists" in the contract).
//
//mibi:route DELETE /tissues/{id}/
func (s *TissuesService) Delete(ctx context.Context, id int64) error {
	return remove(ctx, s.client, fmt.Sprintf("/tissues/%d/", id))
}

// Search walks the tissues of whose name or description a text is a part, in any
// case. It ends after the first error.
//
//mibi:route GET /tissues/search/
func (s *TissuesService) Search(ctx context.Context, text string, o ListOptions) iter.Seq2[Tissue, error] {
	q := o.query()
	q.Set("q", text)
	return every[Tissue](ctx, s.client, "/tissues/search/", q)
}
