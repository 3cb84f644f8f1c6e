package api

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/openmibi/openmibi/internal/store"
)

// pathParams describes what stands in braces.
func (s *schemas) pathParams(route Route) (out []*huma.Param) {
	for rest := route.Path; ; {
		_, after, found := strings.Cut(rest, "{")
		if !found {
			return out
		}
		name, tail, _ := strings.Cut(after, "}")
		one, schema := 1.0, &huma.Schema{Type: huma.TypeString}
		if name == "id" || strings.HasSuffix(name, "_id") {
			schema = &huma.Schema{Type: huma.TypeInteger, Format: "int64", Minimum: &one}
		}
		out = append(out, &huma.Param{Name: name, In: "path", Required: true, Schema: schema, Description: wordOf("path", name).doc})
		rest = tail
	}
}

// queryParams describes the query: of a list, its filters and what governs it.
func (s *schemas) queryParams(d *description) (out []*huma.Param) {
	for _, in := range d.query {
		out = append(out, &huma.Param{Name: in.name, In: "query", Required: in.need, Schema: s.input(in), Description: wordOf("query", in.name).doc})
	}
	if d.list != nil {
		out = append(out, listParams(d.list)...)
	}
	return out
}

func (s *schemas) headerParams(d *description) (out []*huma.Param) {
	for _, in := range d.headers {
		p := header(in.name)
		p.Name, p.In, p.Schema = in.name, "header", s.input(in)
		out = append(out, p)
	}
	if d.once {
		shortest, longest := 1, maxKey
		out = append(out, &huma.Param{Name: keyHeader, In: "header", Schema: &huma.Schema{Type: huma.TypeString, MinLength: &shortest, MaxLength: &longest},
			Description: "Names the request, so that it is done once however often it is sent: " +
				"for 24 hours the same key with the same body is answered the same."})
	}
	return out
}

// header describes a header of an answer.
func header(name string) *huma.Param {
	schema := &huma.Schema{Type: huma.TypeString}
	if name == "Retry-After" || name == "Content-Length" {
		schema.Type = huma.TypeInteger
	}
	return &huma.Param{Description: headerWord(name), Schema: schema}
}

// commonParams are what every list is asked with.
func commonParams() map[string]*huma.Param {
	one, zero, most := 1.0, 0.0, float64(maxLimit)
	out := map[string]*huma.Param{}
	for _, p := range []*huma.Param{
		{Name: "limit", Schema: &huma.Schema{Type: huma.TypeInteger, Minimum: &one, Default: defaultLimit},
			Description: "The length of a page; more than " + strconv.Itoa(int(most)) + " means that."},
		{Name: "offset", Schema: &huma.Schema{Type: huma.TypeInteger, Minimum: &zero, Default: 0}, Description: "How many to leave out before the page."},
		{Name: "paging", Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{"yes", "no"}, Default: "yes"}, Description: "no: everything in one array."},
		{Name: "active", Schema: &huma.Schema{Type: huma.TypeBoolean, Default: true}, Description: "false: the deleted ones instead."},
	} {
		p.In = "query"
		out[p.Name] = p
	}
	return out
}

// listParams describes what a list is asked with.
func listParams(l *listed) (out []*huma.Param) {
	var orders []any
	for _, name := range l.fields.Names(func(f store.Field) bool { return f.Order }) {
		orders = append(orders, name, "-"+name)
	}
	joined := false
	out = append(out, &huma.Param{Name: "ordering", Style: "form", Explode: &joined, Schema: &huma.Schema{Type: huma.TypeArray,
		Items: &huma.Schema{Type: huma.TypeString, Enum: orders}}, Description: "Fields to order by, one after the other; with - from the end. Without it: newest first."})
	for _, name := range slices.Sorted(maps.Keys(l.filters)) {
		out = append(out, filterParam(name, l.filters[name]))
	}
	for _, p := range out {
		p.In = "query"
	}
	for _, name := range slices.Sorted(maps.Keys(commonParams())) {
		out = append(out, &huma.Param{Ref: "#/components/parameters/" + name})
	}
	return out
}

// filterParam describes a filter. Given more than once it matches any of its
// values, which only a status says of itself: as arrays all the others would
// be harder to use in every tool than they are.
func filterParam(name string, f filter) *huma.Param {
	p := &huma.Param{Name: name, Schema: &huma.Schema{Type: huma.TypeString}, Description: "Only those with this " + filtered(name) + "."}
	switch f.kind {
	case store.KindInt:
		p.Schema = &huma.Schema{Type: huma.TypeInteger, Format: "int64"}
	case store.KindFloat:
		p.Schema = &huma.Schema{Type: huma.TypeNumber, Format: "double"}
	case store.KindBool:
		p.Schema = &huma.Schema{Type: huma.TypeBoolean}
	case store.KindDate:
		p.Schema.Format = "date"
	case store.KindDateFrom:
		p.Schema.Format, p.Description = "date", "Only those of this day or later."
	case store.KindDateTo:
		p.Schema.Format, p.Description = "date", "Only those of this day or earlier."
	case store.KindTextFold:
		p.Description = "Only those with this " + filtered(name) + ", in any case."
	case store.KindContains:
		p.Description = "Only those with this in their " + filtered(name) + ", in any case."
	case store.KindStatus:
		p.Schema = &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString, Enum: wordOf("Image", "status").oneOf}}
		p.Description = "Only those with one of these codes: " + wordOf("Image", "status").doc
	}
	if strings.HasPrefix(f.field, "search.") && f.kind == store.KindText {
		p.Description = "Only those with this in their " + filtered(name) + ", in any case."
	}
	return p
}

// filtered names the field of a filter for people: "run__label" is the label of
// the run.
func filtered(name string) string {
	parts := strings.Split(name, "__")
	slices.Reverse(parts)
	return strings.Join(parts, " of the ")
}
