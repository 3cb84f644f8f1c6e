package mibitracker

import (
	"context"
	"fmt"
	"iter"
)

// InstrumentsService is Client.Instruments.
type InstrumentsService service

// NewInstrument is an instrument to create.
type NewInstrument struct {
	// Name is required.
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

// Create makes an instrument. Administrators may; others are ErrForbidden.
//
//mibi:route POST /instruments/
func (s *InstrumentsService) Create(ctx context.Context, n NewInstrument) (*Instrument, error) {
	return create[Instrument](ctx, s.client, "/instruments/", n)
}

// List gives one page of instruments.
//
//mibi:route GET /instruments/
func (s *InstrumentsService) List(ctx context.Context, o ListOptions) (*Page[Instrument], error) {
	return list[Instrument](ctx, s.client, "/instruments/", o.query())
}

// All walks all instruments.
//
//mibi:route GET /instruments/
func (s *InstrumentsService) All(ctx context.Context, o ListOptions) iter.Seq2[Instrument, error] {
	return every[Instrument](ctx, s.client, "/instruments/", o.query())
}

// Get gives an instrument by its id.
//
//mibi:route GET /instruments/{id}/
func (s *InstrumentsService) Get(ctx context.Context, id int64) (*Instrument, error) {
	return object[Instrument](ctx, s.client, Request{Route: fmt.Sprintf("/instruments/%d/", id)})
}

// Update changes the fields of an instrument that are given, by their names on the
// wire, and keeps the others; nil clears a field. It gives the instrument
// as it then is.
//
//mibi:route PUT /instruments/{id}/
func (s *InstrumentsService) Update(ctx context.Context, id int64, fields map[string]any) (*Instrument, error) {
	return update[Instrument](ctx, s.client, fmt.Sprintf("/instruments/%d/", id), fields)
}

// Delete hides an instrument from all lists ("Lists" in the contract).
//
//mibi:route DELETE /instruments/{id}/
func (s *InstrumentsService) Delete(ctx context.Context, id int64) error {
	return remove(ctx, s.client, fmt.Sprintf("/instruments/%d/", id))
}
