package mibitracker

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Kinds of refusal, for errors.Is on an *APIError.
var (
	ErrBadRequest   = errors.New("bad request")            // 400, 422
	ErrUnauthorized = errors.New("not logged in")          // 401
	ErrForbidden    = errors.New("not allowed")            // 403
	ErrNotFound     = errors.New("not found")              // 404
	ErrConflict     = errors.New("conflict")               // 409
	ErrTooLarge     = errors.New("too large")              // 413
	ErrThrottled    = errors.New("too many requests")      // 429
	ErrServer       = errors.New("the server failed")      // 500 and more
	ErrTimeout      = errors.New("timed out on silence")   // a *SilenceError
	ErrUnexpected   = errors.New("unexpected answer")      // an *UnexpectedAnswerError
	ErrNotOne       = errors.New("none or several match")  // an *UnexpectedAnswerError of a search for one object
	ErrProcessing   = errors.New("processing failed")      // a *ProcessingError
	ErrChanged      = errors.New("the file has changed")   // while it was read by parts
	ErrNoRanges     = errors.New("storage has no ranges")  // so that a file cannot be read by parts
	ErrCorrupt      = errors.New("the file is corrupt")    // it is not what its storage's digest says
	ErrLinkRefused  = errors.New("signed link refused")    // 400, 401, 403, 410 of a storage
	ErrRedirect     = errors.New("redirect not followed")  // a *RedirectError
	errNotAJSON     = errors.New("the answer is not JSON") // within an *UnexpectedAnswerError
)

// APIError is an answer of status 400 or more ("Base rules" of the contract).
type APIError struct {
	// Status is the HTTP status.
	Status int
	// Method and URL are the request's. The URL carries no credentials, and
	// no query if it was a signed one.
	Method, URL string
	// Detail is the body's "detail", or its form errors in one line.
	Detail string
	// Fields are the errors of single fields, by the field's name.
	Fields map[string][]string
	// Body is the beginning of a body that is not in the contract's form,
	// such as a proxy's HTML page.
	Body string
	// Storage says that the request was to a signed URL: not the API refused it,
	// but the storage that the URL is of. Such a 401 or 403 is of the link, not
	// of the account.
	Storage bool
	// RetryAfter is what the answer's Retry-After asks for; 0 without one.
	RetryAfter time.Duration
}

// Error says what was asked, the status, and the server's own words.
func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s: %d %s", e.Method, e.URL, e.Status, http.StatusText(e.Status))
	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}
	for _, name := range slices.Sorted(maps.Keys(e.Fields)) {
		b.WriteString("; " + name + ": " + strings.Join(e.Fields[name], " "))
	}
	if e.Body != "" {
		b.WriteString(": " + e.Body)
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, " (it asks to wait %v)", e.RetryAfter.Round(time.Second))
	}
	return b.String()
}

// Is reports the kind of refusal: ErrNotFound, ErrUnauthorized, and so on. A
// storage's refusal of a signed URL is ErrLinkRefused besides.
func (e *APIError) Is(target error) bool {
	switch target {
	case ErrBadRequest:
		return e.Status == 400 || e.Status == 422
	case ErrUnauthorized:
		return e.Status == 401
	case ErrForbidden:
		return e.Status == 403
	case ErrNotFound:
		return e.Status == 404
	case ErrConflict:
		return e.Status == 409
	case ErrTooLarge:
		return e.Status == 413
	case ErrThrottled:
		return e.Status == 429
	case ErrServer:
		return e.Status >= 500
	case ErrLinkRefused:
		// Storages do not agree on an answer to a signed URL that has expired, or
		// whose signature is wrong.
		return e.Storage && (e.Status == 400 || e.Status == 401 || e.Status == 403 || e.Status == 410)
	}
	return false
}

// UnexpectedAnswerError is a valid answer that is not the one needed: no run
// of a label, two images of one FOV, a page where JSON was due.
type UnexpectedAnswerError struct {
	// Reason says what was looked for and what came.
	Reason string
	// Found lists what was found, or what there is to choose from.
	Found []string
	// NotOne says that a search for one object found none or several.
	NotOne bool
	// Err is the error behind it, where there is one.
	Err error
}

// Error gives the reason and what was found.
func (e *UnexpectedAnswerError) Error() string {
	s := e.Reason
	if len(e.Found) > 0 {
		s += ": " + strings.Join(e.Found, ", ")
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Is reports ErrUnexpected, and ErrNotOne where that is what was unexpected.
func (e *UnexpectedAnswerError) Is(target error) bool {
	return target == ErrUnexpected || target == ErrNotOne && e.NotOne
}

// Unwrap gives the error behind it.
func (e *UnexpectedAnswerError) Unwrap() error { return e.Err }

// SilenceError is a request on which no byte moved for too long.
type SilenceError struct {
	Method, URL string
	// After is the time that was waited.
	After time.Duration
}

// Error says what was silent for how long.
func (e *SilenceError) Error() string {
	return fmt.Sprintf("%s %s: nothing moved for %v", e.Method, e.URL, e.After)
}

// Is reports ErrTimeout.
func (e *SilenceError) Is(target error) bool { return target == ErrTimeout }

// Timeout is true: a net.Error says so too.
func (e *SilenceError) Timeout() bool { return true }

// ProcessingError is an upload that the server accepted and could not process.
type ProcessingError struct {
	// Image is the image's id.
	Image int64
	// Reason is the image's processing_error; empty where the backend says none.
	Reason string
}

// Error names the image and the server's reason.
func (e *ProcessingError) Error() string {
	reason := e.Reason
	if reason == "" {
		reason = "the server gives no reason"
	}
	return fmt.Sprintf("image %d: the server could not process its TIFF: %s", e.Image, reason)
}

// Is reports ErrProcessing.
func (e *ProcessingError) Is(target error) bool { return target == ErrProcessing }

// TransportError is a request that got no answer, or was redirected to where it is
// not sent: see [RedirectError].
type TransportError struct {
	Method, URL string
	Err         error
}

// Error names the request and what went wrong.
func (e *TransportError) Error() string { return e.Method + " " + e.URL + ": " + e.Err.Error() }

// Unwrap gives the cause: a context's end, a *SilenceError, a *RedirectError, a
// network error.
func (e *TransportError) Unwrap() error { return e.Err }

// withoutURL takes the URL out of net/http's error, and out of those that a
// middleware's own client may have put within: its query may be a signature.
func withoutURL(err error) error {
	for wrapped := (*url.Error)(nil); errors.As(err, &wrapped); {
		err = wrapped.Err
	}
	return err
}

// transportError is what a program gets of a request without an answer.
func transportError(req *http.Request, signed bool, err error) error {
	err = withoutURL(err)
	var silent *SilenceError
	if errors.As(err, &silent) {
		return silent
	}
	return &TransportError{Method: req.Method, URL: cleanURL(req.URL, signed), Err: err}
}

const (
	maxErrorBody = 64 << 10
	maxSnippet   = 300
)

// apiError reads the answer's body, and closes it.
func apiError(resp *http.Response, method, cleanedURL string) *APIError {
	defer func() { _ = resp.Body.Close() }()
	// A body that breaks off still has its status to report.
	raw := leftover(resp.Body, maxErrorBody, textTime)
	e := &APIError{Status: resp.StatusCode, Method: method, URL: cleanedURL}
	e.RetryAfter, _ = retryAfter(resp.Header.Get("Retry-After"), time.Now())
	var object map[string]json.RawMessage
	var list []string
	switch {
	case json.Unmarshal(raw, &object) == nil:
		for name, value := range object {
			texts := messages(value)
			switch {
			case name == "detail" || name == "non_field_errors":
				e.Detail = strings.TrimSpace(e.Detail + " " + strings.Join(texts, " "))
			case e.Fields == nil:
				e.Fields = map[string][]string{name: texts}
			default:
				e.Fields[name] = texts
			}
		}
	case json.Unmarshal(raw, &list) == nil:
		e.Detail = strings.Join(list, " ")
	default:
		e.Body = snippet(raw)
	}
	return e
}

// messages takes one text, several, or whatever else as its JSON.
func messages(raw json.RawMessage) []string {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		return []string{one}
	}
	var several []string
	if json.Unmarshal(raw, &several) == nil {
		return several
	}
	return []string{snippet(raw)}
}

// storageReason keeps the code and message of a storage's XML error. The rest
// of it may repeat the signature that was refused.
func storageReason(body string) string {
	var kept []string
	for _, name := range []string{"Code", "Message"} {
		_, rest, _ := strings.Cut(body, "<"+name+">")
		if value, _, ok := strings.Cut(rest, "</"+name+">"); ok {
			kept = append(kept, value)
		}
	}
	return strings.Join(kept, ": ")
}

func snippet(raw []byte) string {
	text := strings.ToValidUTF8(string(bytes.Join(bytes.Fields(raw), []byte(" "))), "\uFFFD")
	if len(text) <= maxSnippet {
		return text
	}
	end := maxSnippet
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "..."
}

// cleanURL is a URL as it may be shown. A query is kept only for the API's
// own routes, and there without what may be a secret.
func cleanURL(u *url.URL, signed bool) string {
	c := *u
	c.User, c.Fragment, c.RawFragment = nil, "", ""
	if c.RawQuery == "" {
		return c.String()
	}
	query := c.Query()
	secret := signed
	for name := range query {
		n := strings.ToLower(name)
		for _, word := range []string{"sig", "token", "password", "secret", "credential", "key", "expires", "grant"} {
			secret = secret || strings.Contains(n, word)
		}
	}
	if secret {
		c.RawQuery = ""
		return c.String() + "?..."
	}
	return c.String()
}
