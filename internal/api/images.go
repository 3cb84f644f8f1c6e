package api

import (
	"context"
	"net/http"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

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
	return listAs(c, store.ImageListing(), searchFilters, newImageTexts)
}

// channelNames is GET /images/{id}/channelnames/.
func (a *API) channelNames(ctx context.Context, c *Call, in *byID) (*reply[[]string], error) {
	image, err := a.Store.Image(ctx, c.Viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	return ok(each(image.Channels, func(ch model.Channel) string { return ch.Name })), nil
}

// imageToEdit loads an image that the caller may change.
func (c *Call) imageToEdit(ctx context.Context, id int64) (*model.Image, error) {
	return images.toEdit(ctx, c, c.api.Store.Queries, id)
}
