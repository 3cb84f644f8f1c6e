package mibitracker

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
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

// Get gives an aperture by its id.
//
//mibi:route GET /apertures/{id}/
func (s *AperturesService) Get(ctx context.Context, id int64) (*Aperture, error) {
	return object[Aperture](ctx, s.client, Request{Route: fmt.Sprintf("/apertures/%d/", id)})
}

// idOf gives the id of an aperture of which perhaps only the code is known; 0
// where there is none, or the backend does not say it.
func (s *AperturesService) idOf(ctx context.Context, a *Aperture) (int64, error) {
	if a == nil || a.ID != 0 || a.Code == "" {
		if a == nil {
			return 0, nil
		}
		return a.ID, nil
	}
	for known, err := range s.All(ctx, ListOptions{}) {
		var refused *APIError
		switch {
		case errors.As(err, &refused) && refused.Status == http.StatusNotFound:
			// Backends that give bare codes need not have this list.
			s.client.log.WarnContext(ctx, "the backend has no list of apertures", "aperture", a.Code)
			return 0, nil
		case err != nil:
			return 0, fmt.Errorf("looking up aperture %s: %w", a.Code, err)
		case known.Code == a.Code:
			return known.ID, nil
		}
	}
	s.client.log.WarnContext(ctx, "the backend does not list this aperture", "aperture", a.Code)
	return 0, nil
}
