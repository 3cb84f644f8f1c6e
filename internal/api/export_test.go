package api

import (
	"slices"

	"github.com/openmibi/openmibi/internal/store"
)

// Asked is a field that a handler has read, as tests outside see it.
type Asked struct {
	Route, Name, Kind, Inside string // Inside: the list of objects that it is in
	Least, Most               int64
	Need                      bool
}

// Watch tells of every field that a handler reads.
func (a *API) Watch(see func(Asked)) {
	for _, route := range a.table {
		route.about.asked = func(in input) {
			for _, item := range flat(in) {
				item.Route = route.Name
				see(item)
			}
		}
	}
}

// Taken are the fields that a route says it takes.
func (r Route) Taken() (out []Asked) {
	for _, in := range r.about.fields {
		out = append(out, flat(in)...)
	}
	for i := range out {
		out[i].Route = r.Name
	}
	return out
}

// TakesBytes tells whether the route takes a body that is no fields.
func (r Route) TakesBytes() bool { return len(r.about.bytes) > 0 }

func flat(in input) []Asked {
	out := []Asked{{Name: in.name, Kind: string(in.kind), Least: in.least, Most: int64(in.most), Need: in.need}}
	for _, item := range in.items {
		for _, inner := range flat(item) {
			if inner.Inside != "" {
				inner.Inside = "." + inner.Inside
			}
			inner.Inside = in.name + inner.Inside
			out = append(out, inner)
		}
	}
	return out
}

// WatchLists tells what every list is asked by, and what its route says it is.
func (a *API) WatchLists(see func(route string, really, said []string)) {
	for _, route := range a.table {
		route.about.listedAs = func(fields store.Fields, filters map[string]filter) {
			var said []string
			if l := route.about.list; l != nil {
				said = listNames(l.fields, l.filters)
			}
			see(route.Name, listNames(fields, filters), said)
		}
	}
}

func listNames(fields store.Fields, filters map[string]filter) (out []string) {
	for _, name := range fields.Names(func(f store.Field) bool { return f.Order }) {
		out = append(out, "order "+name)
	}
	for name := range filters {
		out = append(out, "filter "+name)
	}
	slices.Sort(out)
	return out
}
