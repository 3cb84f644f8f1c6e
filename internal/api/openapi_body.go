package api

import (
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// mediaForm is how a form with a file travels.
const mediaForm = "multipart/form-data"

// body is a reference to what a route takes: PUT and PATCH take the same.
func (s *schemas) body(route Route) *huma.RequestBody {
	body := s.requestBody(route.about)
	if body == nil {
		return nil
	}
	name := ""
	for part := range strings.SplitSeq(strings.Replace(route.Name, "patch-", "change-", 1), "-") {
		name += strings.ToUpper(part[:1]) + part[1:]
	}
	s.bodies[name] = body
	return &huma.RequestBody{Ref: "#/components/requestBodies/" + name, Content: map[string]*huma.MediaType{}}
}

// requestBody describes what a route takes.
func (s *schemas) requestBody(d *description) *huma.RequestBody {
	if d.fields == nil && d.bytes == nil {
		return nil
	}
	out := &huma.RequestBody{Content: map[string]*huma.MediaType{}, Required: true}
	if d.fields != nil {
		needsFile := false
		for _, in := range d.fields {
			needsFile = needsFile || in.kind == inFile && in.need
		}
		if !needsFile {
			out.Content[mediaJSON] = &huma.MediaType{Schema: s.fields(d.fields, false)}
		}
		form := &huma.MediaType{Schema: s.fields(d.fields, true), Encoding: map[string]*huma.Encoding{}}
		for _, in := range d.fields {
			if len(in.media) > 0 {
				form.Encoding[in.name] = &huma.Encoding{ContentType: strings.Join(in.media, ", ")}
			}
		}
		out.Content[mediaForm] = form
	}
	for _, media := range d.bytes {
		out.Content[media] = &huma.MediaType{Schema: &huma.Schema{}}
	}
	return out
}

// fields is the schema of a body's fields. A form has files, and what is null
// in JSON is absent in it.
func (s *schemas) fields(b body, form bool) *huma.Schema {
	out := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{}}
	for _, in := range b {
		if in.kind == inFile && !form || form && in.kind == inObjects {
			continue
		}
		schema := s.input(in)
		if in.clears() && !form {
			schema = nullable(schema)
		}
		out.Properties[in.name] = explained("body", in.name, schema)
		if in.need {
			out.Required = append(out.Required, in.name)
		}
	}
	return out
}

// clears tells whether null is a value of the field.
func (in input) clears() bool {
	return !in.need && in.kind != inFilled && in.kind != inBool && in.kind != inFile && in.kind != inObjects
}

// input is the schema of a field.
func (s *schemas) input(in input) *huma.Schema {
	out := &huma.Schema{Type: huma.TypeString}
	switch in.kind {
	case inFilled:
		one := 1
		out.MinLength = &one
	case inNumber:
		return &huma.Schema{Type: huma.TypeNumber, Format: "double"}
	case inInteger, inID:
		least := float64(in.least)
		return &huma.Schema{Type: huma.TypeInteger, Format: "int64", Minimum: &least}
	case inIDs:
		one := 1.0
		return &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeInteger, Format: "int64", Minimum: &one}}
	case inBool:
		return &huma.Schema{Type: huma.TypeBoolean}
	case inDate:
		out.Format = "date"
	case inAperture, inDepths:
		one := 1.0
		return &huma.Schema{AnyOf: []*huma.Schema{{Type: huma.TypeInteger, Minimum: &one}, {Type: huma.TypeString}}}
	case inObjects:
		return &huma.Schema{Type: huma.TypeArray, Items: s.fields(in.items, false)}
	case inFile:
		out = &huma.Schema{}
		if len(in.media) == 1 {
			out.Extensions = map[string]any{"contentMediaType": in.media[0]}
		}
	}
	if in.most > 0 {
		out.MaxLength = &in.most
	}
	for _, value := range in.oneOf {
		out.Enum = append(out.Enum, value)
	}
	return out
}
