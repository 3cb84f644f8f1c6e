package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

// imageTable writes the metadata of a run's images as a table.
type imageTable struct {
	g       *globals
	columns []string
	output  string
	bom     bool
}

func newImageTable(g *globals) *cobra.Command {
	o := imageTable{g: g}
	cmd := &cobra.Command{
		Use:   "table RUN",
		Short: "Write the metadata of a run's images as a CSV, for changing it",
		Long: "Write the metadata of the images of a run as a CSV: a row an image, in\n" +
			"acquisition order. Change it in a spreadsheet or by a program, and mibi image\n" +
			"apply shows what is new in it and writes that to the server.\n\n" +
			"On a terminal a short table is shown instead; > or -o write the CSV. A related\n" +
			"object is its name and its id. A text that a spreadsheet would run (=, +, - or @\n" +
			"at its start) has an apostrophe before it, which apply takes off again.",
		Example: "  mibi image table 20190308_2169_2170 > fovs.csv\n" +
			"  mibi image table 20190308_2169_2170 --bom -o fovs.csv    # for Excel\n" +
			"  mibi image table 20190308_2169_2170 --columns tissue,section > fovs.csv\n" +
			"  mibi image table 20190308_2169_2170 --jq '.[] | select(.tissue == null) | .number'",
		Args: exactArgs("RUN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), args[0], cmd.Flags().Changed("output"))
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.columns, "columns", nil, "only these `columns`, such as tissue,section; id, run and folder stay before them")
	f.StringVarP(&o.output, "output", "o", "", "the `file` to write, which appears when it is whole; - for standard output")
	f.BoolVar(&o.bom, "bom", false, "begin with a mark by which Excel knows that the text is UTF-8")
	return cmd
}

func (o *imageTable) run(ctx context.Context, label string, toFile bool) error {
	columns, err := chosenColumns(o.columns)
	if err != nil {
		return err
	}
	switch {
	case toFile && o.output == "":
		return usage(errors.New("-o names no file"))
	case toFile && o.g.json:
		return usage(errors.New("-o writes a CSV: it does not go with --json"))
	}
	client, _, err := o.g.client(ctx)
	if err != nil {
		return err
	}
	run, err := findRun(ctx, client, label)
	if err != nil {
		return err
	}
	images, err := imagesInOrder(ctx, client, run.Label)
	if err != nil {
		return err
	}
	_, tty := terminal(o.g.streams.Out)
	switch {
	case o.g.json:
		rows := make([]imageRow, len(images))
		for i := range images {
			rows[i] = imageRow{columns, cellsOf(columns, &images[i])}
		}
		return o.g.printJSON(rows)
	case tty && !toFile:
		return o.show(columns, images)
	case !toFile || o.output == "-":
		return o.write(o.g.streams.Out, columns, images)
	}
	_, err = fillWhole(o.output, func(int64) {}, func(w io.Writer) error { return o.write(w, columns, images) })
	if err == nil {
		o.g.note("Wrote %d images to %s.", len(images), o.output)
	}
	return err
}

// imagesInOrder gives a run's images in acquisition order.
func imagesInOrder(ctx context.Context, client *mibitracker.Client, label string) ([]mibitracker.Image, error) {
	images, err := client.Runs.Images(ctx, label)
	if err != nil {
		return nil, err
	}
	// A backend may know no such filter.
	images = slices.DeleteFunc(images, func(i mibitracker.Image) bool { return i.Run != nil && i.Run.Label != "" && i.Run.Label != label })
	slices.SortFunc(images, func(a, b mibitracker.Image) int { return cmp.Compare(a.ID, b.ID) })
	return images, nil
}

func cellsOf(columns []imageColumn, image *mibitracker.Image) []cell {
	cells := make([]cell, len(columns))
	for i, c := range columns {
		cells[i] = c.get(image)
	}
	return cells
}

func (o *imageTable) write(w io.Writer, columns []imageColumn, images []mibitracker.Image) error {
	if o.bom {
		if _, err := io.WriteString(w, byteOrderMark); err != nil {
			return err
		}
	}
	rows := make([][]cell, len(images))
	for i := range images {
		rows[i] = cellsOf(columns, &images[i])
	}
	return writeImageCSV(w, columns, rows)
}

// show prints what fits on a terminal: the columns that were asked for, or a
// few that people look at first.
func (o *imageTable) show(columns []imageColumn, images []mibitracker.Image) error {
	first := []string{"id", "number", "point", "status", "description", "tissue", "section"}
	shown := slices.DeleteFunc(slices.Clone(columns), func(c imageColumn) bool {
		if len(o.columns) > 0 {
			return (c.name == "run" || c.name == "folder") && !slices.Contains(o.columns, c.name)
		}
		return !slices.Contains(first, c.name)
	})
	t := newTable(o.g.streams.Out)
	var heads []string
	for _, c := range shown {
		heads = append(heads, strings.ToUpper(c.name))
	}
	t.head(heads...)
	for i := range images {
		var cells []any
		for _, v := range cellsOf(shown, &images[i]) {
			cells = append(cells, plainCell(v))
		}
		if at := slices.IndexFunc(shown, func(c imageColumn) bool { return c.name == "status" }); at >= 0 {
			cells[at] = statusText(images[i].Status) // in words; the CSV has the codes
		}
		t.row(cells...)
	}
	if err := t.print(); err != nil {
		return err
	}
	if len(o.columns) == 0 {
		o.g.note("These are %d of %d columns: > fovs.csv or -o fovs.csv writes all, --columns chooses.", len(shown), len(columns))
	}
	return nil
}

// chosenColumns are the columns of these names, in the table's order, behind
// those by which an image is known again; all without a name.
func chosenColumns(names []string) ([]imageColumn, error) {
	all := imageColumns()
	if err := checkColumns(names, all); err != nil || len(names) == 0 {
		return all, err
	}
	return slices.DeleteFunc(all, func(c imageColumn) bool {
		return !slices.Contains(names, c.name) && !slices.Contains([]string{"id", "run", "folder"}, c.name)
	}), nil
}

// checkColumns refuses names of --columns that no column has.
func checkColumns(names []string, all []imageColumn) error {
	var known []string
	for _, c := range all {
		known = append(known, c.name)
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return usage(fmt.Errorf("--columns: there is no column %q%s", name, proposal(name, known, asItIs)))
		}
	}
	return nil
}
