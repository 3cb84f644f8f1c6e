package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

// kind is a kind of objects that a flag or an argument names, by an id or by a
// name.
type kind[T any] struct {
	name  string // as its flag is called
	names func(*T) []string
	id    func(*T) int64
	get   func(context.Context, int64) (*T, error)
	all   func(context.Context, mibitracker.ListOptions) iter.Seq2[T, error]
	// short says that there are a few for all labs: they are asked for at once.
	short bool
	// as is what names the object on the command line, if that is not its flag.
	as string
	// update and remove are nil where no command changes the kind.
	update func(context.Context, int64, map[string]any) (*T, error)
	remove func(context.Context, int64) error
}

// given is what names the object on the command line.
func (k kind[T]) given() string { return cmp.Or(k.as, "--"+k.name) }

// anID is as of the argument of a command.
const anID = "ID"

func projects(c *mibitracker.Client) kind[mibitracker.Project] {
	return kind[mibitracker.Project]{
		name: "project", get: c.Projects.Get, all: c.Projects.All, update: c.Projects.Update, remove: c.Projects.Delete,
		id: func(p *mibitracker.Project) int64 { return p.ID }, names: func(p *mibitracker.Project) []string { return []string{p.Name} },
	}
}

func instruments(c *mibitracker.Client) kind[mibitracker.Instrument] {
	return kind[mibitracker.Instrument]{
		name: "instrument", get: c.Instruments.Get, all: c.Instruments.All, update: c.Instruments.Update, remove: c.Instruments.Delete,
		id: func(i *mibitracker.Instrument) int64 { return i.ID }, names: func(i *mibitracker.Instrument) []string { return []string{i.Name} },
	}
}

func slides(c *mibitracker.Client) kind[mibitracker.Slide] {
	return kind[mibitracker.Slide]{
		name: "slide", get: c.Slides.Get, all: c.Slides.All, update: c.Slides.Update, remove: c.Slides.Delete,
		id: func(s *mibitracker.Slide) int64 { return s.ID }, names: func(s *mibitracker.Slide) []string { return []string{s.Name} },
	}
}

func apertures(c *mibitracker.Client) kind[mibitracker.Aperture] {
	return kind[mibitracker.Aperture]{
		name: "aperture", get: c.Apertures.Get, all: c.Apertures.All, short: true,
		id:    func(a *mibitracker.Aperture) int64 { return a.ID },
		names: func(a *mibitracker.Aperture) []string { return []string{a.Code, a.Name, a.Label} },
	}
}

// find gives the one object of an id or a name. None or several of a name is
// mibitracker.ErrNotOne, with the candidates. A number is an id first: a script
// that gives ids goes on doing the same when somebody names an object "7"; a
// person is warned. On a backend that has no such list an id is taken as it is.
func (k kind[T]) find(ctx context.Context, g *globals, text string) (*T, int64, error) {
	if text == "" {
		return nil, 0, usage(fmt.Errorf("%s is empty", k.given()))
	}
	named, err := k.named(ctx, text)
	id, isID := parseID(text)
	if !isID {
		if err != nil {
			return nil, 0, err
		}
		return k.one(ctx, text, named)
	}
	unknown := errors.Is(err, mibitracker.ErrNotFound)
	if err != nil && !unknown {
		return nil, 0, err
	}
	object, err := k.get(ctx, id)
	switch {
	case err == nil:
		if len(named) > 0 && !slices.ContainsFunc(named, func(v T) bool { return k.id(&v) == id }) {
			g.warn(fmt.Sprintf("%s %s is taken as an id, that of %s; as a name it is %s's", k.given(), text, k.known(object), k.known(&named[0])))
		}
		return object, id, nil
	case !errors.Is(err, mibitracker.ErrNotFound):
		return nil, 0, err
	case unknown:
		return nil, id, nil
	}
	return k.one(ctx, text, named)
}

// named gives the objects of a name.
func (k kind[T]) named(ctx context.Context, name string) ([]T, error) {
	o := mibitracker.ListOptions{}
	if !k.short {
		o.Filters = map[string][]string{"name": {name}}
	}
	var found []T
	for v, err := range k.all(ctx, o) {
		if err != nil {
			return nil, fmt.Errorf("look for the %s %q: %w", k.name, name, err)
		}
		// A backend may know no such filter.
		if slices.Contains(k.names(&v), name) {
			found = append(found, v)
		}
	}
	return found, nil
}

// maxCandidates is how many objects are looked through for names to propose.
const maxCandidates = 1000

func (k kind[T]) one(ctx context.Context, text string, named []T) (*T, int64, error) {
	if len(named) == 1 {
		return &named[0], k.id(&named[0]), nil
	}
	if len(named) > 1 {
		var found []string
		for i := range named {
			found = append(found, k.known(&named[i]))
		}
		what := "give " + k.given() + " an id"
		if k.as == anID {
			what = "give the id of one"
		}
		return nil, 0, &mibitracker.UnexpectedAnswerError{
			Reason: fmt.Sprintf("there are %d of the name %q: %s", len(named), text, what), Found: few(found), NotOne: true,
		}
	}
	var names []string
	known := map[string]string{}
	for v, err := range k.all(ctx, mibitracker.ListOptions{}) {
		if err != nil || len(names) >= maxCandidates {
			break // proposals help; the error stands without them
		}
		name := k.names(&v)[0]
		names, known[name] = append(names, name), k.known(&v)
	}
	return nil, 0, &mibitracker.UnexpectedAnswerError{
		Reason: fmt.Sprintf("there is no %s %q%s", k.name, text, proposal(text, names, func(name string) string { return known[name] })), NotOne: true,
	}
}

func (k kind[T]) known(v *T) string { return fmt.Sprintf("%s (id %d)", k.names(v)[0], k.id(v)) }

// parseID reads an object's id.
func parseID(text string) (int64, bool) {
	id, err := strconv.ParseInt(text, 10, 64)
	return id, err == nil && id > 0
}

// needID reads an argument that has to be an id.
func needID(what, text string) (int64, error) {
	id, ok := parseID(text)
	if !ok {
		return 0, usage(fmt.Errorf("%s is a number above zero, not %q", what, text))
	}
	return id, nil
}

// checkDate refuses what is not a day as the API writes it.
func checkDate(flag, text string) error {
	if text == "" {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, text); err != nil {
		return usage(fmt.Errorf("--%s is a day such as 2024-06-13, not %q", flag, text))
	}
	return nil
}
