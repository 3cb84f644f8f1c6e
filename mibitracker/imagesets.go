package mibitracker

import (
	"context"
	"fmt"
	"iter"
)

// ImageSetsService is Client.ImageSets.
type ImageSetsService service

// NewImageSet is an image set to create.
type NewImageSet struct {
	// Images are ids. All must be in the project, or in another one that
	// shares its images.
	Images []int64 `json:"images"`
	Name   string  `json:"name"`
	// Project is an id; 0 makes a set of the caller's own.
	Project int64 `json:"project,omitempty"`
	// Description is sent as null where it is nil.
	Description *string `json:"description"`
}

// Create makes an image set and gives it as the backend made it. Images that
// may not be in it are an *APIError whose Fields name "images".
//
//mibi:route POST /imagesets/
func (s *ImageSetsService) Create(ctx context.Context, n NewImageSet) (*ImageSet, error) {
	if n.Images == nil {
		n.Images = []int64{}
	}
	return create[ImageSet](ctx, s.client, "/imagesets/", n)
}

// List gives one page of the image sets that the caller may see.
//
//mibi:route GET /imagesets/
func (s *ImageSetsService) List(ctx context.Context, o ListOptions) (*Page[ImageSet], error) {
	return list[ImageSet](ctx, s.client, "/imagesets/", o.query())
}

// All walks all image sets that the caller may see. It ends after the first
// error.
//
//mibi:route GET /imagesets/
func (s *ImageSetsService) All(ctx context.Context, o ListOptions) iter.Seq2[ImageSet, error] {
	return every[ImageSet](ctx, s.client, "/imagesets/", o.query())
}

// Get gives an image set by its id.
//
//mibi:route GET /imagesets/{id}/
func (s *ImageSetsService) Get(ctx context.Context, id int64) (*ImageSet, error) {
	return object[ImageSet](ctx, s.client, Request{Route: fmt.Sprintf("/imagesets/%d/", id)})
}
