package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

func (c *catalog[T]) view() *cobra.Command {
	return &cobra.Command{
		Use:     "view ID",
		Short:   fmt.Sprintf("Show %s", c.one),
		Long:    fmt.Sprintf("Show %s with all that the server says of it.", c.one),
		Example: fmt.Sprintf("  mibi %[1]s view %[2]s\n  mibi %[1]s view %[2]s --json", c.word(), c.sample.id),
		Args:    exactArgs("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, _, err := c.g.client(cmd.Context())
			if err != nil {
				return err
			}
			object, _, err := c.find(cmd.Context(), client, args[0])
			if err != nil {
				return err
			}
			return c.report(object)
		},
	}
}

// report prints an object.
func (c *catalog[T]) report(object *T) error {
	return c.g.reportObject(object, func(t *table) { c.show(t, object) })
}
