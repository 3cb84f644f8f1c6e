package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

func (c *catalog[T]) create() *cobra.Command {
	var given fieldFlag
	cmd := &cobra.Command{
		Use:     "create -f key=value",
		Short:   fmt.Sprintf("Make %s", c.one),
		Long:    fmt.Sprintf("Make %s of fields, by their names in the API, and show it. %s", c.one, c.fields),
		Example: fmt.Sprintf("  mibi %s create %s\n  mibi %[1]s create %[2]s --jq .id", c.word(), c.sample.fields),
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			fields, err := given.object()
			if err != nil {
				return err
			}
			return c.runCreate(cmd.Context(), fields)
		},
	}
	fieldsFlag(cmd, &given)
	return cmd
}

// fieldsFlag is -f of the commands that write.
func fieldsFlag(cmd *cobra.Command, given *fieldFlag) {
	cmd.Flags().VarP(given, "field", "f", "a `key=value` to set; key:=text for text as it is (repeatable)")
}

func (c *catalog[T]) runCreate(ctx context.Context, fields map[string]any) error {
	if len(fields) == 0 {
		return usage(errors.New("there is nothing to make it of: give -f key=value, such as " + c.sample.fields))
	}
	client, _, err := c.g.client(ctx)
	if err != nil {
		return err
	}
	if err := c.related(ctx, client, fields); err != nil {
		return err
	}
	var made *T
	r := mibitracker.Request{Method: http.MethodPost, Route: c.route(), Body: mibitracker.JSONBody(fields)}
	if err := client.JSON(ctx, r, &made); err != nil {
		return err
	}
	if made == nil {
		return &mibitracker.UnexpectedAnswerError{Reason: "the server does not say what it made"}
	}
	c.g.warnIgnored(c.one, made, fields)
	return c.report(made)
}
