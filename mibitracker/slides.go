package mibitracker

import (
	"context"
	"fmt"
	"iter"
)

// SlidesService is Client.Slides: slides, which sections lie on ("The rest" in
// the contract).
type SlidesService service

// NewSlide is a slide to create. Zero fields are left out.
type NewSlide struct {
	// Name is required.
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	ExternalID  string `json:"external_id,omitempty"`
	Source      string `json:"source,omitempty"` // Where it comes from.
	Lot         string `json:"lot,omitempty"`
	SlideType   string `json:"slide_type,omitempty"` // Such as "coated".
	Location    string `json:"location,omitempty"`
	// Project is an id.
	Project int64 `json:"project,omitempty"`
}

// Create makes a slide.
//
//mibi:route POST /slides/
func (s *SlidesService) Create(ctx context.Context, n NewSlide) (*Slide, error) {
	return create[Slide](ctx, s.client, "/slides/", n)
}

// List gives one page of slides that the caller may see.
//
//mibi:route GET /slides/
func (s *SlidesService) List(ctx context.Context, o ListOptions) (*Page[Slide], error) {
	return list[Slide](ctx, s.client, "/slides/", o.query())
}

// All walks all slides that the caller may see. It ends after the first error.
//
//mibi:route GET /slides/
func (s *SlidesService) All(ctx context.Context, o ListOptions) iter.Seq2[Slide, error] {
	return every[Slide](ctx, s.client, "/slides/", o.query())
}

// Get gives a slide by its id.
//
//mibi:route GET /slides/{id}/
func (s *SlidesService) Get(ctx context.Context, id int64) (*Slide, error) {
	return object[Slide](ctx, s.client, Request{Route: fmt.Sprintf("/slides/%d/", id)})
}

// Update changes the fields of a slide that are given, by their names on the
// wire, and keeps the others; nil clears a field. "project" is an id. It gives the slide
// as it then is.
//
//mibi:route PUT /slides/{id}/
func (s *SlidesService) Update(ctx context.Context, id int64, fields map[string]any) (*Slide, error) {
	return update[Slide](ctx, s.client, fmt.Sprintf("/slides/%d/", id), fields)
}

// Delete hides a slide from all lists ("Lists" in the contract).
//
//mibi:route DELETE /slides/{id}/
func (s *SlidesService) Delete(ctx context.Context, id int64) error {
	return remove(ctx, s.client, fmt.Sprintf("/slides/%d/", id))
}
