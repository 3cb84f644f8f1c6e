package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
	"github.com/openmibi/openmibi/transfer"
)

// push sends MIBItiffs to the FOVs of a run that they are of.
type push struct {
	g       *globals
	run     string
	dryRun  bool
	options transfer.PushOptions
}

func newPush(g *globals) *cobra.Command {
	o := push{g: g}
	cmd := &cobra.Command{
		Use:   "push FILE|DIR... --run RUN",
		Short: "Push MIBItiffs to the FOVs of a run",
		Long: "Push MIBItiffs to a run: files, and the .tif and .tiff files of folders. Each goes\n" +
			"to the FOV that it says it is of: its run is the run's label or name, its folder\n" +
			"the image's.\n\n" +
			"All files are looked at before a byte moves. If one does not fit the run, or is\n" +
			"not whole, nothing is pushed and all such files are listed; --skip-mismatched\n" +
			"pushes the others. TIFFs of folders that are no MIBItiffs, such as masks, are left\n" +
			"where they are.\n\n" +
			"What the server has already, by its SHA-256, is skipped: after an interruption\n" +
			"the same push goes on where it ended. An image that has other content gets the\n" +
			"new file.",
		Example: "  mibi push tiffs/ --run 20190308_2169_2170 --dry-run\n" +
			"  mibi push tiffs/ --run 20190308_2169_2170 --wait\n" +
			"  mibi push Point1.tiff Point2.tiff --run 20190308_2169_2170 --jobs 2 --bwlimit 5M\n" +
			"  mibi push . --run 20190308_2169_2170 --include 'fov-*.tiff' --jq '.files[] | select(.state == \"failed\")'",
		SuggestFor: []string{"put", "send", "upload"},
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case len(args) == 0:
				return usage(errors.New("mibi push takes FILE|DIR...: the MIBItiffs to push, or their folders"))
			case slices.Contains(args, ""):
				return usage(errors.New("a FILE|DIR is empty"))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return o.do(cmd.Context(), args) },
	}
	f := cmd.Flags()
	f.StringVar(&o.run, "run", "", "the `RUN` to push to: a label, or a name that one run has (required)")
	f.BoolVar(&o.options.Wait, "wait", false, "wait until the server has processed the files, and report those that it could not")
	f.IntVar(&o.options.Jobs, "jobs", 4, "work on this `number` of files at once")
	f.BoolVarP(&o.dryRun, "dry-run", "n", false, "say what would go where, and push nothing")
	f.BoolVar(&o.options.Force, "force", false, "push what the server has already, too")
	f.BoolVar(&o.options.SkipMismatched, "skip-mismatched", false, "push the files that fit although others do not (exit code 3)")
	f.StringArrayVar(&o.options.Include, "include", nil, "push only the files that match this `glob` (repeatable: any of them)")
	f.StringArrayVar(&o.options.Exclude, "exclude", nil, "push no files that match this `glob` (repeatable)")
	addBandwidthFlag(cmd, g)
	return cmd
}

func (o *push) do(ctx context.Context, paths []string) error {
	if o.run == "" {
		return usage(errors.New("--run is missing: name the run to push to; mibi run list shows them"))
	}
	if err := checkTransfer(o.options.Jobs, o.options); err != nil {
		return err
	}
	boundMemory()
	client, _, err := o.g.client(ctx)
	if err != nil {
		return err
	}
	run, err := findRunOnly(ctx, client, o.run)
	if err != nil {
		return err
	}
	var progress *transferProgress
	o.options.Events = func(e transfer.Event) { progress.event(e) }
	named := expanded(paths)
	plan, err := o.plan(ctx, client, run, named)
	if err != nil {
		return err
	}
	o.sayLeft(plan)
	files, _, _, _ := plan.Totals()
	refused := len(plan.Mismatches) > 0 && !o.options.SkipMismatched
	switch {
	case len(plan.Files)+len(plan.Mismatches) == 0:
		return fmt.Errorf("there is no MIBItiff to push in %s", strings.Join(few(paths), ", "))
	case o.dryRun:
		o.sayPlan(plan)
		return errors.Join(o.g.report(planned(plan), func(t *table) { planTable(t, plan) }), planFailures(plan, named, refused))
	case refused:
		if o.g.json {
			if err := o.g.printJSON(planned(plan)); err != nil {
				return err
			}
		}
		return planFailures(plan, named, refused)
	case files == 0:
		o.sayPlan(plan)
		if o.g.json {
			if err := o.g.printJSON(planned(plan)); err != nil {
				return err
			}
		}
		return planFailures(plan, named, refused)
	}
	o.sayPlan(plan)
	total := int64(0)
	for i := range plan.Files {
		total += plan.Files[i].Size
	}
	progress = o.g.transferProgress("Pushing", len(plan.Files), total)
	result, err := plan.Run(ctx)
	progress.end()
	if result == nil {
		return err
	}
	return o.finish(plan, result, err)
}

// plan makes the plan; that takes its time where many files are compared with
// the server's hashes.
func (o *push) plan(ctx context.Context, client *mibitracker.Client, run *mibitracker.Run, paths []string) (*transfer.PushPlan, error) {
	options := o.options
	if !o.g.json { // whose lines are of the push alone
		progress := o.g.transferProgress("Looking at what there is", 0, -1)
		defer progress.end()
		options.Planning = func(e transfer.Event) {
			if e.Kind != transfer.Failed { // all of those are listed later
				progress.event(e)
			}
		}
	}
	return transfer.PlanPush(ctx, client, run, paths, options)
}

// expanded does for patterns what the shells of Windows leave to programs. What
// is there under its name, or matches nothing, stays as it is.
func expanded(paths []string) (out []string) {
	for _, path := range paths {
		if strings.ContainsAny(path, "*?[") {
			if _, err := os.Lstat(path); err != nil {
				if matches, err := filepath.Glob(path); err == nil && len(matches) > 0 {
					out = append(out, matches...)
					continue
				}
			}
		}
		out = append(out, path)
	}
	return out
}

// finish reports what was done.
func (o *push) finish(plan *transfer.PushPlan, result *transfer.PushResult, ended error) error {
	if o.g.json {
		if err := o.g.printJSON(pushReportOf(plan, result.Files, result.Failures)); err != nil {
			return err
		}
	}
	o.saySummary(result, ended)
	failures := pushFailures(result.Files, result.Failures)
	if ended != nil && len(withoutCause(result.Failures, ended)) > 0 {
		return fmt.Errorf("%w\n%s", ended, failures.Error())
	}
	if ended != nil {
		return ended
	}
	return failures
}
