package api

import (
	"context"
	"net/http"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// listImages is GET /images/.
func (a *API) listImages(c *Call, _ http.ResponseWriter, _ *http.Request) error {
	return list(c, store.ImageListing(), nil, imageWire)
}

// searchFilters are the parameters of the advanced search. Other than in the
// plain list, they are parts of names.
var searchFilters = map[string]filter{
	"tissue":         {"search.tissue", store.KindText, true},
	"mass":           {"search.mass", store.KindInt, true},
	"antibodyTarget": {"search.target", store.KindText, true},
	"run":            {"search.run", store.KindText, true},
	"point":          {"search.point", store.KindText, true},
	"panelName":      {"search.panel", store.KindText, true},
	"project":        {"search.project", store.KindText, true},
	"instrument":     {"search.instrument", store.KindText, true},
	"slide":          {"search.slide", store.KindText, true},
	"startDate":      {"search.start", store.KindDateFrom, true},
	"endDate":        {"search.end", store.KindDateTo, true},
	"status":         {"status", store.KindStatus, true},
}

// searchImages is GET /images/search_advanced/.
func (a *API) searchImages(c *Call, _ http.ResponseWriter, _ *http.Request) error {
	return list(c, store.ImageListing(), searchFilters, imageWire)
}

// getImage is GET /images/{id}/, for deleted images, too.
func (a *API) getImage(ctx context.Context, c *Call, in *byID) (*reply[wireImage], error) {
	image, err := a.Store.Image(ctx, c.Viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	return ok(imageWire(*image)), nil
}

// channelNames is GET /images/{id}/channelnames/.
func (a *API) channelNames(ctx context.Context, c *Call, in *byID) (*reply[[]string], error) {
	image, err := a.Store.Image(ctx, c.Viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	return ok(each(image.Channels, func(ch model.Channel) string { return ch.Name })), nil
}

// conjugates is GET /images/{id}/conjugates/: those of the panel of the
// image's section.
func (a *API) conjugates(c *Call, _ http.ResponseWriter, r *http.Request) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	image, err := a.Store.Image(r.Context(), c.Viewer(), id)
	if err != nil {
		return err
	}
	var rows []model.Conjugate
	if image.Section != nil && image.Section.Panel != nil {
		if rows, err = a.Store.Conjugates(r.Context(), image.Section.Panel.ID); err != nil {
			return err
		}
	}
	return list(c, memoryList[model.Conjugate]{
		rows: rows,
		values: map[string]func(model.Conjugate) any{
			"id":     func(v model.Conjugate) any { return v.ID },
			"mass":   func(v model.Conjugate) any { return int64(v.Mass) },
			"target": func(v model.Conjugate) any { return v.Target },
		},
		kinds: map[string]store.Kind{"id": store.KindInt, "mass": store.KindInt},
	}, nil, conjugateWire)
}

// deleteImage is DELETE /images/{id}/: it is hidden.
func (a *API) deleteImage(ctx context.Context, c *Call, in *byID) (*nothing, error) {
	if _, err := c.imageToEdit(ctx, in.ID); err != nil {
		return nil, err
	}
	err := c.write(ctx, func(tx *store.Tx) error {
		return tx.UpdateImage(ctx, in.ID, changes{{Column: "active", Value: false}})
	})
	if err != nil {
		return nil, err
	}
	return &nothing{}, nil
}

// imageToEdit loads an image that the caller may change. In no project it is
// whose its run is.
func (c *Call) imageToEdit(ctx context.Context, id int64) (*model.Image, error) {
	image, err := c.api.Store.Image(ctx, c.Viewer(), id)
	if err != nil {
		return nil, err
	}
	return image, c.mayEdit(image.Project, image.Run.CreatorID)
}
