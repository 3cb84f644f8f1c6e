package api

// The table of routes: every route of the API stands here, and nowhere else.
//
// How a route is added: write its handler in the file of its resource, then
// add a line here. There are two kinds of handler:
//
//   - on(method, path, name, access, handler): a typed handler,
//     func(ctx, *Call, *In) (*reply[Out], error). In has the path parameters
//     (byID for "{id}", none for none, or a struct with `path:"..."` tags);
//     what it returns is sent as JSON: ok(v), created(v), or *nothing for 204.
//   - raw(method, path, name, access, handler): func(*Call, w, r) error, for
//     what streams or is no JSON: lists, files, signed URLs.
//
// Rules: the path is the contract's, with its final slash; all slash forms
// reach it. Access is Token unless the contract says open; then c.Account and
// c.Viewer() are the caller's. A handler returns errors and never writes them:
// newProblem, fieldProblem, forbidden, notFoundProblem, errors of the store,
// and anything else is a 500 that is logged. After a part of the answer is
// out, it wraps errAnswered. Bodies are read with c.given (JSON and forms, see
// body.go) or c.limited(max); absolute URLs come from a.absolute; a.reach
// names the moments that tests of crashes stop at.

import "net/http"

const (
	get     = http.MethodGet
	head    = http.MethodHead
	post    = http.MethodPost
	put     = http.MethodPut
	patch   = http.MethodPatch
	del     = http.MethodDelete
	options = http.MethodOptions
)

func (a *API) routes() []Route {
	return []Route{
		// Who is asking
		on(post, "/api-token-auth/", "log-in", Open, a.logIn),
		on(post, "/api-token-refresh/", "refresh-token", Open, a.refreshToken),
		on(options, "/", "check-token", Token, a.service),
		on(get, "/users/me/", "get-me", Token, a.me),
		raw(get, "/openapi.json", "get-openapi", Open, a.openAPI),

		// Files: download, signed URLs, uploads, channels (files_*.go,
		// storage*.go, upload*.go, channels*.go)

		// The lab's vocabulary
		raw(get, "/apertures/", "list-apertures", Token, a.listApertures),
		on(get, "/apertures/{id}/", "get-aperture", Token, a.getAperture),
		raw(get, "/instruments/", "list-instruments", Token, a.listInstruments),
		on(post, "/instruments/", "create-instrument", Token, a.createInstrument),
		on(get, "/instruments/{id}/", "get-instrument", Token, a.getInstrument),
		raw(get, "/tissues/", "list-tissues", Token, a.listTissues),
		on(post, "/tissues/", "create-tissue", Token, a.createTissue),
		on(get, "/tissues/{id}/", "get-tissue", Token, a.getTissue),
	}
}
