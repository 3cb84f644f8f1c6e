package mibitracker

import (
	"context"
	"net/http"
)

// Images gives all images of the run of a label; none where there is no such
// run.
//
//mibi:route GET /images/
func (s *RunsService) Images(ctx context.Context, label string) ([]Image, error) {
	return whole[Image](ctx, s.client, "/images/", query("run__label", label))
}

// Update changes the fields of a run that are given, by their names on the
// wire, and keeps the others; nil clears a field. Related objects are ids:
// "project", "aperture", "instrument", and "slides", a list of them. It gives
// the run as it then is.
//
//mibi:route PUT /runs/{id}/
func (s *RunsService) Update(ctx context.Context, id int64, fields map[string]any) (*Run, error) {
	return update[Run](ctx, s.client, runRoute(id), fields)
}

// Delete hides a run from all lists ("Lists" in the contract). Its label
// stays taken.
//
//mibi:route DELETE /runs/{id}/
func (s *RunsService) Delete(ctx context.Context, id int64) error {
	return s.client.JSON(ctx, Request{Method: http.MethodDelete, Route: runRoute(id)}, nil)
}
