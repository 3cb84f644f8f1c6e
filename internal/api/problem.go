package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"syscall"

	"github.com/danielgtaylor/huma/v2"

	"github.com/openmibi/openmibi/internal/store"
)

// problem is an error as it travels: a status, and either a detail or the
// fields that are wrong.
type problem struct {
	status int
	detail string
	fields map[string][]string // wins over detail
	header http.Header
	cause  error  // for the log, never sent
	id     string // the request's, beside a detail
}

// nonField is the key of errors that belong to no single field.
const nonField = "non_field_errors"

func newProblem(status int, format string, args ...any) *problem {
	return &problem{status: status, detail: fmt.Sprintf(format, args...)}
}

func fieldProblem(field, format string, args ...any) *problem {
	return &problem{status: http.StatusBadRequest, fields: map[string][]string{field: {fmt.Sprintf(format, args...)}}}
}

func notFoundProblem() *problem { return newProblem(http.StatusNotFound, "Not found.") }

func forbidden(format string, args ...any) *problem {
	return newProblem(http.StatusForbidden, format, args...)
}

func unauthorized(format string, args ...any) *problem {
	return newProblem(http.StatusUnauthorized, format, args...).with("WWW-Authenticate", `JWT realm="api"`)
}

func (p *problem) with(key, value string) *problem {
	if p.header == nil {
		p.header = http.Header{}
	}
	p.header.Set(key, value)
	return p
}

// Error is the problem in words.
func (p *problem) Error() string {
	if p.fields == nil {
		return p.detail
	}
	var parts []string
	for name, texts := range p.fields {
		parts = append(parts, name+": "+strings.Join(texts, " "))
	}
	return strings.Join(parts, "; ")
}

// Unwrap gives the cause.
func (p *problem) Unwrap() error { return p.cause }

// GetStatus implements [huma.StatusError].
func (p *problem) GetStatus() int { return p.status }

// GetHeaders implements [huma.HeadersError].
func (p *problem) GetHeaders() http.Header { return p.header }

// MarshalJSON gives the contract's body. Beside a detail stands the request's
// id: whoever shows the error to an administrator shows what to look for in
// the log.
func (p *problem) MarshalJSON() ([]byte, error) {
	if p.fields != nil {
		return json.Marshal(p.fields)
	}
	return json.Marshal(struct {
		Detail    string `json:"detail"`
		RequestID string `json:"request_id,omitempty"`
	}{p.detail, p.id})
}

// Schema implements [huma.SchemaProvider].
func (*problem) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: true,
		Properties: map[string]*huma.Schema{"detail": {Type: huma.TypeString}, "request_id": {Type: huma.TypeString}}}
}

// write sends the problem as the answer to a request that has its number.
func (p *problem) write(w http.ResponseWriter) {
	sent := *p // of others, too, where it is a value of the package's
	sent.id = w.Header().Get(requestIDHeader)
	for key, values := range p.header {
		w.Header()[key] = values
	}
	body, err := json.Marshal(&sent)
	if err != nil {
		body = []byte(`{"detail": "Internal error."}`)
	}
	h := w.Header()
	h.Del("Content-Length")
	h.Del("Content-Encoding")
	h.Set("Content-Type", "application/json")
	w.WriteHeader(p.status)
	_, _ = w.Write(append(body, '\n')) // the client may be gone: nobody is left to tell
}

var replaceNewError sync.Once

// useProblems makes huma's own refusals problems, too. The hooks are global to
// huma; they are set here and nowhere else, before the first route exists.
func useProblems() {
	replaceNewError.Do(func() {
		huma.NewError = problemOfHuma
		huma.NewErrorWithContext = func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
			err := problemOfHuma(status, msg, errs...)
			if p, ok := err.(*problem); ok && ctx != nil {
				p.id = requestID(ctx.Context())
			}
			return err
		}
	})
}

// problemOfHuma turns huma's validation errors into the contract's: a path
// that names no object is 404, a wrong value is 400 with its field.
func problemOfHuma(status int, msg string, errs ...error) huma.StatusError {
	if status != http.StatusUnprocessableEntity {
		return newProblem(status, "%s", msg)
	}
	p := &problem{status: http.StatusBadRequest, fields: map[string][]string{}}
	for _, err := range errs {
		var detailer huma.ErrorDetailer
		if !errors.As(err, &detailer) {
			continue
		}
		detail := detailer.ErrorDetail()
		place, name, _ := strings.Cut(detail.Location, ".")
		if place == "path" {
			return notFoundProblem()
		}
		if name == "" {
			name = nonField
		}
		p.fields[name] = append(p.fields[name], detail.Message)
	}
	if len(p.fields) == 0 {
		return newProblem(http.StatusBadRequest, "%s", msg)
	}
	return p
}

// problemOf turns any error of a handler into the answer. What is nobody's
// mistake but ours is logged, and the answer tells only the request's id.
func (a *API) problemOf(r *http.Request, err error) *problem {
	p := *a.problemFor(r, err)
	p.id = requestID(r.Context())
	return &p
}

func (a *API) problemFor(r *http.Request, err error) *problem {
	var p *problem
	var tooLarge *http.MaxBytesError
	var field *store.FieldError
	var conflict *store.ConflictError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &tooLarge):
		return newProblem(http.StatusRequestEntityTooLarge, "The request's body is larger than %d bytes.", tooLarge.Limit)
	case errors.As(err, &field):
		return fieldProblem(field.Name, "Unknown field.")
	case errors.As(err, &conflict):
		return fieldProblem(conflict.Field, "%s already exists.", quote(conflict.Value))
	case errors.Is(err, store.ErrNotFound):
		return notFoundProblem()
	case r.Context().Err() != nil:
		// The client went away: whatever failed, failed because of it.
		return newProblem(http.StatusServiceUnavailable, "The request was cancelled.")
	}
	a.Logger.ErrorContext(r.Context(), "request failed", "method", r.Method, "path", r.URL.Path, "error", err)
	if store.Full(err) || errors.Is(err, syscall.ENOSPC) {
		p = newProblem(http.StatusInsufficientStorage, "The server's disk is full. Its administrator has to make room.")
		p.cause = err
		return p
	}
	return &problem{status: http.StatusInternalServerError, cause: err,
		detail: "Internal error. Tell the administrator this number: " + requestID(r.Context())}
}

// fail answers with an error.
func (a *API) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, errAnswered) {
		panic(http.ErrAbortHandler)
	}
	a.problemOf(r, err).write(w)
}

// errAnswered is wrapped by an error that came when a part of the answer was
// already out: all that is left is to break the connection, so that the
// client does not take the part for the whole.
var errAnswered = errors.New("the answer had begun")

// quote shows a client's text in a message, not too long.
func quote(s string) string {
	if r := []rune(s); len(r) > 80 {
		s = string(r[:80]) + "..."
	}
	return fmt.Sprintf("%q", s)
}
