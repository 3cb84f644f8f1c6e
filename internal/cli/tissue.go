package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

func newTissue(g *globals) *cobra.Command {
	c := &catalog[mibitracker.Tissue]{
		g: g, kind: tissues, one: "a tissue", many: "tissues",
		short: "Find, make and change kinds of tissue",
		about: "Tissues are the lab's common words for what is imaged: an organ, perhaps with a\n" +
			"subsite and a diagnosis. Together they are the tissue's name, such as\n" +
			"\"Breast duct [DCIS]\".",
		fields:  "It needs an\norgan. Further fields: subsite, diagnosis, description.",
		heads:   []string{"ID", "ORGAN", "SUBSITE", "DIAGNOSIS", "DESCRIPTION"},
		columns: "id, organ,\nsubsite, diagnosis, description",
		cells: func(t *mibitracker.Tissue) []any {
			return []any{t.ID, t.Organ, t.Subsite, t.Diagnosis, t.Description}
		},
		show: showTissue,
		filters: []listFilter{
			{"organ", "of this `organ`, in any case"}, {"subsite", "of this `subsite`"}, {"diagnosis", "of this `diagnosis`"},
		},
		sample: sample{id: "'Breast duct [DCIS]'", filter: "--organ breast", fields: "-f organ=Breast -f subsite=duct -f diagnosis=DCIS", change: "-f description='at the margin'"},
	}
	return c.command(c.create(), newTissueSearch(c))
}

func tissues(c *mibitracker.Client) kind[mibitracker.Tissue] {
	return kind[mibitracker.Tissue]{
		name: "tissue", get: c.Tissues.Get, all: c.Tissues.All, update: c.Tissues.Update, remove: c.Tissues.Delete,
		short: true, // and the name on the server has spaces that nobody types
		id:    func(t *mibitracker.Tissue) int64 { return t.ID },
		names: func(t *mibitracker.Tissue) []string { return []string{tissueText(t), t.Name} },
	}
}

func showTissue(t *table, tissue *mibitracker.Tissue) {
	t.field("ID", tissue.ID)
	t.field("Name", tissueText(tissue))
	t.field("Organ", tissue.Organ)
	t.field("Subsite", tissue.Subsite)
	t.field("Diagnosis", tissue.Diagnosis)
	t.field("Description", tissue.Description)
}

func newTissueSearch(c *catalog[mibitracker.Tissue]) *cobra.Command {
	var limit uint
	cmd := &cobra.Command{
		Use:   "search TEXT",
		Short: "Search tissues by a part of their name or description",
		Long: "List the tissues of whose name or description TEXT is a part, in any case: id,\n" +
			"organ, subsite, diagnosis, description.",
		Example: "  mibi tissue search breast\n" +
			"  mibi image list --tissue \"$(mibi tissue search dcis --jq '.[0].organ')\"",
		Args: exactArgs("TEXT"),
		RunE: func(cmd *cobra.Command, args []string) error { return searchTissues(cmd.Context(), c, args[0], limit) },
	}
	limitFlag(cmd.Flags(), &limit)
	return cmd
}

func searchTissues(ctx context.Context, c *catalog[mibitracker.Tissue], text string, limit uint) error {
	client, _, err := c.g.client(ctx)
	if err != nil {
		return err
	}
	list := c.listing(limit)
	return list.show(client.Tissues.Search(ctx, text, list.options()))
}
