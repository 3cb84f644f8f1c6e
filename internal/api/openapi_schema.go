package api

import (
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// schemas makes JSON Schemas of wire types. They say what the encoder does:
// what is no pointer is never null, and what is not omitted when empty is
// always there.
type schemas struct {
	named  map[string]*huma.Schema // the document's components
	bodies map[string]*huma.RequestBody
}

const schemaPrefix = "#/components/schemas/"

// of is the schema of a type.
func (s *schemas) of(t reflect.Type) *huma.Schema {
	switch t {
	case reflect.TypeFor[time.Time]():
		return &huma.Schema{Type: huma.TypeString, Format: "date-time"}
	case reflect.TypeFor[json.RawMessage](), reflect.TypeFor[any]():
		return &huma.Schema{}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return nullable(s.of(t.Elem()))
	case reflect.Bool:
		return &huma.Schema{Type: huma.TypeBoolean}
	case reflect.Int, reflect.Int64:
		return &huma.Schema{Type: huma.TypeInteger, Format: "int64"}
	case reflect.Float64:
		return &huma.Schema{Type: huma.TypeNumber, Format: "double"}
	case reflect.String:
		return &huma.Schema{Type: huma.TypeString}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return &huma.Schema{Type: huma.TypeString, ContentEncoding: "base64"}
		}
		return &huma.Schema{Type: huma.TypeArray, Items: s.of(t.Elem())}
	case reflect.Array:
		n := t.Len()
		return &huma.Schema{Type: huma.TypeArray, Items: s.of(t.Elem()), MinItems: &n, MaxItems: &n}
	case reflect.Map:
		return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: s.of(t.Elem())}
	case reflect.Struct:
		return s.component(t)
	}
	panic("api: no schema of " + t.String()) // a mistake in the table of routes
}

// component is a reference to the schema of a named struct.
func (s *schemas) component(t reflect.Type) *huma.Schema {
	name := strings.TrimPrefix(t.Name(), "wire")
	if name == "" {
		return s.object(t)
	}
	name = strings.ToUpper(name[:1]) + name[1:]
	if s.named[name] == nil {
		s.named[name] = &huma.Schema{} // it may contain itself
		*s.named[name] = *s.object(t)
		for field, schema := range s.named[name].Properties {
			s.named[name].Properties[field] = explained(name, field, schema)
		}
	}
	return &huma.Schema{Ref: schemaPrefix + name}
}

func (s *schemas) object(t reflect.Type) *huma.Schema {
	out := &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{}}
	s.addFields(out, t)
	return out
}

// addFields adds the fields of a struct; those of an embedded one are its own.
func (s *schemas) addFields(out *huma.Schema, t reflect.Type) {
	for f := range t.Fields() {
		tag := f.Tag.Get("json")
		name, opts, _ := strings.Cut(tag, ",")
		switch {
		case f.Anonymous && tag == "":
			s.addFields(out, f.Type)
		case name == "" || name == "-":
		default:
			schema := s.of(f.Type)
			if omitted := strings.Contains(opts, "omit"); !omitted {
				out.Required = append(out.Required, name)
			} else if f.Type.Kind() == reflect.Pointer {
				schema = s.of(f.Type.Elem()) // nil is absent, not null
			}
			out.Properties[name] = schema
		}
	}
}

// nullable is a schema that also takes null.
func nullable(s *huma.Schema) *huma.Schema {
	if s.Ref != "" || s.Type == "" {
		return &huma.Schema{AnyOf: []*huma.Schema{s, {Type: "null"}}}
	}
	s.Nullable = true
	return s
}

// page is the component that a list's page is.
func (s *schemas) page(item reflect.Type) *huma.Schema {
	element := s.of(item)
	name := strings.TrimPrefix(element.Ref, schemaPrefix) + "Page"
	if s.named[name] == nil {
		one := &huma.Schema{Type: huma.TypeObject, Required: []string{"count", "next", "previous", "results"}, Properties: map[string]*huma.Schema{
			"count": {Type: huma.TypeInteger, Format: "int64"}, "results": {Type: huma.TypeArray, Items: element},
			"next":     {Type: huma.TypeString, Format: "uri", Nullable: true},
			"previous": {Type: huma.TypeString, Format: "uri", Nullable: true},
		}}
		for field, schema := range one.Properties {
			one.Properties[field] = explained(name, field, schema)
		}
		s.named[name] = one
	}
	return &huma.Schema{Ref: schemaPrefix + name}
}
