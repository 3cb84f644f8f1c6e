package mibitracker

import (
	"context"
	"iter"
)

// InstrumentsService is Client.Instruments.
type InstrumentsService service

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
