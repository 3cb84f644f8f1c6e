package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/transfer"
)

// pull brings a run's FOVs into a folder.
type pull struct {
	g       *globals
	dryRun  bool
	layout  string
	options transfer.PullOptions
}

func newPull(g *globals) *cobra.Command {
	o := pull{g: g}
	cmd := &cobra.Command{
		Use:   "pull RUN",
		Short: "Pull a run's FOVs, or single channels of them, into a folder",
		Long: "Pull a run into DIR/RUN/: each FOV as the MIBItiff that the server has,\n" +
			"DIR/RUN/FOV.tiff, or with --layout channels each channel as a TIFF of its own,\n" +
			"DIR/RUN/FOV/CHANNEL.tiff, with the data as it is. --fov and --channel choose, and\n" +
			"move only what was chosen. A manifest.json beside them says what each file is.\n\n" +
			"What is here already is not moved again, and what is half goes on: run the same\n" +
			"again after anything that ended it. A file that changed on the server, or here, is\n" +
			"replaced. FOVs without data, or without a channel that others have, are listed at\n" +
			"the end (exit code 3).",
		Example: "  mibi pull 20190308_2169_2170\n" +
			"  mibi pull 20190308_2169_2170 --dry-run\n" +
			"  mibi pull 20190308_2169_2170 --layout channels --sub-folder TIFs --out data\n" +
			"  mibi pull 20190308_2169_2170 --fov Point1 --fov Point2 --channel dsDNA --channel CD45\n" +
			"  mibi pull 20190308_2169_2170 --exclude 'Moly*' --bwlimit 5M --json",
		SuggestFor: []string{"get", "fetch", "sync", "export", "clone"},
		Args:       exactArgs("RUN"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := noEmptyFlags(cmd); err != nil {
				return err
			}
			return o.run(cmd.Context(), args[0])
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.options.FOVs, "fov", nil, "only this `FOV`, such as Point4 (repeatable)")
	f.StringArrayVar(&o.options.Channels, "channel", nil, "only this channel, by its exact `name` (repeatable); implies --layout channels")
	f.StringVar(&o.options.Dir, "out", ".", "the `folder` in which the run gets one of its own")
	f.StringVar(&o.layout, "layout", "", "the `layout`: mibitiff, a file an FOV, or channels, a folder of TIFFs an FOV (default mibitiff)")
	f.StringVar(&o.options.SubFolder, "sub-folder", "", "a `name`: channels lie in a folder of it within their FOV's")
	f.IntVar(&o.options.Jobs, "jobs", 4, "pull this `number` of FOVs at once, at most 64")
	f.BoolVarP(&o.dryRun, "dry-run", "n", false, "say what would be pulled, and move nothing")
	f.StringArrayVar(&o.options.Include, "include", nil, "only FOVs, or channels as FOV/CHANNEL, that match this `glob` (repeatable: any of them)")
	f.StringArrayVar(&o.options.Exclude, "exclude", nil, "no FOVs, or channels as FOV/CHANNEL, that match this `glob` (repeatable)")
	addBandwidthFlag(cmd, g)
	return cmd
}

func (o *pull) run(ctx context.Context, name string) error {
	o.options.Layout = transfer.Layout(o.layout)
	if err := checkTransfer(o.options.Jobs, o.options); err != nil {
		return err
	}
	boundMemory()
	client, _, err := o.g.client(ctx)
	if err != nil {
		return err
	}
	run, err := findRunOnly(ctx, client, name)
	if err != nil {
		return err
	}
	var progress *transferProgress
	o.options.Events = func(e transfer.Event) { progress.event(e) }
	plan, err := transfer.PlanPull(ctx, client, run, o.options)
	if err != nil {
		return transferError(err)
	}
	o.sayPlan(plan, client)
	if plan.Len()+len(plan.Failures) == 0 {
		o.g.warn("nothing was chosen: the run has no images, or --include and --exclude leave none")
	}
	if o.dryRun {
		return errors.Join(o.g.report(pullPlanned(plan, client), func(t *table) { pullTable(t, plan) }), pullFailures(plan.Failures, true))
	}
	move, here, unknown := plan.Bytes()
	total := move + here
	if unknown {
		total = -1
	}
	progress = o.g.transferProgress("Pulling", plan.Len(), total)
	result, err := plan.Run(ctx)
	progress.end()
	return o.finish(plan, result, err)
}

// finish reports what was done, also where it ended early.
func (o *pull) finish(plan *transfer.PullPlan, result *transfer.PullResult, ended error) error {
	if o.g.json {
		if err := o.g.printJSON(pullReportOf(result)); err != nil {
			return err
		}
	}
	o.saySummary(result)
	known := len(result.Failures) == len(plan.Failures)
	failures := pullFailures(withoutCause(result.Failures, ended), known || result.FileCount > 0)
	switch {
	case ended == nil:
		return failures
	case errors.Is(ended, context.Canceled):
		o.g.note("Run the same again: it goes on where this ended.")
		return ended
	case failures == nil:
		return ended
	}
	return fmt.Errorf("%w\n%s", ended, failures.Error()) // not wrapped: the code is that of the end
}
