package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/openmibi/openmibi/mibitracker"
)

// imageList lists images, or searches them.
type imageList struct {
	g *globals

	run, fov, project string
	statuses          []string
	search            mibitracker.ImageSearch
	mass, limit       uint
}

func newImageList(g *globals) *cobra.Command {
	o := imageList{g: g}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List images, or search them by what they show",
		Long: "List the images (FOVs) that you may see, newest first: id, run, FOV, the\n" +
			"operator's name for it, status, tissue and number of channels. An image has to\n" +
			"pass all flags that are given.\n\n" +
			"--run, --project, --fov and --status match exactly. --target, --tissue, --slide,\n" +
			"--instrument, --point and --panel are parts of names, in any case; --target and\n" +
			"--mass are of the image's channels or of its panel.",
		Example: "  mibi image list --run 20190308_2169_2170 --status available\n" +
			"  mibi image list --target CD45 --tissue tonsil --since 2024-01-01\n" +
			"  mibi image list --status error --jq '.[] | \"\\(.id) \\(.processing_error)\"'\n" +
			"  mibi image list --project Liver --status A | cut -f1",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := noEmptyFlags(cmd); err != nil {
				return err
			}
			return o.list(cmd.Context())
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.run, "run", "", "of this `RUN`: a label, or a name that one run has")
	f.StringVar(&o.fov, "fov", "", "of this `FOV`, such as Point4")
	f.StringVar(&o.project, "project", "", "of this `project`, by its id or name")
	f.StringArrayVar(&o.statuses, "status", nil, "of this `status`: A or available, U or unavailable, E or error, M or mass, S or scan (repeatable: any of them)")
	f.StringVar(&o.search.AntibodyTarget, "target", "", "with a channel of this `target`, such as CD45")
	f.UintVar(&o.mass, "mass", 0, "with a channel of this mass, in `Da`")
	f.StringVar(&o.search.Tissue, "tissue", "", "of this `tissue`")
	f.StringVar(&o.search.Slide, "slide", "", "on this `slide`")
	f.StringVar(&o.search.Instrument, "instrument", "", "of this `instrument`")
	f.StringVar(&o.search.Point, "point", "", "of this operator's `name` for it")
	f.StringVar(&o.search.Panel, "panel", "", "stained with this `panel`")
	f.StringVar(&o.search.StartDate, "since", "", "of runs of this `day` or later, such as 2024-06-13")
	f.StringVar(&o.search.EndDate, "until", "", "of runs of this `day` or earlier")
	limitFlag(f, &o.limit)
	return cmd
}

func (o *imageList) list(ctx context.Context) error {
	if err := errors.Join(checkDate("since", o.search.StartDate), checkDate("until", o.search.EndDate)); err != nil {
		return err
	}
	for _, text := range o.statuses {
		code, err := statusCode(text)
		if err != nil {
			return err
		}
		o.search.Status = append(o.search.Status, code)
	}
	client, _, err := o.g.client(ctx)
	if err != nil {
		return err
	}
	images, err := o.images(ctx, client)
	if err != nil {
		return err
	}
	return imageListing(o.g, o.limit).show(images)
}

// images is the list. The plain one takes few filters, and exactly; whatever
// else is asked for is searched.
func (o *imageList) images(ctx context.Context, client *mibitracker.Client) (iter.Seq2[mibitracker.Image, error], error) {
	plain := mibitracker.ImageFilter{ListOptions: imageListing(o.g, o.limit).options(), Number: o.fov}
	search := o.search
	search.Mass = int(o.mass)
	if o.run != "" {
		run, err := findRun(ctx, client, o.run)
		if err != nil {
			return nil, err
		}
		plain.Run, search.Run = run.ID, run.Name
	}
	if o.project != "" {
		project, id, err := projects(client).find(ctx, o.g, o.project)
		if err != nil {
			return nil, err
		}
		plain.Project = id
		if project != nil {
			search.Project = project.Name
		}
	}
	if !o.searches() {
		if len(search.Status) > 0 {
			plain.Status = search.Status[0]
		}
		return client.Images.All(ctx, plain), nil
	}
	search.ListOptions = mibitracker.ListOptions{Limit: pageSize}
	return exactly(client.Images.Search(ctx, search), plain), nil
}

// searches says whether more is asked for than the plain list knows.
func (o *imageList) searches() bool {
	s := o.search
	return len(s.Status) > 1 || o.mass > 0 ||
		s.AntibodyTarget+s.Tissue+s.Slide+s.Instrument+s.Point+s.Panel+s.StartDate+s.EndDate != ""
}

// exactly leaves of what a search found those of the run, the project and the
// FOV: to a search the names of these are parts of names.
func exactly(all iter.Seq2[mibitracker.Image, error], want mibitracker.ImageFilter) iter.Seq2[mibitracker.Image, error] {
	return func(yield func(mibitracker.Image, error) bool) {
		for image, err := range all {
			if err == nil && !isOf(&image, want) {
				continue
			}
			if !yield(image, err) {
				return
			}
		}
	}
}

func isOf(image *mibitracker.Image, want mibitracker.ImageFilter) bool {
	project := image.Project
	if project == nil && image.Run != nil {
		project = image.Run.Project
	}
	return (want.Run == 0 || image.Run != nil && image.Run.ID == want.Run) &&
		(want.Project == 0 || project != nil && project.ID == want.Project) &&
		(want.Number == "" || fov(image) == want.Number)
}

// noEmptyFlags refuses a filter without a text, which a variable that is not
// set gives: it would choose everything.
func noEmptyFlags(cmd *cobra.Command) (err error) {
	cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
		if f.Changed && f.Value.Type() == "string" && f.Value.String() == "" {
			err = errors.Join(err, usage(fmt.Errorf("--%s is empty", f.Name)))
		}
	})
	return err
}
