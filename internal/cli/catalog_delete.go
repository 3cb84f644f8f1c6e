package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// deletedObject is what `mibi slide delete --json` prints, and those of other kinds.
type deletedObject struct {
	ID   int64  `json:"id"`
	Name string `json:"name"` // empty for sections, which have none
}

func (c *catalog[T]) delete() *cobra.Command {
	var yes bool
	what := "name"
	if c.nameless {
		what = "id"
	}
	cmd := &cobra.Command{
		Use:   "delete ID",
		Short: fmt.Sprintf("Delete %s", c.one),
		Long: fmt.Sprintf("Delete %s: it is hidden from all lists; what refers to it stays as it is.\n"+
			"You are asked to type its %s, unless you give --yes.\n\n"+
			"mibi %[3]s list --deleted shows what was deleted, and\n"+
			"mibi %[3]s set ID -f active=true brings it back, by its number.", c.one, what, c.word()),
		Example: fmt.Sprintf("  mibi %[1]s delete %[2]s\n  mibi %[1]s delete %[2]s --yes", c.word(), c.sample.id),
		Args:    exactArgs("ID"),
		RunE:    func(cmd *cobra.Command, args []string) error { return c.runDelete(cmd.Context(), args[0], what, yes) },
	}
	cmd.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return cmd
}

func (c *catalog[T]) runDelete(ctx context.Context, text, what string, yes bool) error {
	fd, tty := terminal(c.g.streams.In)
	if !yes && !tty {
		return usage(errors.New("there is no terminal to ask on: use --yes to delete without being asked"))
	}
	client, _, err := c.g.client(ctx)
	if err != nil {
		return err
	}
	object, id, err := c.find(ctx, client, text)
	if err != nil {
		return err
	}
	k := c.kind(client)
	called := c.called(k, object, id)
	known := fmt.Sprintf("%s %s (id %d)", k.name, called, id)
	if c.nameless {
		known = fmt.Sprintf("%s %d", k.name, id)
	}
	if !yes {
		prompt := fmt.Sprintf("This deletes the %s.\nType its %s to go on: ", printable(known), what)
		answer, err := askLine(ctx, c.g.streams, fd, prompt)
		if err != nil {
			return err
		}
		if answer != strings.TrimSpace(called) {
			return fmt.Errorf("that is not its %s; nothing was deleted", what)
		}
	}
	if err := k.remove(ctx, id); err != nil {
		return notThere(err, k.name, c.many, id)
	}
	if c.g.json {
		gone := deletedObject{ID: id}
		if !c.nameless {
			gone.Name = called
		}
		return c.g.printJSON(gone)
	}
	c.g.note("Deleted %s.", known)
	return nil
}
