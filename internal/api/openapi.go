package api

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// document describes the table of routes as OpenAPI 3.1.
func (a *API) document() *huma.OpenAPI {
	s := &schemas{named: map[string]*huma.Schema{}, bodies: map[string]*huma.RequestBody{}}
	doc := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{Title: "MIBItracker API", Version: cmp.Or(a.Version, "0"), Description: introduction,
			License: &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}},
		Servers: []*huma.Server{{URL: "/"}},
		Components: &huma.Components{
			Responses: errorResponses(s), SecuritySchemes: securitySchemes(), Parameters: commonParams(), RequestBodies: s.bodies,
			Extensions: map[string]any{"schemas": s.named},
		},
	}
	if a.base != nil && a.base.Path != "" {
		doc.Servers[0].URL = strings.TrimSuffix(a.base.Path, "/") + "/"
	}
	tags := map[string]bool{}
	for _, route := range a.table {
		op := s.operation(route)
		doc.AddOperation(op)
		tags[op.Tags[0]] = true
	}
	for _, tag := range slices.Sorted(maps.Keys(tags)) {
		doc.Tags = append(doc.Tags, &huma.Tag{Name: tag})
	}
	return doc
}

// operation describes a route.
func (s *schemas) operation(route Route) *huma.Operation {
	d := route.about
	op := &huma.Operation{
		Method: route.Method, Path: route.Path, OperationID: route.Name, Tags: []string{tagOf(route.Path)},
		Summary: summaryOf(route.Name), Responses: map[string]*huma.Response{}, Security: securityOf(route.Access),
	}
	op.Parameters = slices.Concat(s.pathParams(route), s.queryParams(d), s.headerParams(d))
	op.RequestBody = s.body(route)
	for status, answer := range d.answers {
		op.Responses[strconv.Itoa(status)] = s.response(status, answer)
	}
	if d.list != nil {
		op.Responses["200"] = s.list(d.list.item)
	}
	for _, status := range route.refusals() {
		if key := strconv.Itoa(status); op.Responses[key] == nil {
			op.Responses[key] = refer(status)
		}
	}
	op.Responses["default"] = &huma.Response{Ref: responsePrefix + "Error"}
	return op
}

// tagOf groups routes by the first part of their paths.
func tagOf(path string) string {
	first, _, _ := strings.Cut(strings.Trim(path, "/"), "/")
	switch first {
	case "", "api-token-auth", "api-token-refresh", "openapi.json":
		return "access"
	case "download", "storage", "upload_mibitiff":
		return "files"
	}
	return first
}

func summaryOf(name string) string {
	text := strings.ReplaceAll(name, "-", " ")
	return strings.ToUpper(text[:1]) + text[1:]
}

// refusals are the errors that follow from what kind of route it is.
func (r Route) refusals() []int {
	var out []int
	d := r.about
	changes := r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions
	if r.Access != Open {
		out = append(out, http.StatusUnauthorized)
		if changes || r.Access != Token {
			out = append(out, http.StatusForbidden)
		}
	}
	if strings.Contains(r.Path, "{id}") {
		out = append(out, http.StatusNotFound)
	}
	if d.fields != nil || d.query != nil && r.Access != Open || d.list != nil || d.once {
		out = append(out, http.StatusBadRequest)
	}
	if d.fields != nil {
		out = append(out, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if d.once { // its key stands for the body, which is read for it
		out = append(out, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity)
	}
	return out
}

// response describes a way to answer.
func (s *schemas) response(status int, a answer) *huma.Response {
	if status >= http.StatusBadRequest {
		out := *errorResponses(s)[errorName(status)]
		out.Description = a.note
		return &out
	}
	out := &huma.Response{Description: http.StatusText(status), Headers: map[string]*huma.Param{}}
	for _, name := range a.headers {
		out.Headers[name] = header(name)
	}
	for _, media := range a.media {
		if out.Content == nil {
			out.Content = map[string]*huma.MediaType{}
		}
		content := &huma.MediaType{}
		if a.body != nil {
			content.Schema = s.of(a.body)
		}
		out.Content[media] = content
	}
	return out
}

// list adds both forms of a list to an operation's answers.
func (s *schemas) list(item reflect.Type) *huma.Response {
	return &huma.Response{
		Description: "A page; with paging=no, all of them in one array, written as it is read.",
		Content: map[string]*huma.MediaType{mediaJSON: {Schema: &huma.Schema{
			AnyOf: []*huma.Schema{s.page(item), {Type: huma.TypeArray, Items: s.of(item)}},
		}}},
	}
}

// describeAll renders the document once: it is the same for everybody.
func (a *API) describeAll() error {
	text, err := json.Marshal(a.document())
	if err != nil {
		return fmt.Errorf("encode the OpenAPI document: %w", err)
	}
	// Once more, for a stable order and a form that people can read.
	var tree any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&tree); err != nil {
		return fmt.Errorf("decode the OpenAPI document: %w", err)
	}
	bare(tree)
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(tree); err != nil {
		return fmt.Errorf("encode the OpenAPI document: %w", err)
	}
	a.openapi = b.Bytes()
	return nil
}

// bare takes what huma adds to references of bodies off them: nothing may stand
// beside those.
func bare(v any) {
	switch v := v.(type) {
	case map[string]any:
		if v["$ref"] != nil {
			delete(v, "content")
		}
		for _, inner := range v {
			bare(inner)
		}
	case []any:
		for _, inner := range v {
			bare(inner)
		}
	}
}

// openAPI is GET /openapi.json: the description of the table.
func (a *API) openAPI(_ *Call, w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Content-Type", mediaJSON)
	w.Header().Set("Cache-Control", "no-cache")
	if _, err := w.Write(a.openapi); err != nil {
		return fmt.Errorf("%w: %w", errAnswered, err)
	}
	return nil
}
