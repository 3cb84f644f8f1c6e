package cli

import (
	"context"
	"fmt"
	"iter"
	"net/url"
	"slices"
	"strconv"

	"github.com/spf13/cobra"
)

func (c *catalog[T]) list() *cobra.Command {
	var limit uint
	var deleted bool
	given := make([]string, len(c.filters))
	cmd := &cobra.Command{
		Use:   "list",
		Short: fmt.Sprintf("List %s, newest first", c.many),
		Long: fmt.Sprintf("List the %s that you may see, newest first: %s.\n\n", c.many, c.columns) +
			"Texts match exactly. An object has to pass all flags that are given.",
		Example: fmt.Sprintf("  mibi %[1]s list\n  mibi %[1]s list %[2]s --jq '.[].id'", c.word(), c.sample.filter),
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := noEmptyFlags(cmd); err != nil {
				return err
			}
			return c.runList(cmd.Context(), given, deleted, limit)
		},
	}
	f := cmd.Flags()
	for i, filter := range c.filters {
		f.StringVar(&given[i], filter.name, "", filter.usage)
	}
	f.BoolVar(&deleted, "deleted", false, "those that were deleted, instead")
	limitFlag(f, &limit)
	return cmd
}

func (c *catalog[T]) runList(ctx context.Context, given []string, deleted bool, limit uint) error {
	client, _, err := c.g.client(ctx)
	if err != nil {
		return err
	}
	list := c.listing(limit)
	o := list.options()
	o.Filters = url.Values{}
	for i, filter := range c.filters {
		text := given[i]
		if text == "" {
			continue
		}
		if find := c.relations[filter.name]; find != nil {
			id, err := find(ctx, c.g, client, text, "")
			if err != nil {
				return err
			}
			text = strconv.FormatInt(id, 10)
		}
		o.Filters.Set(filter.name, text)
	}
	if deleted {
		o.Filters.Set("active", "false")
	}
	k := c.kind(client)
	return list.show(named(k.all(ctx, o), o.Filters.Get("name"), k.names))
}

// named leaves what has a name, if one is asked for: a backend may know no such
// filter.
func named[T any](all iter.Seq2[T, error], name string, names func(*T) []string) iter.Seq2[T, error] {
	if name == "" {
		return all
	}
	return func(yield func(T, error) bool) {
		for v, err := range all {
			if err == nil && !slices.Contains(names(&v), name) {
				continue
			}
			if !yield(v, err) {
				return
			}
		}
	}
}

// listing prints such objects, wherever they come from.
func (c *catalog[T]) listing(limit uint) listing[T] {
	return listing[T]{g: c.g, limit: limit, heads: c.heads, cells: c.cells}
}

func nameFilter() listFilter { return listFilter{"name", "of this `name`"} }

// relatedFilter is the filter of a kind that has a flag.
func relatedFilter(name string) listFilter {
	return listFilter{name, "of this `" + name + "`, by its id or name"}
}

// inProject is the relation that most kinds have.
func inProject() map[string]lookup { return map[string]lookup{"project": idOf(projects)} }
