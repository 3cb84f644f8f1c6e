package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

// runDelete deletes a run.
type runDelete struct {
	g   *globals
	yes bool
}

// deletedRun is what `mibi run delete --json` prints.
type deletedRun struct {
	ID    int64  `json:"id"`
	Label string `json:"label"`
}

func newRunDelete(g *globals) *cobra.Command {
	o := runDelete{g: g}
	cmd := &cobra.Command{
		Use:   "delete RUN",
		Short: "Delete a run with its images",
		Long: "Delete a run with its images: they are hidden from all lists. The run's label\n" +
			"stays taken. You are asked to type the label, unless you give --yes.",
		Example: "  mibi run delete 20190308_2169_2170\n" +
			"  mibi run delete 20190308_2169_2170 --yes",
		Args: exactArgs("RUN"),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args[0]) },
	}
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do not ask")
	return cmd
}

func (o *runDelete) run(ctx context.Context, text string) error {
	fd, tty := terminal(o.g.streams.In)
	if !o.yes && !tty {
		return usage(errors.New("there is no terminal to ask on: use --yes to delete without being asked"))
	}
	client, _, err := o.g.client(ctx)
	if err != nil {
		return err
	}
	run, err := findRun(ctx, client, text)
	if err != nil {
		return err
	}
	if !o.yes {
		images := ""
		if run.ImageSet != nil {
			images = fmt.Sprintf(" and its %d images", len(run.ImageSet.Images))
		}
		prompt := fmt.Sprintf("This deletes the run %s (id %d)%s.\nType its label to go on: ", printable(run.Label), run.ID, images)
		answer, err := askLine(ctx, o.g.streams, fd, prompt)
		if err != nil {
			return err
		}
		if answer != strings.TrimSpace(run.Label) {
			return errors.New("that is not the run's label; nothing was deleted")
		}
	}
	if err := client.Runs.Delete(ctx, run.ID); err != nil {
		return err
	}
	if o.g.json {
		return o.g.printJSON(deletedRun{ID: run.ID, Label: run.Label})
	}
	o.g.note("Deleted run %s (id %d).", run.Label, run.ID)
	return nil
}
