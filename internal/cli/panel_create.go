package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

// panelCreate makes a panel, of a CSV or of fields.
type panelCreate struct {
	c      *catalog[mibitracker.Panel]
	fields fieldFlag
}

func newPanelCreate(c *catalog[mibitracker.Panel]) *cobra.Command {
	o := panelCreate{c: c}
	cmd := &cobra.Command{
		Use:   "create [FILE.csv] -f key=value",
		Short: "Make a panel of its CSV file",
		Long: "Make a panel of its CSV, in any form of the field: MIBItracker's export, or a table\n" +
			"with columns such as Mass and Target. - is standard input. Fields of -f win over what\n" +
			"the file says: name (without one it is the file's), project (an id or a name),\n" +
			"description, dilution, manufacture_date, is_draft, and previous_id, which makes it\n" +
			"the next version of that panel.\n\n" +
			"Without a file the panel is made of the fields alone, and has no antibodies yet.",
		Example: "  mibi panel create panel.csv -f project=Liver\n" +
			"  mibi panel create panel.csv -f name=TNBC -f previous_id=98\n" +
			"  mibi panel csv TNBC | sed s/CD3,/CD3e,/ | mibi panel create - -f name=TNBC-2",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usage(fmt.Errorf("%s takes one FILE.csv, not %d", cmd.CommandPath(), len(args)))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			fields, err := o.fields.object()
			if err != nil {
				return err
			}
			if len(args) == 0 {
				return c.runCreate(cmd.Context(), fields)
			}
			return o.run(cmd.Context(), args[0], fields)
		},
	}
	fieldsFlag(cmd, &o.fields)
	return cmd
}

func (o *panelCreate) run(ctx context.Context, path string, fields map[string]any) error {
	if path == "" {
		return usage(errors.New("FILE.csv is empty"))
	}
	texts, err := o.fields.texts()
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if fields[name] == nil {
			return usage(fmt.Errorf("-f %s=null does not go with a file: a form has no null", name))
		}
	}
	csv, done, err := openInput(path, o.c.g.streams.In)
	if err != nil {
		return err
	}
	defer done()
	client, _, err := o.c.g.client(ctx)
	if err != nil {
		return err
	}
	if err := o.c.related(ctx, client, fields); err != nil {
		return err
	}
	for name := range o.c.relations {
		if id, ok := fields[name].(int64); ok {
			texts[name] = fmt.Sprint(id)
		}
	}
	made, err := client.Panels.CreateFromCSV(ctx, csv, texts)
	if err != nil {
		return err
	}
	o.c.g.warnIgnored(o.c.one, made, fields)
	return o.c.report(made)
}
