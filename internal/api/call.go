package api

import (
	"io"
	"net/http"
	"strconv"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// Call is one request on its way through a handler.
type Call struct {
	Request *http.Request
	Writer  http.ResponseWriter
	Account model.Account // the zero account on open routes
	Key     *model.APIKey // that the request was made with; nil for a login token

	api     *API
	body    io.Reader // the request's body, limited, once it is read
	once    *once     // nil without an Idempotency-Key
	success int       // the status of a route of writes
	sealed  bool      // the answer holds a secret
	about   *description
}

type callKey struct{}

// Viewer is who asks, as the store wants to know it.
func (c *Call) Viewer() store.Viewer { return store.Viewer{ID: c.Account.ID, Admin: c.Account.Admin} }

// ID is an object's id in the path. What is no id names no object: 404.
func (c *Call) ID(name string) (int64, error) {
	id, err := strconv.ParseInt(c.Request.PathValue(name), 10, 64)
	if err != nil || id <= 0 {
		return 0, notFoundProblem()
	}
	return id, nil
}
