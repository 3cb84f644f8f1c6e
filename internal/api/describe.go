package api

import (
	"net/http"
	"reflect"

	"github.com/openmibi/openmibi/internal/store"
)

// description is what the OpenAPI document says of a route beyond its line in
// the table.
type description struct {
	path    reflect.Type // a struct with the path's parameters; nil for raw routes
	query   body
	headers body
	fields  body     // JSON and forms
	bytes   []string // media types of a body that is no fields
	list    *listed
	answers map[int]answer
	once    bool // takes an Idempotency-Key

	// What handlers really read, told to tests. Nil in production.
	asked    func(input)
	listedAs func(fields store.Fields, filters map[string]filter)
}

// answer is a way that a route answers.
type answer struct {
	note    string
	media   []string
	body    reflect.Type // nil: none, or bytes of media
	headers []string     // names that words knows
}

// listed is what a list is filtered by.
type listed struct {
	filters map[string]filter
	fields  store.Fields
	item    reflect.Type
}

// option adds to a route's description.
type option func(*description)

// takes says which fields a route's body has. In JSON and in forms they are
// the same, but for files, which come in multipart forms only.
func takes(fields body) option { return func(d *description) { d.fields = fields } }

// takesBytes says that a route's body is a file of one of these media types,
// or may be, where it has fields, too.
func takesBytes(media ...string) option { return func(d *description) { d.bytes = media } }

// asks says which parameters a route's query has.
func asks(query ...input) option { return func(d *description) { d.query = query } }

// hears says which headers of the request change the answer.
func hears(headers ...input) option { return func(d *description) { d.headers = headers } }

// lists says that a raw route answers with [list]: pages or a bare array of
// T. src and filters are those that it calls list with.
func lists[T any](src interface{ Fields() store.Fields }, filters map[string]filter) option {
	return func(d *description) {
		fields := src.Fields()
		if filters == nil {
			filters = filtersOf(fields)
		}
		d.list = &listed{filters, fields, reflect.TypeFor[T]()}
	}
}

// answers says that a raw route answers with JSON.
func answers[T any](status int) option {
	return func(d *description) {
		d.answers[status] = answer{media: []string{mediaJSON}, body: reflect.TypeFor[T]()}
	}
}

// sends says that a raw route answers with bytes of these media types and
// with headers of its own. Without a media type the answer has no body.
func sends(status int, media []string, headers ...string) option {
	return func(d *description) { d.answers[status] = answer{media: media, headers: headers} }
}

// refuses says why a route refuses what it could do: an error besides those
// that follow from the route's kind.
func refuses(status int, why string) option {
	return func(d *description) { d.answers[status] = answer{note: why} }
}

// describe collects a route's options.
func describe(opts []option) *description {
	d := &description{answers: map[int]answer{}}
	for _, o := range opts {
		o(d)
	}
	return d
}

// describeReply adds what the types of a handler of [on] say.
func describeReply[I, O any](opts []option) *description {
	d := describe(opts)
	d.path = reflect.TypeFor[I]()
	out := reflect.TypeFor[O]()
	if out == reflect.TypeFor[nothing]() {
		d.answers[http.StatusNoContent] = answer{}
		return d
	}
	d.answers[http.StatusOK] = answer{media: []string{mediaJSON}, body: out.Field(0).Type}
	return d
}

// describeWritten adds what the types of a handler of [writes] say.
func describeWritten[I, T any](status int, opts []option) *description {
	d := describe(opts)
	d.path, d.once = reflect.TypeFor[I](), true
	d.answers[status] = answer{media: []string{mediaJSON}, body: reflect.TypeFor[T]()}
	return d
}

func grantAsked() body { return body{aText("grant", 0)}.need("grant") }

// downloads describes the routes that send a stored file.
func downloads() []option {
	file := []string{"ETag", "Last-Modified", "Accept-Ranges", "Content-Length", "Content-Disposition", "Repr-Digest"}
	return []option{
		asks(grantAsked()...),
		hears(aText("Range", 0), aText("If-Range", 0), aText("If-Match", 0), aText("If-None-Match", 0)),
		sends(http.StatusOK, []string{"*/*"}, file...),
		sends(http.StatusPartialContent, []string{"*/*"}, append(file, "Content-Range")...),
		sends(http.StatusNotModified, nil, "ETag"),
		refuses(http.StatusForbidden, "The URL is not valid any more, or not for this."),
		refuses(http.StatusNotFound, "The file is not there any more."),
		refuses(http.StatusPreconditionFailed, "The file is another version than If-Match asks for."),
		refuses(http.StatusRequestedRangeNotSatisfiable, "The file has no such part."),
	}
}
