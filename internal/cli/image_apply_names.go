package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/openmibi/openmibi/mibitracker"
)

// relations finds the objects that cells name. Each kind is listed once, when
// a cell is the first to name one.
type relations struct {
	client *mibitracker.Client
	lists  map[string]*relationList
}

// relationList are all objects of a kind. A backend may have no such list: ids
// are then taken as they are.
type relationList struct {
	all     []namedRef
	unknown bool
}

// namedRef is an object and what else it is called.
type namedRef struct {
	ref
	also []string
}

// find gives the object that a cell names: by its id, by a name that no other
// has, or by both as the table writes them.
func (l *relationList) find(column, name string, id int64) (ref, error) {
	if id != 0 {
		return l.byID(column, name, id)
	}
	return l.byName(column, name)
}

// splitRef reads NAME, ID, or NAME (id ID).
func splitRef(text string) (name string, id int64) {
	text = onOneLine(text)
	if id, ok := parseID(text); ok {
		return "", id
	}
	if inner, ok := strings.CutSuffix(text, ")"); ok {
		if at := strings.LastIndex(inner, "(id "); at >= 0 {
			if id, ok := parseID(inner[at+len("(id "):]); ok {
				return onOneLine(inner[:at]), id
			}
		}
	}
	return text, 0
}

func (l *relationList) byID(column, name string, id int64) (ref, error) {
	for _, v := range l.all {
		switch {
		case v.id != id:
		case name == "" || v.called(name):
			return v.ref, nil
		default:
			return ref{}, fmt.Errorf("%s %d is %q and not %q: give the name or the id alone", column, id, v.name, name)
		}
	}
	if l.unknown {
		return ref{id, name}, nil
	}
	return ref{}, fmt.Errorf("there is no %s %d, or you may not see it", column, id)
}

func (l *relationList) byName(column, name string) (ref, error) {
	if l.unknown {
		if column == "aperture" { // its code is as good as an id
			return ref{0, name}, nil
		}
		return ref{}, fmt.Errorf("the server does not list what there is: give the id of the %s, not %q", column, name)
	}
	var found []namedRef
	var names []string
	for _, v := range l.all {
		names = append(names, v.name)
		if v.called(name) {
			found = append(found, v)
		}
	}
	switch len(found) {
	case 1:
		return found[0].ref, nil
	case 0:
		return ref{}, fmt.Errorf("there is no %s %q%s", column, name, proposal(name, names, asItIs))
	}
	var candidates []string
	for _, v := range found {
		candidates = append(candidates, v.String())
	}
	return ref{}, fmt.Errorf("there are %d of the name %q, give one with its id: %s", len(found), name, strings.Join(few(candidates), ", "))
}

func (n namedRef) called(name string) bool {
	return name != "" && (n.name == name || slices.Contains(n.also, name))
}

func (r *relations) list(ctx context.Context, column string) (*relationList, error) {
	if list, ok := r.lists[column]; ok {
		return list, nil
	}
	var all []namedRef
	var err error
	switch everything := (mibitracker.ListOptions{}); column {
	case "tissue":
		all, err = refsOf(r.client.Tissues.All(ctx, everything), func(t *mibitracker.Tissue) namedRef {
			return namedRef{tissueRef(t), []string{onOneLine(t.Name)}}
		})
	case "section":
		all, err = refsOf(r.client.Sections.All(ctx, everything), func(s *mibitracker.Section) namedRef { return namedRef{ref: sectionRef(s)} })
	case "project":
		all, err = refsOf(r.client.Projects.All(ctx, everything), func(p *mibitracker.Project) namedRef { return namedRef{ref: projectRef(p)} })
	case "aperture":
		all, err = refsOf(r.client.Apertures.All(ctx, everything), func(a *mibitracker.Aperture) namedRef {
			return namedRef{apertureRef(a), []string{onOneLine(a.Name), onOneLine(a.Label)}}
		})
	}
	unknown := errors.Is(err, mibitracker.ErrNotFound)
	if err != nil && !unknown {
		return nil, fmt.Errorf("look for the %ss that there are: %w", column, err)
	}
	if r.lists == nil {
		r.lists = map[string]*relationList{}
	}
	r.lists[column] = &relationList{all: all, unknown: unknown}
	return r.lists[column], nil
}

func refsOf[T any](all iter.Seq2[T, error], of func(*T) namedRef) ([]namedRef, error) {
	var refs []namedRef
	for v, err := range all {
		if err != nil {
			return nil, err
		}
		refs = append(refs, of(&v))
	}
	return refs, nil
}
