package api

// The table of routes: every route of the API stands here, and nowhere else.
//
// How a route is added: write its handler in the file of its resource, then
// add a line here. There are three kinds of handler:
//
//   - on(method, path, name, access, handler): a typed handler,
//     func(ctx, *Call, *In) (*reply[Out], error). In has the path parameters
//     (byID for "{id}", none for none, or a struct with `path:"..."` tags);
//     what it returns is sent as JSON: ok(v), or *nothing for 204.
//   - writes(path, name, status, handler): a POST of who is logged in. It is
//     like on, but answers *written[Out], which only write and unchanged make:
//     they keep the answer for repetitions of the request. A test finds a POST
//     that is none of these.
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

		// Runs
		raw(get, "/runs/", "list-runs", Token, a.listRuns),
		writes("/runs/", "create-run", http.StatusCreated, a.createRun),
		on(get, "/runs/{id}/", "get-run", Token, a.getRun),
		on(put, "/runs/{id}/", "change-run", Token, a.changeRun),
		on(patch, "/runs/{id}/", "patch-run", Token, a.changeRun),
		on(del, "/runs/{id}/", "delete-run", Token, a.deleteRun),

		// Images
		raw(get, "/images/", "list-images", Token, a.listImages),
		writes("/images/", "create-image", http.StatusCreated, a.createImage),
		raw(get, "/images/search_advanced/", "search-images", Token, a.searchImages),
		on(get, "/images/{id}/", "get-image", Token, a.getImage),
		on(put, "/images/{id}/", "change-image", Token, a.changeImage),
		on(patch, "/images/{id}/", "patch-image", Token, a.changeImage),
		on(del, "/images/{id}/", "delete-image", Token, a.deleteImage),
		raw(get, "/images/{id}/conjugates/", "list-image-conjugates", Token, a.conjugates),
		on(get, "/images/{id}/channelnames/", "list-image-channels", Token, a.channelNames),

		// Files: download, signed URLs, uploads, channels
		on(get, "/download/", "download", Token, a.download),
		raw(get, "/storage/{file}/", "get-stored-file", Open, a.getStored),
		raw(head, "/storage/{file}/", "head-stored-file", Open, a.getStored),
		raw(put, "/storage/{file}/", "put-stored-file", Open, a.putStored),
		on(get, "/upload_mibitiff/sign_tiff_url/", "sign-upload", Token, a.signUpload),
		writes("/upload_mibitiff/", "enqueue-upload", http.StatusOK, a.enqueueUpload),
		on(get, "/images/{id}/channel_url/", "get-channel-url", Token, a.channelURL),
		writes("/images/{id}/upload_channel/", "upload-channel", http.StatusOK, a.uploadChannel),

		// Image sets and projects
		raw(get, "/imagesets/", "list-imagesets", Token, a.listImageSets),
		writes("/imagesets/", "create-imageset", http.StatusCreated, a.createImageSet),
		on(get, "/imagesets/{id}/", "get-imageset", Token, a.getImageSet),
		raw(get, "/projects/", "list-projects", Token, a.listProjects),
		writes("/projects/", "create-project", http.StatusCreated, a.createProject),
		on(get, "/projects/{id}/", "get-project", Token, a.getProject),

		// What was stained with what
		raw(get, "/slides/", "list-slides", Token, a.listSlides),
		writes("/slides/", "create-slide", http.StatusCreated, a.createSlide),
		on(get, "/slides/{id}/", "get-slide", Token, a.getSlide),
		raw(get, "/sections/", "list-sections", Token, a.listSections),
		writes("/sections/", "create-section", http.StatusCreated, a.createSection),
		on(get, "/sections/{id}/", "get-section", Token, a.getSection),
		raw(get, "/panels/", "list-panels", Token, a.listPanels),
		writes("/panels/", "create-panel", http.StatusCreated, a.createPanel),
		on(get, "/panels/{id}/", "get-panel", Token, a.getPanel),

		// The lab's vocabulary
		raw(get, "/apertures/", "list-apertures", Token, a.listApertures),
		on(get, "/apertures/{id}/", "get-aperture", Token, a.getAperture),
		raw(get, "/instruments/", "list-instruments", Token, a.listInstruments),
		writes("/instruments/", "create-instrument", http.StatusCreated, a.createInstrument),
		on(get, "/instruments/{id}/", "get-instrument", Token, a.getInstrument),
		raw(get, "/tissues/", "list-tissues", Token, a.listTissues),
		writes("/tissues/", "create-tissue", http.StatusCreated, a.createTissue),
		on(get, "/tissues/{id}/", "get-tissue", Token, a.getTissue),
	}
}
