package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

// panelCSV writes a panel as MIBItracker exports it.
type panelCSV struct {
	c      *catalog[mibitracker.Panel]
	output string
}

func newPanelCSV(c *catalog[mibitracker.Panel]) *cobra.Command {
	o := panelCSV{c: c}
	cmd := &cobra.Command{
		Use:   "csv ID",
		Short: "Write a panel as CSV, as MIBItracker exports it",
		Long: "Write a panel as CSV, as MIBItracker exports it: to standard output, or to a file,\n" +
			"which appears when it is whole, and replaces what was there. mibi panel create reads\n" +
			"it again.",
		Example: "  mibi panel csv TNBC\n" +
			"  mibi panel csv 98 -o panel.csv",
		Args: exactArgs("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := noEmptyFlags(cmd); err != nil {
				return err
			}
			return o.run(cmd.Context(), args[0])
		},
	}
	cmd.Flags().StringVarP(&o.output, "output", "o", "-", "the `file` to write; - for standard output")
	return cmd
}

func (o *panelCSV) run(ctx context.Context, text string) error {
	g := o.c.g
	if o.output == "-" && g.json {
		return usage(errors.New("--json goes with -o FILE; mibi panel view shows a panel as JSON"))
	}
	client, _, err := g.client(ctx)
	if err != nil {
		return err
	}
	_, id, err := o.c.find(ctx, client, text)
	if err != nil {
		return err
	}
	resp, err := client.Do(ctx, mibitracker.Request{Route: fmt.Sprintf("/panels/%d/csv/", id)})
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if o.output != "-" {
		return o.save(resp.Body)
	}
	if _, tty := terminal(g.streams.Out); tty {
		return showAll(g.streams.Out, resp.Body)
	}
	_, err = io.Copy(g.streams.Out, resp.Body)
	return err
}

func (o *panelCSV) save(content io.Reader) error {
	done, err := writeWhole(o.output, content, func(int64) {})
	if err != nil {
		return err
	}
	if o.c.g.json {
		return o.c.g.printJSON(done)
	}
	o.c.g.note("Wrote %s (%d bytes).", done.Path, done.Size)
	return nil
}
