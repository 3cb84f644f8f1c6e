package api

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
)

// Access says who may call a route.
type Access string

// The kinds of access.
const (
	Open  Access = "open"  // no credentials; an Authorization header is not looked at
	Token Access = "token" // a valid login token of an active account, or an API key whose scope has the method
	// Upload is Token, also for API keys of scope upload.
	Upload Access = "upload"
	// Session is Token without API keys: accounts, passwords and keys are
	// for people who have logged in.
	Session Access = "session"
	Admin   Access = "admin" // an administrator's login token, or API key of scope admin; for all others 403
)

// Route is a line of the table.
type Route struct {
	Method string // "GET"
	Path   string // the contract's form: "/runs/{id}/"
	Name   string // a short name, unique: the operation's id
	Access Access

	about *description
	bind  func(*API, Route)
}

// reply is what a typed handler answers with 200: Body as JSON.
type reply[T any] struct{ Body T }

func ok[T any](body T) *reply[T] { return &reply[T]{body} }

// nothing is the answer 204.
type nothing struct{}

// none is the input of a handler without path parameters.
type none struct{}

// byID is the input of a handler for one object.
type byID struct {
	ID int64 `path:"id"`
}

// on makes a typed route. I has the path parameters, huma reads them; a body
// is read by the handler through [Call]. O is [reply] or [nothing].
func on[I, O any](method, path, name string, access Access, handle func(context.Context, *Call, *I) (*O, error), about ...option) Route {
	return Route{method, path, name, access, describeReply[I, O](about), func(a *API, route Route) {
		op := route.operation()
		if reflect.TypeFor[O]() == reflect.TypeFor[nothing]() {
			op.DefaultStatus = http.StatusNoContent
		}
		op.Middlewares = huma.Middlewares{func(hc huma.Context, next func(huma.Context)) {
			r, w := humachi.Unwrap(hc)
			c, err := a.begin(w, r, route)
			if err != nil {
				a.fail(w, r, err)
				return
			}
			next(huma.WithValue(hc, callKey{}, c))
		}}
		huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
			c, _ := ctx.Value(callKey{}).(*Call)
			out, err := handle(ctx, c, in)
			if err != nil {
				return nil, a.problemOf(c.Request, err)
			}
			return out, nil
		})
	}}
}

// writes makes the route of a POST that changes something for who is logged
// in. All that its handler can answer comes from [write] or [unchanged], so
// that a repetition under the same Idempotency-Key is answered the same.
func writes[I, T any](path, name string, status int, handle func(context.Context, *Call, *I) (*written[T], error), about ...option) Route {
	return writesAs(path, name, Token, status, handle, about...)
}

// writesAs is writes for another access.
func writesAs[I, T any](path, name string, access Access, status int, handle func(context.Context, *Call, *I) (*written[T], error), about ...option) Route {
	return Route{http.MethodPost, path, name, access, describeWritten[I, T](status, about), func(a *API, route Route) {
		op := route.operation()
		op.DefaultStatus = status
		op.Middlewares = huma.Middlewares{func(hc huma.Context, next func(huma.Context)) {
			r, w := humachi.Unwrap(hc)
			c, err := a.begin(w, r, route)
			if err == nil {
				c.success = status
				err = c.takeKey()
			}
			if err != nil {
				a.fail(w, r, err)
				return
			}
			defer c.once.end()
			next(huma.WithValue(hc, callKey{}, c))
		}}
		huma.Register(a.huma, op, func(ctx context.Context, in *I) (*sent, error) {
			c, _ := ctx.Value(callKey{}).(*Call)
			// Before the answer is sent: its reader may be gone without a word.
			defer c.once.end()
			err := c.once.answered(ctx)
			var out *written[T]
			if err == nil {
				out, err = handle(ctx, c, in)
			}
			var again *repeated
			switch {
			case errors.As(err, &again):
				return &sent{again.Status, again.ContentType, again.Body}, nil
			case err != nil:
				return nil, a.problemOf(c.Request, err)
			}
			return &sent{status, mediaJSON, out.body}, nil
		})
	}}
}

// sent is an answer that huma sends as it is.
type sent struct {
	Status      int
	ContentType string `header:"Content-Type" hidden:"true"`
	Body        []byte
}

// raw makes a route whose handler reads the request and writes the answer
// itself. An error that it returns becomes the answer, if nothing was written.
// Path parameters: c.ID("id"), or r.PathValue.
func raw(method, path, name string, access Access, handle func(c *Call, w http.ResponseWriter, r *http.Request) error, about ...option) Route {
	return Route{method, path, name, access, describe(about), func(a *API, route Route) {
		op := route.operation()
		a.huma.Adapter().Handle(&op, func(hc huma.Context) {
			r, w := humachi.Unwrap(hc)
			c, err := a.begin(w, r, route)
			if err == nil {
				err = handle(c, w, r)
			}
			if err != nil {
				a.fail(w, r, err)
			}
		})
	}}
}

// operation is the route for huma. The router knows each path with a final
// slash only: see oneSlash.
func (r Route) operation() huma.Operation {
	return huma.Operation{Method: r.Method, Path: strings.TrimSuffix(r.Path, "/") + "/", OperationID: r.Name, Hidden: true}
}

// begin makes the Call: who asks is settled before anything else is read.
func (a *API) begin(w http.ResponseWriter, r *http.Request, route Route) (*Call, error) {
	c := &Call{Request: r, Writer: w, api: a, about: route.about}
	if route.Access == Open {
		return c, nil
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	w.Header().Add("Vary", "Authorization")
	var err error
	if c.Account, c.Key, err = a.authenticate(r); err != nil {
		return nil, err
	}
	if err := c.admit(route); err != nil {
		return nil, err
	}
	if err := turn(r, &a.calls, c.Account.ID, a.MaxRequests, "requests"); err != nil {
		return nil, err
	}
	return c, nil
}
