package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

// catalog is a kind of objects that a lab keeps beside its runs and images. The
// commands of all kinds are alike, each in a file: list, view, create, set and
// delete. What a kind has of its own is here.
type catalog[T any] struct {
	g    *globals
	kind func(*mibitracker.Client) kind[T]

	one, many string // "a slide", and "slides", which is its route
	short     string // what the commands are for, in a line
	about     string // what such an object is
	fields    string // what create takes, for its help

	heads   []string
	columns string // the same in words
	cells   func(*T) []any
	show    func(*table, *T)
	filters []listFilter
	// relations are the fields that are other objects, by which they are looked up.
	relations map[string]lookup
	// nameless objects go by their ids alone.
	nameless bool

	sample sample
}

// sample is what the examples of the help are made of.
type sample struct{ id, filter, fields, change string }

// listFilter is a flag of list and the filter of its name in the API.
type listFilter struct{ name, usage string }

// lookup gives the id of the object that a text names by its id or name. as is
// what gave the text, if that is not the kind's flag.
type lookup func(ctx context.Context, g *globals, client *mibitracker.Client, text, as string) (int64, error)

// idOf is the lookup of a kind.
func idOf[T any](kindOf func(*mibitracker.Client) kind[T]) lookup {
	return func(ctx context.Context, g *globals, client *mibitracker.Client, text, as string) (int64, error) {
		k := kindOf(client)
		k.as = as
		_, id, err := k.find(ctx, g, text)
		return id, err
	}
}

// command groups a kind's commands.
func (c *catalog[T]) command(others ...*cobra.Command) *cobra.Command {
	name := c.word()
	takes := "ID is its number on the server."
	if !c.nameless {
		takes = "ID is its number on the server, or its name where no other has the same name."
	}
	cmd := &cobra.Command{
		Use: name, Short: c.short, Args: noArgs, RunE: showHelp,
		Long: c.short + ".\n\n" + c.about + "\n\n" + takes,
	}
	cmd.AddCommand(c.list(), c.view(), c.set(), c.delete())
	cmd.AddCommand(others...)
	return cmd
}

// word is the kind in one word, as its commands are called.
func (c *catalog[T]) word() string { return c.kind(&mibitracker.Client{}).name }

// route is that of one object.
func (c *catalog[T]) route() string { return "/" + c.many + "/" }

// find gives the object of an ID on the command line.
func (c *catalog[T]) find(ctx context.Context, client *mibitracker.Client, text string) (*T, int64, error) {
	k := c.kind(client)
	k.as = anID
	id, isID := parseID(text)
	if c.nameless && !isID {
		return nil, 0, usage(fmt.Errorf("%s's ID is a number above zero, not %q", c.one, text))
	}
	var named *T
	if !c.nameless {
		object, found, err := k.find(ctx, c.g, text)
		if err != nil || object != nil && isID {
			return object, found, err
		}
		named, id = object, found
	}
	object, err := k.get(ctx, id) // a list may give less of it
	if named != nil && errors.Is(err, mibitracker.ErrNotFound) {
		return named, id, nil // or all that there is
	}
	return object, id, notThere(err, k.name, c.many, id)
}

// called is what an object is called in messages.
func (c *catalog[T]) called(k kind[T], object *T, id int64) string {
	if c.nameless {
		return strconv.FormatInt(id, 10)
	}
	return k.names(object)[0]
}

// related puts ids in the place of what names other objects: "Liver" in that of
// a project, or its id.
func (c *catalog[T]) related(ctx context.Context, client *mibitracker.Client, fields map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(c.relations)) {
		var text string
		switch v := fields[name].(type) {
		case string:
			text = v
		case json.Number:
			text = v.String()
		default: // not given, or cleared
			continue
		}
		id, err := c.relations[name](ctx, c.g, client, text, "-f "+name)
		if err != nil {
			return err
		}
		fields[name] = id
	}
	return nil
}
