package api

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

const responsePrefix = "#/components/responses/"

// introduction is what holds for every route.
const introduction = `The MIBItracker REST API: runs, images (fields of view), what was stained with what, and their files.

Lengths are in µm, times in ms, masses in Da, sizes in bytes, unless a field says otherwise; dates are YYYY-MM-DD, times are in UTC.

Paths work with one final slash, without one, and with doubled slashes. Every GET also answers HEAD. Bodies are JSON or forms; in a multipart form all fields are text, and an absent field is kept. PUT and PATCH alike change the fields that are given and keep the others; in JSON, null clears. DELETE hides an object: lists leave it out unless active=false is asked, and it is still there under its id.

What the caller may not see answers 404, what it may see but not change answers 403. Every answer has a header X-Request-Id; an error with a detail repeats it in its body.`

// errorName is the component that describes an error.
func errorName(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "BadRequest"
	case http.StatusUnauthorized:
		return "Unauthorized"
	case http.StatusForbidden:
		return "Forbidden"
	case http.StatusNotFound:
		return "NotFound"
	case http.StatusConflict:
		return "Conflict"
	case http.StatusRequestEntityTooLarge:
		return "TooLarge"
	case http.StatusUnsupportedMediaType:
		return "UnsupportedMediaType"
	case http.StatusUnprocessableEntity:
		return "KeyReused"
	case http.StatusTooManyRequests:
		return "TooManyRequests"
	}
	return "Error"
}

func refer(status int) *huma.Response {
	return &huma.Response{Ref: responsePrefix + errorName(status)}
}

// errorResponses are the errors, described once.
func errorResponses(s *schemas) map[string]*huma.Response {
	s.named["Detail"] = &huma.Schema{
		Type: huma.TypeObject, Required: []string{"detail", "request_id"}, Description: "What is wrong, in words.",
		Properties: map[string]*huma.Schema{
			"detail":     explained("Detail", "detail", &huma.Schema{Type: huma.TypeString}),
			"request_id": explained("Detail", "request_id", &huma.Schema{Type: huma.TypeString}),
		},
	}
	one := 1
	s.named["FieldErrors"] = &huma.Schema{
		Type: huma.TypeObject, MinProperties: &one,
		Description: "What is wrong with each field or parameter; non_field_errors is what belongs to no single one.",
		AdditionalProperties: &huma.Schema{Type: huma.TypeArray, MinItems: &one,
			Items: &huma.Schema{Type: huma.TypeString}},
		Examples: []any{map[string]any{"label": []string{"This field is required."}}},
	}
	detail := &huma.Schema{Ref: schemaPrefix + "Detail"}
	make := func(text string, schema *huma.Schema, headers ...string) *huma.Response {
		out := &huma.Response{Description: text, Content: map[string]*huma.MediaType{mediaJSON: {Schema: schema}}}
		for _, name := range headers {
			if out.Headers == nil {
				out.Headers = map[string]*huma.Param{}
			}
			out.Headers[name] = header(name)
		}
		return out
	}
	return map[string]*huma.Response{
		"BadRequest": make("The request is wrong: its fields or parameters, or its form.",
			&huma.Schema{AnyOf: []*huma.Schema{{Ref: schemaPrefix + "FieldErrors"}, detail}}),
		"Unauthorized":         make("The credentials are missing, expired or wrong.", detail, "WWW-Authenticate"),
		"Forbidden":            make("The caller may see this, but not do it.", detail),
		"NotFound":             make("There is no such object, or the caller may not see it.", detail),
		"Conflict":             make(keyRunning, detail, "Retry-After"),
		"TooLarge":             make("The body is larger than is accepted.", detail),
		"UnsupportedMediaType": make("The body is neither JSON nor a form, nor what else the route takes.", detail),
		"KeyReused":            make(keyReused, detail),
		"TooManyRequests":      make("Too much at once. Ask again later.", detail, "Retry-After"),
		"Error": make("Any other error: 400 a query that cannot be read, 405 a method that the path does not have, 408 a body that stopped arriving, 414 a URL that is too long, "+
			"429 too much at once, 431 headers that are too long, 500 a mistake of the server's, 503 a server that is busy or stopping.", detail),
	}
}

// Names of the security schemes.
const (
	schemeToken = "token"
	schemeKey   = "key"
)

func securitySchemes() map[string]*huma.SecurityScheme {
	return map[string]*huma.SecurityScheme{
		schemeToken: {Type: "apiKey", In: "header", Name: "Authorization", Description: "A login token of /api-token-auth/, as: JWT <token>"},
		schemeKey:   {Type: "http", Scheme: "bearer", BearerFormat: "mibi_...", Description: "An API key, for pipelines: it has a scope and an end."},
	}
}

func securityOf(access Access) []map[string][]string {
	switch access {
	case Open:
		return []map[string][]string{}
	case Token, Upload, Admin:
		return []map[string][]string{{schemeToken: {}}, {schemeKey: {}}}
	}
	return []map[string][]string{{schemeToken: {}}}
}
