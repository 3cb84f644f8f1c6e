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
