package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

// runList lists runs.
type runList struct {
	g                    *globals
	name, label, project string
	limit                uint
}

func newRunList(g *globals) *cobra.Command {
	o := runList{g: g}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List runs, newest first",
		Long: "List the runs that you may see, newest first: label, id, name, date, instrument,\n" +
			"project and number of images. Names and labels match exactly.",
		Example: "  mibi run list --project Liver\n" +
			"  mibi run list --limit 20\n" +
			"  mibi run list --name 20190308_2169_2170 --jq '.[].label'\n" +
			"  mibi run list | cut -f1",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := noEmptyFlags(cmd); err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.name, "name", "", "the runs of this `name`")
	f.StringVar(&o.label, "label", "", "the run of this `label`")
	f.StringVar(&o.project, "project", "", "the runs of this `project`, by its id or name")
	limitFlag(f, &o.limit)
	return cmd
}

func (o *runList) run(ctx context.Context) error {
	client, _, err := o.g.client(ctx)
	if err != nil {
		return err
	}
	_, tty := terminal(o.g.streams.Out)
	list := listing[mibitracker.Run]{
		g: o.g, limit: o.limit,
		heads: []string{"LABEL", "ID", "NAME", "DATE", "INSTRUMENT", "PROJECT", "IMAGES"},
		cells: func(r *mibitracker.Run) []any {
			images, name := "", r.Name
			if tty && name == r.Label {
				name = "" // leaves the label, which commands take, its width
			}
			if r.ImageSet != nil {
				images = cellText(len(r.ImageSet.Images))
			}
			return []any{r.Label, r.ID, name, r.RunDate, instrumentName(r.Instrument), projectName(r.Project), images}
		},
	}
	if o.name == "" && o.label == "" && o.project == "" {
		list.none = "Nothing was found: " + noRuns + "."
	}
	filter := mibitracker.RunFilter{ListOptions: list.options(), Name: o.name, Label: o.label}
	if o.project != "" {
		if _, filter.Project, err = projects(client).find(ctx, o.g, o.project); err != nil {
			return err
		}
	}
	return list.show(client.Runs.All(ctx, filter))
}
