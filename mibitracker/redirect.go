package mibitracker

import (
	"net/http"
	"slices"
)

// RedirectError is a redirect that is not followed: it leads in circles, or would
// lose or leak what was sent. The same request would end so again. It is
// [ErrRedirect], within a [TransportError] that names the request.
type RedirectError struct {
	// Reason says where it would have gone, and why it does not. It holds no
	// credentials, and no query of a URL.
	Reason string
}

// Error is the reason.
func (e *RedirectError) Error() string { return e.Reason }

// Is reports ErrRedirect.
func (e *RedirectError) Is(target error) bool { return target == ErrRedirect }

// maxRedirects is how many redirects are followed one after the other: some
// lead back once, as to a page that sets a cookie.
const maxRedirects = 10

// redirects refuses what would lose or leak a request: a changed method drops
// the body, and a body sent on to another host may hold a password.
func redirects(own func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		// It would tell the next host the query of a signed URL.
		req.Header.Del("Referer")
		if reason := refuse(req, via); reason != "" {
			return &RedirectError{Reason: reason}
		}
		if own != nil {
			return own(req, via)
		}
		return nil
	}
}

// refuse says why a redirect is not followed; empty where it is.
func refuse(req *http.Request, via []*http.Request) string {
	first := via[0]
	where := cleanURL(req.URL, true)
	switch {
	case len(via) >= maxRedirects && slices.ContainsFunc(via, func(r *http.Request) bool { return r.URL.String() == req.URL.String() }):
		return "the server redirects in circles, to " + where + " again: stopped after 10 redirects"
	case len(via) >= maxRedirects:
		return "the server redirects on and on, to " + where + " now: stopped after 10 redirects"
	case req.Method != first.Method:
		return "the server redirects to " + where + ", which would turn " + first.Method + " into " + req.Method + ": correct the base URL"
	case first.Body != nil && first.Body != http.NoBody && !sameOrigin(req.URL, first.URL):
		return "the server redirects a " + first.Method + " with content to " + where + ": it is not sent to another host"
	case first.URL.Scheme == "https" && req.URL.Scheme != "https":
		return "the server redirects from https to " + where
	}
	return ""
}
