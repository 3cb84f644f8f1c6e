package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

func newImageSet(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use: "imageset", Short: "Make and show collections of images", Args: noArgs, RunE: showHelp,
		Long: "Make and show image sets: named collections of images, of one run or several.",
	}
	cmd.AddCommand(newImageSetCreate(g), newImageSetList(g), newImageSetView(g))
	return cmd
}

// imageSetCreate makes an image set.
type imageSetCreate struct {
	g                    *globals
	project, description string
	images               []int64
}

func newImageSetCreate(g *globals) *cobra.Command {
	o := imageSetCreate{g: g}
	cmd := &cobra.Command{
		Use:   "create NAME --project P --image ID...",
		Short: "Make an image set",
		Long: "Make an image set of images of a project. Images may also be of another project\n" +
			"that you see and that shares its images.",
		Example: "  mibi imageset create 'best FOVs' --project Liver --image 12 --image 15\n" +
			"  mibi imageset create tonsils --project 3 --image $(mibi image list --tissue tonsil | cut -f1)",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(fmt.Errorf("%s takes a NAME", cmd.CommandPath()))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			// --image 12 15 gives the second one as an argument.
			for _, text := range args[1:] {
				id, err := needID("an image's ID", text)
				if err != nil {
					return err
				}
				o.images = append(o.images, id)
			}
			var description *string
			if cmd.Flags().Changed("description") {
				description = &o.description
			}
			return o.run(cmd.Context(), args[0], description)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.project, "project", "", "the `project`, by its id or name (required)")
	f.Int64SliceVar(&o.images, "image", nil, "an image's `ID` (required; repeatable, several at a time)")
	f.StringVar(&o.description, "description", "", "a `text` about the set")
	return cmd
}

func (o *imageSetCreate) run(ctx context.Context, name string, description *string) error {
	switch {
	case name == "":
		return usage(errors.New("NAME is empty"))
	case o.project == "":
		return usage(errors.New("an image set needs a --project"))
	case len(o.images) == 0:
		return usage(errors.New("an image set needs an --image"))
	}
	client, _, err := o.g.client(ctx)
	if err != nil {
		return err
	}
	_, project, err := projects(client).find(ctx, o.g, o.project)
	if err != nil {
		return err
	}
	set, err := client.ImageSets.Create(ctx, mibitracker.NewImageSet{
		Images: o.images, Name: name, Project: project, Description: description,
	})
	if err != nil {
		return err
	}
	return o.g.reportObject(set, func(t *table) { showImageSet(t, set) })
}

func showImageSet(t *table, set *mibitracker.ImageSet) {
	t.field("ID", set.ID)
	t.field("Name", set.Name)
	t.field("Project", projectName(set.Project))
	t.field("Description", set.Description)
	var images []string
	for i := range set.Images {
		text := fmt.Sprint(set.Images[i].ID)
		if number := fov(&set.Images[i]); number != "" {
			text += " (" + number + ")"
		}
		images = append(images, text)
	}
	t.field("Images", images)
}

func newImageSetList(g *globals) *cobra.Command {
	var limit uint
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List image sets, newest first",
		Long: "List the image sets that you may see, newest first: id, name, project, number of\n" +
			"images, description. Each run has one of its own.",
		Example: "  mibi imageset list\n" +
			"  mibi imageset list --jq '.[] | select(.name == \"tonsils\") | .images[].id'",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			client, _, err := g.client(cmd.Context())
			if err != nil {
				return err
			}
			list := listing[mibitracker.ImageSet]{
				g: g, limit: limit, heads: []string{"ID", "NAME", "PROJECT", "IMAGES", "DESCRIPTION"},
				cells: func(s *mibitracker.ImageSet) []any {
					return []any{s.ID, s.Name, projectName(s.Project), len(s.Images), s.Description}
				},
			}
			return list.show(client.ImageSets.All(cmd.Context(), list.options()))
		},
	}
	limitFlag(cmd.Flags(), &limit)
	return cmd
}

func newImageSetView(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "view ID",
		Short: "Show an image set",
		Long:  "Show an image set with the ids and FOVs of its images.",
		Example: "  mibi imageset view 40\n" +
			"  mibi imageset view 40 --jq '.images[].id'",
		Args: exactArgs("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := needID("an image set's ID", args[0])
			if err != nil {
				return err
			}
			client, _, err := g.client(cmd.Context())
			if err != nil {
				return err
			}
			set, err := client.ImageSets.Get(cmd.Context(), id)
			if err != nil {
				return notThere(err, "image set", "imagesets", id)
			}
			return g.reportObject(set, func(t *table) { showImageSet(t, set) })
		},
	}
}
