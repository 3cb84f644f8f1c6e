package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

func newImageView(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "view ID",
		Short: "Show an image",
		Long:  "Show an image: where it was taken, how, what of, and which channels it has.",
		Example: "  mibi image view 429\n" +
			"  mibi image view $(mibi image id 20190308_2169_2170 Point4)\n" +
			"  mibi image view 429 --jq '.run.path + \"/\" + .folder + \"/summed_image.tiff\"'",
		Args: exactArgs("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withImage(cmd.Context(), g, args[0], func(ctx context.Context, client *mibitracker.Client, id int64) error {
				image, err := client.Images.Get(ctx, id)
				if err != nil {
					return err
				}
				return g.reportObject(image, func(t *table) { showImage(t, image) })
			})
		},
	}
}

// withImage does something with the image of an id.
func withImage(ctx context.Context, g *globals, text string, do func(context.Context, *mibitracker.Client, int64) error) error {
	id, err := needID("an image's ID", text)
	if err != nil {
		return err
	}
	client, _, err := g.client(ctx)
	if err != nil {
		return err
	}
	return notThere(do(ctx, client, id), "image", "images", id)
}

// withImageOf is withImage for an image that is given by its id alone, or by its
// run and its FOV.
func withImageOf(ctx context.Context, g *globals, given []string, do func(context.Context, *mibitracker.Client, int64) error) error {
	if len(given) == 1 {
		if _, ok := parseID(given[0]); !ok {
			return usage(fmt.Errorf("%q is no image's ID, which is a number above zero; an image of a run is given as RUN FOV", given[0]))
		}
		return withImage(ctx, g, given[0], do)
	}
	client, _, err := g.client(ctx)
	if err != nil {
		return err
	}
	image, err := imageOfFOV(ctx, client, given[0], given[1])
	if err != nil {
		return err
	}
	return notThere(do(ctx, client, image.ID), "image", "images", image.ID)
}

// notThere says what it is that a server's 404 is about, if it is about an
// object and not about a file of it.
func notThere(err error, what, route string, id int64) error {
	var refusal *mibitracker.APIError
	if errors.As(err, &refusal) && errors.Is(refusal, mibitracker.ErrNotFound) &&
		strings.Contains(refusal.URL, fmt.Sprintf("/%s/%d/", route, id)) {
		return fmt.Errorf("there is no %s %d, or you may not see it: %w", what, id, err)
	}
	return err
}

// showImage is an image for people.
func showImage(t *table, i *mibitracker.Image) {
	t.field("ID", i.ID)
	t.field("Run", runLabel(i))
	t.field("FOV", fov(i))
	t.field("Point", i.Point)
	t.field("Status", statusText(i.Status))
	if i.ProcessingError != "" {
		t.field("Processing error", i.ProcessingError)
	}
	date := ""
	if i.Run != nil {
		date = i.Run.RunDate
	}
	t.field("Date", date)
	t.field("Project", projectName(i.Project))
	t.field("Tissue", tissueName(i))
	t.field("Section", sectionName(i.Section))
	t.field("Description", i.Description)
	t.field("Folder", i.Folder)
	t.field("FOV size (µm)", i.FOVSize)
	t.field("Frame (pixels)", i.Frame)
	t.field("Depths", i.Depths)
	t.field("Dwell time (ms)", i.DwellTime)
	t.field("X, Y", position(i))
	t.field("Aperture", apertureName(i.Aperture))
	t.field("Imaging preset", i.ImagingPreset)
	t.field("Lens 1 voltage", i.Lens1Voltage)
	t.field("SED image", i.SED)
	t.field("TIFF size (bytes)", i.TIFFSize)
	t.field("TIFF SHA-256", i.TIFFSHA256)
	// Channels' names have commas of their own.
	t.field("Channels", strings.Join(i.SIMSChannels, "; "))
	t.field("Uploaded channels", strings.Join(i.ExtraChannels, "; "))
}

// position is where the FOV lies, in the units that it was written in.
func position(i *mibitracker.Image) string {
	if i.XCoord == nil || i.YCoord == nil {
		return ""
	}
	return cellText(i.XCoord) + ", " + cellText(i.YCoord)
}

// sectionName is what tells a section: its slide, its position and its id.
func sectionName(s *mibitracker.Section) string {
	switch {
	case s == nil:
		return ""
	case s.Slide != nil && s.Slide.Name != "":
		return fmt.Sprintf("%s of slide %s (id %d)", s.Position, s.Slide.Name, s.ID)
	}
	return nameOrID(s.Position, s.ID)
}

func newImageConjugates(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "conjugates ID",
		Short: "List the antibodies of an image's panel, with their metals",
		Long: "List the antibodies (conjugates) of the panel that the image's section was\n" +
			"stained with: mass, element, target, clone, titer with its units, lot. An image\n" +
			"without a section or a panel has none.",
		Example: "  mibi image conjugates 429\n" +
			"  mibi image conjugates 429 --jq '.[] | [.mass, .target] | @tsv'",
		Args: exactArgs("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withImage(cmd.Context(), g, args[0], func(ctx context.Context, client *mibitracker.Client, id int64) error {
				all, err := client.Images.Conjugates(ctx, id)
				if err != nil {
					return err
				}
				return showConjugates(g, all)
			})
		},
	}
}

func newImageChannels(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "channels ID",
		Short: "List the names of an image's channels",
		Long: "List the names of an image's channels, those of its TIFF and those that were\n" +
			"uploaded, one a line. mibi channel get fetches one.",
		Example: "  mibi image channels 429\n" +
			"  mibi image channels 429 --jq 'map(select(startswith(\"CD\")))'",
		Args: exactArgs("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withImage(cmd.Context(), g, args[0], func(ctx context.Context, client *mibitracker.Client, id int64) error {
				names, err := client.Images.Channels(ctx, id)
				if err != nil {
					return err
				}
				return g.report(names, func(t *table) {
					t.head("CHANNEL")
					for _, name := range names {
						t.row(name)
					}
				})
			})
		},
	}
}
