package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
)

// imageApply writes a table of images to the server.
type imageApply struct {
	g           *globals
	columns     []string
	undo        string
	jobs        int
	dryRun, yes bool
}

// applyReport is what `mibi image apply --json` prints.
type applyReport struct {
	DryRun  bool          `json:"dry_run"`
	Images  int           `json:"images"` // rows of the table
	Changes []applyChange `json:"changes"`
}

// applyChange is one field of one image.
type applyChange struct {
	ID    int64  `json:"id"`
	Run   string `json:"run"`
	FOV   string `json:"fov"`
	Field string `json:"field"`
	Old   any    `json:"old"` // a text, a number, or null for none
	New   any    `json:"new"`
	State string `json:"state"`           // planned, done or failed
	Error string `json:"error,omitempty"` // why it failed
}

const maxApplyJobs = 32

func newImageApply(g *globals) *cobra.Command {
	o := imageApply{g: g}
	cmd := &cobra.Command{
		Use:   "apply FILE.csv",
		Short: "Write what is new in a table of images to the server",
		Long: "Compare a table, as mibi image table writes it, with the server, show what is\n" +
			"different, and write that. On a terminal you are asked before; a script is not.\n" +
			"FILE may come out of a spreadsheet; - is standard input.\n\n" +
			"Rows are found by their id; if a run, a number or a folder is not the image's, the\n" +
			"whole is refused and nothing is written. Only the columns that are there are\n" +
			"looked at. An empty cell clears its field. A related object is an id, a name that\n" +
			"no other has, or both as the table has them. A field that somebody else changes\n" +
			"meanwhile is left alone.\n\n" +
			"--undo FILE keeps the values that are replaced: apply that file to go back.",
		Example: "  mibi image apply fovs.csv --dry-run\n" +
			"  mibi image apply fovs.csv --undo before.csv\n" +
			"  mibi image apply fovs.csv --columns tissue,section --yes\n" +
			"  mibi image apply fovs.csv --dry-run --jq '.changes[] | [.fov, .field, .new] | @tsv'",
		Args: exactArgs("FILE.csv"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("undo") && o.undo == "" {
				return usage(errors.New("--undo names no file"))
			}
			return o.run(cmd.Context(), args[0])
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.dryRun, "dry-run", false, "show what is different, and write nothing")
	f.BoolVar(&o.yes, "yes", false, "do not ask")
	f.StringSliceVar(&o.columns, "columns", nil, "look at these `columns` only, such as tissue,section")
	f.StringVar(&o.undo, "undo", "", "a new `file` for the values that are replaced")
	f.IntVar(&o.jobs, "jobs", 4, "write this `number` of images at a time")
	return cmd
}

func (o *imageApply) run(ctx context.Context, file string) error {
	if err := o.check(); err != nil {
		return err
	}
	sheet, err := o.read(file)
	if err != nil {
		return err
	}
	client, _, err := o.g.client(ctx)
	if err != nil {
		return err
	}
	if !sheet.has("run") || !sheet.has("folder") {
		o.g.warn(fmt.Sprintf("%s does not have both columns run and folder: that its ids are of the images you mean is not checked", file))
	}
	plan, err := planApply(ctx, client, file, sheet, o.columns)
	if err != nil {
		return err
	}
	if plan.rounded > 0 {
		o.g.warn(fmt.Sprintf("%d numbers differ from the server's only in digits that are missing: a spreadsheet saves what it shows; --columns chooses what to write", plan.rounded))
	}
	if o.dryRun || len(plan.changes) == 0 {
		return o.report(plan, nil)
	}
	if goOn, err := o.ask(ctx, plan); err != nil || !goOn {
		return err
	}
	if o.undo != "" {
		if _, err := fillWhole(o.undo, func(int64) {}, func(w io.Writer) error { return plan.writeUndo(w) }); err != nil {
			return fmt.Errorf("nothing was written: %w", err)
		}
	}
	return o.report(plan, plan.write(ctx, client, o.jobs, o.g.warn))
}

func (o *imageApply) check() error {
	if o.jobs < 1 || o.jobs > maxApplyJobs {
		return usage(fmt.Errorf("--jobs is %d: give 1 to %d", o.jobs, maxApplyJobs))
	}
	if err := checkColumns(o.columns, imageColumns()); err != nil {
		return err
	}
	for _, c := range imageColumns() {
		for _, name := range o.columns {
			if c.name == name && !c.kind.written() {
				return usage(fmt.Errorf("--columns: %s is not written", name))
			}
		}
	}
	if _, err := os.Lstat(o.undo); o.undo != "" && err == nil {
		return usage(fmt.Errorf("--undo %s is there already: what it keeps may still be needed", o.undo))
	}
	return nil
}

func (o *imageApply) read(file string) (*imageSheet, error) {
	in := o.g.streams.In
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, given(err)
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	sheet, err := readSheet(in)
	return sheet, nothingWritten(file, err)
}

// ask shows the difference to who sits at a terminal, and asks.
func (o *imageApply) ask(ctx context.Context, plan *applyPlan) (bool, error) {
	fd, tty := terminal(o.g.streams.In)
	if o.yes || !tty {
		return true, nil
	}
	t := newTable(o.g.streams.Err)
	plan.show(t)
	if err := t.print(); err != nil {
		return false, err
	}
	answer, err := askLine(ctx, o.g.streams, fd, fmt.Sprintf("Write %s? [y/N] ", plan.size()))
	if err != nil {
		return false, err
	}
	if answer = strings.ToLower(answer); answer != "y" && answer != "yes" {
		return false, errors.New("nothing was written")
	}
	return true, nil
}

// report prints the difference, with what became of it.
func (o *imageApply) report(plan *applyPlan, failure error) error {
	if o.g.json {
		return errors.Join(failure, o.g.printJSON(plan.report(o.dryRun)))
	}
	_, asked := terminal(o.g.streams.In)
	_, seen := terminal(o.g.streams.Out)
	if o.dryRun || o.yes || !asked || !seen { // else it is on the screen
		t := newTable(o.g.streams.Out)
		plan.show(t)
		if len(plan.changes) > 0 {
			if err := t.print(); err != nil {
				return errors.Join(failure, err)
			}
		}
	}
	switch {
	case failure != nil:
		return failure
	case len(plan.changes) == 0:
		o.g.note("The server has all of it already: nothing to write.")
	case o.dryRun:
		o.g.note("Nothing was written: without --dry-run %s would be.", plan.size())
	default:
		o.g.note("Wrote %s.", plan.size())
		if o.undo != "" {
			o.g.note("To go back: mibi image apply %s", o.undo)
		}
	}
	return nil
}

// size is how much is different.
func (p *applyPlan) size() string {
	fields := 0
	for _, c := range p.changes {
		fields += len(c.fields)
	}
	return counted(fields, "change") + " of " + counted(len(p.changes), "image")
}

// show is the difference for people.
func (p *applyPlan) show(t *table) {
	t.head("ID", "RUN", "FOV", "FIELD", "OLD", "NEW")
	for i := range p.changes {
		c := &p.changes[i]
		for _, f := range c.fields {
			t.row(c.image.ID, runLabel(&c.image), fov(&c.image), f.column.name, plainCell(f.old), plainCell(f.new))
		}
	}
}

func (p *applyPlan) report(dryRun bool) applyReport {
	report := applyReport{DryRun: dryRun, Images: p.images, Changes: []applyChange{}}
	for i := range p.changes {
		c := &p.changes[i]
		state, reason := "planned", ""
		switch {
		case c.done:
			state = "done"
		case c.err != nil:
			state, reason = "failed", c.err.Error()
		}
		for _, f := range c.fields {
			report.Changes = append(report.Changes, applyChange{
				ID: c.image.ID, Run: runLabel(&c.image), FOV: fov(&c.image), Field: f.column.name,
				Old: jsonCell(f.old), New: jsonCell(f.new), State: state, Error: reason,
			})
		}
	}
	return report
}
