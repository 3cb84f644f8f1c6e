package cli

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

// completeChannelGet completes IMAGE_ID NAME and RUN FOV NAME. A number may be an
// image's id or a run's label: what fits either is proposed.
func completeChannelGet(g *globals) cobra.CompletionFunc {
	images, runs := completeImage(g), completeRun(g)
	ofImage := g.complete(func(ctx context.Context, client *mibitracker.Client, p *proposals) error {
		var missed error
		if id, ok := parseID(p.args[0]); ok {
			var names []string
			names, missed = client.Images.Channels(ctx, id)
			p.addNames(names, nil)
		}
		all, err := imagesOf(ctx, client, p.args[0])
		for i := range all {
			if !p.add(fov(&all[i]), all[i].Point, statusText(all[i].Status)) {
				break
			}
		}
		return errors.Join(missed, err)
	})
	ofFOV := g.complete(func(ctx context.Context, client *mibitracker.Client, p *proposals) error {
		all, err := imagesOf(ctx, client, p.args[0])
		for i := range all {
			if fov(&all[i]) == p.args[1] {
				p.addNames(all[i].PNGs, nil)
			}
		}
		return err
	})
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		switch len(args) {
		case 0:
			labels, how := runs(cmd, args, typed)
			ids, _ := images(cmd, args, typed)
			return slices.Concat(labels, ids), how
		case 1:
			return ofImage(cmd, args, typed)
		case 2:
			return ofFOV(cmd, args, typed)
		}
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
}
