package mibitracker

import (
	"context"
	"iter"
)

// AperturesService is Client.Apertures.
type AperturesService service

// List gives one page of apertures.
//
//mibi:route GET /apertures/
func (s *AperturesService) List(ctx context.Context, o ListOptions) (*Page[Aperture], error) {
	return list[Aperture](ctx, s.client, "/apertures/", o.query())
}

// All walks all apertures.
//
//mibi:route GET /apertures/
func (s *AperturesService) All(ctx context.Context, o ListOptions) iter.Seq2[Aperture, error] {
	return every[Aperture](ctx, s.client, "/apertures/", o.query())
}
