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
// After the handler stand the options that describe the route in OpenAPI (see
// describe.go): takes(fields...) for the body of every route that writes, with
// a function of bodies.go; lists[wireRun](store.RunListing(), nil) for a list,
// asks(...) for other parameters, answers or sends for what other raw routes
// answer, refuses for errors that are not the kind's. What a new name means is
// said in openapi_words.go. Then: go test ./internal/api -run OpenAPI -update
//
// Rules: the path is the contract's, with its final slash; all slash forms
// reach it. Access is Token unless the contract says open; then c.Account and
// c.Viewer() are the caller's. A handler returns errors and never writes them:
// newProblem, fieldProblem, forbidden, notFoundProblem, errors of the store,
// and anything else is a 500 that is logged. After a part of the answer is
// out, it wraps errAnswered. Bodies are read with c.given (JSON and forms, see
// body.go) or c.limited(max); absolute URLs come from a.absolute; a.reach
// names the moments that tests of crashes stop at.

import (
	"net/http"

	"github.com/openmibi/openmibi/internal/store"
)

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
		on(post, "/api-token-auth/", "log-in", Open, a.logIn, takes(credentialsBody()), refuses(http.StatusTooManyRequests, "Too many logins at once, or too many wrong ones.")),
		on(post, "/api-token-refresh/", "refresh-token", Open, a.refreshToken, takes(tokenTaken())),
		on(options, "/", "check-token", Token, a.service),
		on(get, "/users/me/", "get-me", Token, a.me),
		raw(get, "/openapi.json", "get-openapi", Open, a.openAPI, answers[any](http.StatusOK)),

		// Runs
		raw(get, "/runs/", "list-runs", Token, a.listRuns, lists[wireRun](store.RunListing(), nil)),
		writes("/runs/", "create-run", http.StatusCreated, a.createRun, takes(newRunBody())),
		on(get, "/runs/{id}/", "get-run", Token, a.getRun),
		on(put, "/runs/{id}/", "change-run", Token, a.changeRun, takes(changedRunBody())),
		on(patch, "/runs/{id}/", "patch-run", Token, a.changeRun, takes(changedRunBody())),
		on(del, "/runs/{id}/", "delete-run", Token, a.deleteRun),

		// Images
		raw(get, "/images/", "list-images", Token, a.listImages, lists[wireImage](store.ImageListing(), nil)),
		writes("/images/", "create-image", http.StatusCreated, a.createImage, takes(newImageBody())),
		raw(get, "/images/search_advanced/", "search-images", Token, a.searchImages, lists[wireImage](store.ImageListing(), searchFilters)),
		on(get, "/images/{id}/", "get-image", Token, a.getImage),
		on(put, "/images/{id}/", "change-image", Token, a.changeImage, takes(changedImageBody())),
		on(patch, "/images/{id}/", "patch-image", Token, a.changeImage, takes(changedImageBody())),
		on(del, "/images/{id}/", "delete-image", Token, a.deleteImage),
		raw(get, "/images/{id}/conjugates/", "list-image-conjugates", Token, a.conjugates),
		on(get, "/images/{id}/channelnames/", "list-image-channels", Token, a.channelNames),

		// Files: download, signed URLs, uploads, channels
		on(get, "/download/", "download", Token, a.download, asks(body{aText("path", 0)}.need("path")...), hears(aText("Prefer", 0)),
			refuses(http.StatusNotFound, "There is no such file, or the caller may not see it.")),
		raw(get, "/storage/{file}/", "get-stored-file", Open, a.getStored, downloads()...),
		raw(head, "/storage/{file}/", "head-stored-file", Open, a.getStored, downloads()...),
		raw(put, "/storage/{file}/", "put-stored-file", Open, a.putStored, takesBytes(mediaTIFF), asks(grantAsked()...), answers[received](http.StatusOK),
			refuses(http.StatusForbidden, "The URL is not valid any more, or not for this."), refuses(http.StatusConflict, "The upload is complete and queued."),
			refuses(http.StatusBadRequest, "The body ends too early, or is a part of a file."), refuses(http.StatusRequestEntityTooLarge, "The file is larger than is accepted."),
			refuses(http.StatusUnsupportedMediaType, "The file does not come as image/tiff.")),
		on(get, "/upload_mibitiff/sign_tiff_url/", "sign-upload", Token, a.signUpload, asks(body{anID("run_id")}.need("run_id")...),
			refuses(http.StatusForbidden, "The caller may see the run, but not upload to it."), refuses(http.StatusNotFound, "There is no such run, or the caller may not see it.")),
		writes("/upload_mibitiff/", "enqueue-upload", http.StatusOK, a.enqueueUpload, takes(uploadBody())),
		on(get, "/images/{id}/channel_url/", "get-channel-url", Token, a.channelURL, asks(body{aText("channel", 0)}.need("channel")...)),
		writes("/images/{id}/upload_channel/", "upload-channel", http.StatusOK, a.uploadChannel, takes(channelBody())),

		// Image sets and projects
		raw(get, "/imagesets/", "list-imagesets", Token, a.listImageSets, lists[wireImageSet](store.ImageSetListing(), nil)),
		writes("/imagesets/", "create-imageset", http.StatusCreated, a.createImageSet, takes(imageSetBody().need("name", "images"))),
		on(get, "/imagesets/{id}/", "get-imageset", Token, a.getImageSet),
		raw(get, "/projects/", "list-projects", Token, a.listProjects, lists[wireProject](store.ProjectListing(), nil)),
		writes("/projects/", "create-project", http.StatusCreated, a.createProject, takes(projectBody().need("name"))),
		on(get, "/projects/{id}/", "get-project", Token, a.getProject),

		// What was stained with what
		raw(get, "/slides/", "list-slides", Token, a.listSlides, lists[wireSlide](store.SlideListing(), nil)),
		writes("/slides/", "create-slide", http.StatusCreated, a.createSlide, takes(slideBody().need("name"))),
		on(get, "/slides/{id}/", "get-slide", Token, a.getSlide),
		raw(get, "/sections/", "list-sections", Token, a.listSections, lists[wireSection](store.SectionListing(), nil)),
		writes("/sections/", "create-section", http.StatusCreated, a.createSection, takes(sectionBody())),
		on(get, "/sections/{id}/", "get-section", Token, a.getSection),
		raw(get, "/panels/", "list-panels", Token, a.listPanels, lists[wirePanelRef](store.PanelListing(), nil)),
		writes("/panels/", "create-panel", http.StatusCreated, a.createPanel, takes(panelBody().need("name"))),
		on(get, "/panels/{id}/", "get-panel", Token, a.getPanel),

		// The lab's vocabulary
		raw(get, "/apertures/", "list-apertures", Token, a.listApertures),
		on(get, "/apertures/{id}/", "get-aperture", Token, a.getAperture),
		raw(get, "/instruments/", "list-instruments", Token, a.listInstruments, lists[wireInstrument](store.InstrumentListing(), nil)),
		writes("/instruments/", "create-instrument", http.StatusCreated, a.createInstrument, takes(instrumentBody().need("name"))),
		on(get, "/instruments/{id}/", "get-instrument", Token, a.getInstrument),
		raw(get, "/tissues/", "list-tissues", Token, a.listTissues, lists[wireTissue](store.TissueListing(), nil)),
		writes("/tissues/", "create-tissue", http.StatusCreated, a.createTissue, takes(tissueBody().need("organ"))),
		on(get, "/tissues/{id}/", "get-tissue", Token, a.getTissue),
	}
}
