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
//   - writes(path, name, status, handler), and writesAs for another access than
//     Token: a POST of who is logged in. It is
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
// reach it. Access is Token unless the contract says open, or one of the others
// fits (see Access); then c.Account and c.Viewer() are the caller's, with the
// rights that its credentials have. A handler returns errors and never writes them:
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

		// Accounts and API keys
		on(get, "/users/me/", "get-me", Token, a.me),
		on(put, "/users/me/password/", "change-my-password", Session, a.changePassword, takes(passwordBody()),
			refuses(http.StatusTooManyRequests, "Too many wrong passwords.")),
		on(del, "/users/me/tokens/", "log-out-everywhere", Session, a.endMyTokens),
		on(post, "/users/set-password/", "set-password", Open, a.setPassword, takes(setPasswordBody()),
			refuses(http.StatusTooManyRequests, "Too many tries with links that are not good.")),
		raw(get, "/users/", "list-users", Admin, a.listUsers, lists[wireUser](store.AccountListing(), nil)),
		writesAs("/users/", "create-user", Admin, http.StatusCreated, a.createUser, takes(userBody().need("email"))),
		on(get, "/users/{id}/", "get-user", Admin, a.getUser),
		on(put, "/users/{id}/", "change-user", Admin, a.changeUser, takes(changedUserBody())),
		on(patch, "/users/{id}/", "patch-user", Admin, a.changeUser, takes(changedUserBody())),
		on(del, "/users/{id}/", "delete-user", Admin, a.deleteUser, refuses(http.StatusBadRequest, "This is the last active administrator.")),
		on(del, "/users/{id}/tokens/", "log-out-user", Admin, a.endUserTokens),
		writesAs("/users/{id}/reset/", "reset-user", Admin, http.StatusOK, a.resetUser),
		raw(get, "/keys/", "list-keys", Session, a.listKeys, lists[wireKey](store.KeyListing(), nil)),
		writesAs("/keys/", "create-key", Session, http.StatusCreated, a.createKey, takes(keyBody())),
		on(get, "/keys/{id}/", "get-key", Session, a.getKey),
		on(del, "/keys/{id}/", "revoke-key", Session, a.revokeKey),

		raw(get, "/openapi.json", "get-openapi", Open, a.openAPI, answers[any](http.StatusOK)),

		// Who did what
		raw(get, "/audit/", "list-audit", Admin, a.listAudit, lists[wireAudit](store.AuditListing{}, nil)),

		// Runs
		raw(get, "/runs/", "list-runs", Token, runs.list, lists[wireRun](store.RunListing(), nil)),
		writesAs("/runs/", "create-run", Upload, http.StatusCreated, a.createRun, takes(newRunBody())),
		on(get, "/runs/{id}/", "get-run", Token, runs.get),
		on(put, "/runs/{id}/", "change-run", Token, runs.change, takes(changedRunBody())),
		on(patch, "/runs/{id}/", "patch-run", Token, runs.change, takes(changedRunBody())),
		on(del, "/runs/{id}/", "delete-run", Token, runs.remove),
		raw(get, "/runs/{id}/audit/", "list-run-audit", Token, a.auditOf(store.KindRun), lists[wireAudit](store.ObjectAudit{}, nil)),

		// Images
		raw(get, "/images/", "list-images", Token, images.list, lists[wireImage](store.ImageListing(), nil)),
		writesAs("/images/", "create-image", Upload, http.StatusCreated, images.create, takes(newImageBody())),
		raw(get, "/images/search_advanced/", "search-images", Token, a.searchImages, lists[wireImage](store.ImageListing(), searchFilters)),
		on(get, "/images/{id}/", "get-image", Token, images.get),
		on(put, "/images/{id}/", "change-image", Token, a.changeImage, takes(changedImageBody())),
		on(patch, "/images/{id}/", "patch-image", Token, a.changeImage, takes(changedImageBody())),
		on(del, "/images/{id}/", "delete-image", Token, images.remove),
		raw(get, "/images/{id}/audit/", "list-image-audit", Token, a.auditOf(store.KindImage), lists[wireAudit](store.ObjectAudit{}, nil)),
		raw(get, "/images/{id}/conjugates/", "list-image-conjugates", Token, a.conjugates, lists[wireConjugate](conjugateList(nil), nil)),
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
		on(get, "/upload_mibitiff/sign_tiff_url/", "sign-upload", Upload, a.signUpload, asks(body{anID("run_id")}.need("run_id")...),
			refuses(http.StatusForbidden, "The caller may see the run, but not upload to it."), refuses(http.StatusNotFound, "There is no such run, or the caller may not see it.")),
		writesAs("/upload_mibitiff/", "enqueue-upload", Upload, http.StatusOK, a.enqueueUpload, takes(uploadBody())),
		on(get, "/images/{id}/channel_url/", "get-channel-url", Token, a.channelURL, asks(body{aText("channel", 0)}.need("channel")...)),
		writesAs("/images/{id}/upload_channel/", "upload-channel", Upload, http.StatusOK, a.uploadChannel, takes(channelBody())),

		// Image sets and projects
		raw(get, "/imagesets/", "list-imagesets", Token, imageSets.list, lists[wireImageSet](store.ImageSetListing(), nil)),
		writes("/imagesets/", "create-imageset", http.StatusCreated, imageSets.create, takes(imageSetBody().need("name", "images"))),
		on(get, "/imagesets/{id}/", "get-imageset", Token, imageSets.get),
		on(put, "/imagesets/{id}/", "change-imageset", Token, imageSets.change, takes(imageSetBody().changed())),
		on(patch, "/imagesets/{id}/", "patch-imageset", Token, imageSets.change, takes(imageSetBody().changed())),
		on(del, "/imagesets/{id}/", "delete-imageset", Token, imageSets.remove, refuses(http.StatusBadRequest, "It is the set of a run.")),
		raw(get, "/imagesets/{id}/audit/", "list-imageset-audit", Token, a.auditOf(store.KindImageSet), lists[wireAudit](store.ObjectAudit{}, nil)),
		raw(get, "/projects/", "list-projects", Token, projects.list, lists[wireProject](store.ProjectListing(), nil)),
		writes("/projects/", "create-project", http.StatusCreated, projects.create, takes(projectBody().need("name"))),
		on(get, "/projects/{id}/", "get-project", Token, projects.get),
		on(put, "/projects/{id}/", "change-project", Token, projects.change, takes(projectBody().changed())),
		on(patch, "/projects/{id}/", "patch-project", Token, projects.change, takes(projectBody().changed())),
		on(del, "/projects/{id}/", "delete-project", Token, projects.remove),
		raw(get, "/projects/{id}/audit/", "list-project-audit", Token, a.auditOf(store.KindProject), lists[wireAudit](store.ObjectAudit{}, nil)),
		raw(get, "/projects/{id}/members/", "list-members", Token, a.listMembers, lists[wireMember](memberList(nil), nil),
			refuses(http.StatusForbidden, "The caller may see the project, but does not belong to it.")),
		writes("/projects/{id}/members/", "add-member", http.StatusCreated, a.addMember, takes(memberBody().and(aFilled("email", maxName)).need("email", "role"))),
		on(put, "/projects/{id}/members/{account}/", "change-member", Token, a.changeMember, takes(memberBody())),
		on(patch, "/projects/{id}/members/{account}/", "patch-member", Token, a.changeMember, takes(memberBody())),
		on(del, "/projects/{id}/members/{account}/", "remove-member", Token, a.removeMember),

		// What was stained with what
		raw(get, "/slides/", "list-slides", Token, slides.list, lists[wireSlide](store.SlideListing(), nil)),
		writes("/slides/", "create-slide", http.StatusCreated, slides.create, takes(slideBody().need("name"))),
		on(get, "/slides/{id}/", "get-slide", Token, slides.get),
		on(put, "/slides/{id}/", "change-slide", Token, slides.change, takes(slideBody().changed())),
		on(patch, "/slides/{id}/", "patch-slide", Token, slides.change, takes(slideBody().changed())),
		on(del, "/slides/{id}/", "delete-slide", Token, slides.remove),
		raw(get, "/slides/{id}/audit/", "list-slide-audit", Token, a.auditOf(store.KindSlide), lists[wireAudit](store.ObjectAudit{}, nil)),
		raw(get, "/sections/", "list-sections", Token, sections.list, lists[wireSection](store.SectionListing(), nil)),
		writes("/sections/", "create-section", http.StatusCreated, sections.create, takes(sectionBody())),
		on(get, "/sections/{id}/", "get-section", Token, sections.get),
		on(put, "/sections/{id}/", "change-section", Token, sections.change, takes(sectionBody().changed())),
		on(patch, "/sections/{id}/", "patch-section", Token, sections.change, takes(sectionBody().changed())),
		on(del, "/sections/{id}/", "delete-section", Token, sections.remove),
		raw(get, "/sections/{id}/audit/", "list-section-audit", Token, a.auditOf(store.KindSection), lists[wireAudit](store.ObjectAudit{}, nil)),
		raw(get, "/panels/", "list-panels", Token, panels.list, lists[wirePanel](store.PanelListing(), nil)),
		writes("/panels/", "create-panel", http.StatusCreated, a.createPanel, takes(newPanelBody()), takesBytes(mediaCSV), asks(besideCSV()...),
			refuses(http.StatusForbidden, "The caller may see the project, or the version before, but not add to it.")),
		on(get, "/panels/{id}/", "get-panel", Token, panels.get),
		on(put, "/panels/{id}/", "change-panel", Token, panels.change, takes(panelBody().changed())),
		on(patch, "/panels/{id}/", "patch-panel", Token, panels.change, takes(panelBody().changed())),
		on(del, "/panels/{id}/", "delete-panel", Token, panels.remove),
		raw(get, "/panels/{id}/audit/", "list-panel-audit", Token, a.auditOf(store.KindPanel), lists[wireAudit](store.ObjectAudit{}, nil)),
		raw(get, "/panels/{id}/csv/", "get-panel-csv", Token, a.panelCSV, sends(http.StatusOK, []string{mediaCSV}, "Content-Disposition", "Content-Length"),
			refuses(http.StatusConflict, "A conjugate has a text that a CSV cannot hold.")),

		// The lab's vocabulary
		raw(get, "/apertures/", "list-apertures", Token, apertures.list, lists[wireApertureAlone](store.ApertureListing(), nil)),
		writes("/apertures/", "create-aperture", http.StatusCreated, apertures.create, takes(apertureBody().need("code", "name"))),
		on(get, "/apertures/{id}/", "get-aperture", Token, apertures.get),
		on(put, "/apertures/{id}/", "change-aperture", Token, apertures.change, takes(apertureBody().changed())),
		on(patch, "/apertures/{id}/", "patch-aperture", Token, apertures.change, takes(apertureBody().changed())),
		on(del, "/apertures/{id}/", "delete-aperture", Token, apertures.remove),
		raw(get, "/apertures/{id}/audit/", "list-aperture-audit", Token, a.auditOf(store.KindAperture), lists[wireAudit](store.ObjectAudit{}, nil)),
		raw(get, "/instruments/", "list-instruments", Token, instruments.list, lists[wireInstrument](store.InstrumentListing(), nil)),
		writes("/instruments/", "create-instrument", http.StatusCreated, instruments.create, takes(instrumentBody().need("name"))),
		on(get, "/instruments/{id}/", "get-instrument", Token, instruments.get),
		on(put, "/instruments/{id}/", "change-instrument", Token, instruments.change, takes(instrumentBody().changed())),
		on(patch, "/instruments/{id}/", "patch-instrument", Token, instruments.change, takes(instrumentBody().changed())),
		on(del, "/instruments/{id}/", "delete-instrument", Token, instruments.remove),
		raw(get, "/instruments/{id}/audit/", "list-instrument-audit", Token, a.auditOf(store.KindInstrument), lists[wireAudit](store.ObjectAudit{}, nil)),
		raw(get, "/tissues/", "list-tissues", Token, tissues.list, lists[wireTissue](store.TissueListing(), nil)),
		writes("/tissues/", "create-tissue", http.StatusCreated, tissues.create, takes(tissueBody().need("organ"))),
		raw(get, "/tissues/search/", "search-tissues", Token, a.searchTissues, lists[wireTissue](store.TissueListing(), tissueSearch)),
		on(get, "/tissues/{id}/", "get-tissue", Token, tissues.get),
		on(put, "/tissues/{id}/", "change-tissue", Token, tissues.change, takes(tissueBody().changed())),
		on(patch, "/tissues/{id}/", "patch-tissue", Token, tissues.change, takes(tissueBody().changed())),
		on(del, "/tissues/{id}/", "delete-tissue", Token, tissues.remove),
		raw(get, "/tissues/{id}/audit/", "list-tissue-audit", Token, a.auditOf(store.KindTissue), lists[wireAudit](store.ObjectAudit{}, nil)),
		raw(get, "/tissues/{id}/images/", "list-tissue-images", Token, a.tissueImages, lists[wireImage](store.ImageListing(), nil)),
	}
}
