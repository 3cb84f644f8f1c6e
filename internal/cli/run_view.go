package cli

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

func newRunView(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "view RUN",
		Short: "Show a run",
		Long: "Show a run: what it is, where its files lie in storage, and how many of its\n" +
			"images are available. RUN is a run's label, or its name where no other run has\n" +
			"the same name.",
		Example: "  mibi run view 20190308_2169_2170\n" +
			"  mibi run view 20190308_2169_2170 --jq '.imageset.images[] | [.id, .number, .point] | @tsv'",
		Args: exactArgs("RUN"),
		RunE: func(cmd *cobra.Command, args []string) error { return viewRun(cmd.Context(), g, args[0]) },
	}
}

func viewRun(ctx context.Context, g *globals, text string) error {
	client, _, err := g.client(ctx)
	if err != nil {
		return err
	}
	run, err := findRun(ctx, client, text)
	if err == nil && run.ImageSet == nil { // a list may give less
		run, err = client.Runs.Get(ctx, run.ID)
	}
	if err != nil {
		return err
	}
	return g.reportObject(run, func(t *table) { showRun(t, run) })
}

func newRunImages(g *globals) *cobra.Command {
	var limit uint
	cmd := &cobra.Command{
		Use:   "images RUN",
		Short: "List the images of a run, in acquisition order",
		Long: "List the images (FOVs) of a run, in acquisition order: id, run, FOV, the\n" +
			"operator's name for it, status, tissue and number of channels.",
		Example: "  mibi run images 20190308_2169_2170\n" +
			"  mibi run images 20190308_2169_2170 --jq '.[] | select(.status != [\"A\"]) | .number'",
		Args: exactArgs("RUN"),
		RunE: func(cmd *cobra.Command, args []string) error { return runImages(cmd.Context(), g, args[0], limit) },
	}
	limitFlag(cmd.Flags(), &limit)
	return cmd
}

func runImages(ctx context.Context, g *globals, text string, limit uint) error {
	client, _, err := g.client(ctx)
	if err != nil {
		return err
	}
	run, err := findRun(ctx, client, text)
	if err != nil {
		return err
	}
	images, err := client.Runs.Images(ctx, run.Label)
	if err != nil {
		return err
	}
	slices.SortFunc(images, func(a, b mibitracker.Image) int { return cmp.Compare(a.ID, b.ID) })
	return imageListing(g, limit).show(noErrors(images))
}

// noErrors is what is there already, as a list that comes.
func noErrors[T any](all []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range all {
			if !yield(v, nil) {
				return
			}
		}
	}
}
