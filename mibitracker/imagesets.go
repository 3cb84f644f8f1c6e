package mibitracker

import (
	"context"
	"net/http"
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

// Create makes an image set.
//
//mibi:route POST /imagesets/
func (s *ImageSetsService) Create(ctx context.Context, n NewImageSet) (*ImageSet, error) {
	if n.Images == nil {
		n.Images = []int64{}
	}
	var set ImageSet
	if err := s.client.JSON(ctx, Request{Method: http.MethodPost, Route: "/imagesets/", Body: JSONBody(n)}, &set); err != nil {
		return nil, err
	}
	return &set, nil
}

// List gives one page of the image sets that the caller may see.
//
//mibi:route GET /imagesets/
func (s *ImageSetsService) List(ctx context.Context, o ListOptions) (*Page[ImageSet], error) {
	return list[ImageSet](ctx, s.client, "/imagesets/", o.query())
}
