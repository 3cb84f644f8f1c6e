package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
)

func (c *catalog[T]) set() *cobra.Command {
	var given fieldFlag
	cmd := &cobra.Command{
		Use:   "set ID -f key=value",
		Short: fmt.Sprintf("Change the fields of %s", c.one),
		Long: fmt.Sprintf("Change the fields of %s that are given, by their names in the API, and\n"+
			"keep the others; null clears a field. It is shown as it then is.\n\n"+
			"-f active=true brings back what was deleted.", c.one),
		Example: fmt.Sprintf("  mibi %[1]s set %[2]s %[3]s\n  mibi %[1]s set %[2]s -f description=null", c.word(), c.sample.id, c.sample.change),
		Args:    exactArgs("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			fields, err := given.object()
			if err != nil {
				return err
			}
			return c.runSet(cmd.Context(), args[0], fields)
		},
	}
	fieldsFlag(cmd, &given)
	return cmd
}

func (c *catalog[T]) runSet(ctx context.Context, text string, fields map[string]any) error {
	if len(fields) == 0 {
		return usage(errors.New("there is nothing to change: give -f key=value"))
	}
	client, _, err := c.g.client(ctx)
	if err != nil {
		return err
	}
	_, id, err := c.find(ctx, client, text)
	if err != nil {
		return err
	}
	if err := c.related(ctx, client, fields); err != nil {
		return err
	}
	after, err := c.kind(client).update(ctx, id, fields)
	if err != nil {
		return notThere(err, c.word(), c.many, id)
	}
	c.g.warnIgnored(c.one, after, fields)
	return c.report(after)
}
