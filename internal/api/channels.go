package api

import (
	"context"
	"net/http"
)

// channelURL is GET /images/{id}/channel_url/?channel=NAME: a signed URL of
// the channel's picture.
func (a *API) channelURL(ctx context.Context, c *Call, in *byID) (*reply[signedURL], error) {
	sees, err := a.Store.SeesImages(ctx, c.Viewer(), []int64{in.ID})
	if err != nil {
		return nil, err
	}
	if !sees[in.ID] {
		return nil, notFoundProblem()
	}
	query := c.Request.URL.Query()
	if !query.Has("channel") {
		return nil, fieldProblem("channel", "This parameter is required.")
	}
	ch, err := a.Store.Channel(ctx, in.ID, query.Get("channel"))
	if isNotFound(err) {
		return nil, newProblem(http.StatusNotFound, "The image has no channel %s.", quote(query.Get("channel")))
	}
	if err != nil {
		return nil, err
	}
	return ok(signedURL{a.signed(c.Request, storedFile{ch.Key, ch.FileName, ch.ContentType, ch.SHA256, ch.Size})}), nil
}
