package cli

import (
	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

func newPanelConjugates(c *catalog[mibitracker.Panel]) *cobra.Command {
	return &cobra.Command{
		Use:   "conjugates ID",
		Short: "List the antibodies of a panel, with their metals",
		Long: "List the antibodies (conjugates) of a panel: mass, element, target, clone, titer\n" +
			"with its units, lot.",
		Example: "  mibi panel conjugates TNBC\n" +
			"  mibi panel conjugates 98 --jq '.[] | [.mass, .target] | @tsv'",
		Args: exactArgs("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, _, err := c.g.client(cmd.Context())
			if err != nil {
				return err
			}
			panel, _, err := c.find(cmd.Context(), client, args[0])
			if err != nil {
				return err
			}
			return showConjugates(c.g, panel.Conjugates)
		},
	}
}

// showConjugates prints antibodies, of whatever they are.
func showConjugates(g *globals, all []mibitracker.Conjugate) error {
	return listing[mibitracker.Conjugate]{
		g: g, heads: []string{"MASS", "ELEMENT", "TARGET", "CLONE", "TITER", "UNITS", "LOT"},
		cells: func(c *mibitracker.Conjugate) []any {
			return []any{c.Mass, c.Element, c.Target, c.Clone, c.Titer, c.TiterUnits, c.Lot}
		},
	}.show(noErrors(all))
}
