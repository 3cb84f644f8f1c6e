package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

// runCopy copies a run, or what is known of its images.
type runCopy struct {
	g      *globals
	fields fieldFlag
}

func newRunCopy(g *globals) *cobra.Command {
	o := runCopy{g: g}
	cmd := &cobra.Command{
		Use:   "copy OLD_LABEL NEW_LABEL",
		Short: "Make a new run of another one's XML and fields",
		Long: "Make a new run of the XML and the fields of the run of a label: instrument,\n" +
			"slides, FOV size, aperture, project, description, operator and date. Fields of\n" +
			"-f win over those, by their names in the API; null leaves a field to the server.\n" +
			"The new run's images have no TIFF yet; mibi run copy-images copies what else is\n" +
			"known of them.",
		Example: "  mibi run copy 20190308_2169_2170 20190308_2169_2170-again\n" +
			"  mibi run copy 20190308_2169_2170 denoised -f project=3 -f description='denoised'",
		Args: exactArgs("OLD_LABEL", "NEW_LABEL"),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args[0], args[1]) },
	}
	cmd.Flags().VarP(&o.fields, "field", "f", "a `key=value` of the new run that differs (repeatable)")
	return cmd
}

func (o *runCopy) run(ctx context.Context, oldLabel, newLabel string) error {
	if err := checkLabels(oldLabel, newLabel); err != nil {
		return err
	}
	fields, err := o.fields.object()
	if err != nil {
		return err
	}
	client, _, err := o.g.client(ctx)
	if err != nil {
		return err
	}
	if _, err := labelled(ctx, client, oldLabel); err != nil {
		return err
	}
	made, err := client.Runs.Copy(ctx, oldLabel, newLabel, fields)
	if err != nil {
		return err
	}
	o.g.warnIgnoredOfRun(made.New, o.fields)
	return o.g.reportObject(made.New, func(t *table) { showRun(t, made.New) })
}

// copiedImage is a line of what `mibi run copy-images` prints.
type copiedImage struct {
	Old    int64  `json:"old"` // the old image's id
	New    int64  `json:"new"` // the new image's id
	Folder string `json:"folder"`
}

func newRunCopyImages(g *globals) *cobra.Command {
	o := runCopy{g: g}
	cmd := &cobra.Command{
		Use:   "copy-images OLD_LABEL NEW_LABEL",
		Short: "Copy what is known of a run's images to those of another run",
		Long: "Copy what is known of the images of one run to those of another that is there,\n" +
			"each to the image in the folder of the same name: tissue, section, FOV size,\n" +
			"aperture, imaging preset, lens 1 voltage and the SED image, not the TIFF. Fields\n" +
			"of -f win over those; null clears, but not beside an SED image: the two travel in a\n" +
			"form, which has no null, and a warning says so.\n\n" +
			"It prints the old images' ids, the new ones', and their folders. Images are\n" +
			"copied one after another; after a failure, what was done can be done again.",
		Example: "  mibi run copy-images 20190308_2169_2170 20190308_2169_2170-again\n" +
			"  mibi run copy-images A B -f fov_size=500 --jq '.[].new'",
		Args: exactArgs("OLD_LABEL", "NEW_LABEL"),
		RunE: func(cmd *cobra.Command, args []string) error { return o.images(cmd.Context(), args[0], args[1]) },
	}
	cmd.Flags().VarP(&o.fields, "field", "f", "a `key=value` of the new images that differs (repeatable)")
	return cmd
}

func (o *runCopy) images(ctx context.Context, oldLabel, newLabel string) error {
	if err := checkLabels(oldLabel, newLabel); err != nil {
		return err
	}
	fields, err := o.fields.object()
	if err != nil {
		return err
	}
	client, _, err := o.g.client(ctx)
	if err != nil {
		return err
	}
	// That there is no such run is said better than that an image is not in it.
	for _, label := range []string{oldLabel, newLabel} {
		if _, err := labelled(ctx, client, label); err != nil {
			return err
		}
	}
	done, err := client.Runs.CopyImages(ctx, oldLabel, newLabel, fields)
	if err != nil && len(done) == 0 {
		return err
	}
	o.warnNulls(done)
	for _, image := range done {
		o.g.warnIgnored("an image", image, fields)
		break
	}
	copied := make([]copiedImage, 0, len(done))
	for _, old := range slices.Sorted(maps.Keys(done)) {
		copied = append(copied, copiedImage{Old: old, New: done[old].ID, Folder: done[old].Folder})
	}
	printed := o.g.report(copied, func(t *table) {
		t.head("OLD", "NEW", "FOLDER")
		for _, c := range copied {
			t.row(c.Old, c.New, c.Folder)
		}
	})
	return errors.Join(partly(ended(err)), printed)
}

// warnNulls names what was to be cleared where it could not be.
func (o *runCopy) warnNulls(done map[int64]*mibitracker.Image) {
	for _, image := range done {
		if image.SED == "" {
			continue
		}
		for _, f := range o.fields {
			if f.value == nil {
				o.g.warn(fmt.Sprintf("%s=null was not sent for images with an SED image: a form has no null; mibi image set clears it", f.name))
			}
		}
		return
	}
}

// ended says where a copy ended early. What was done before is printed already.
func ended(err error) error {
	var end *mibitracker.CopyImagesError
	if !errors.As(err, &end) {
		return err
	}
	return fmt.Errorf("image %d (%s) and those after it were not copied: %w", end.Image, end.Folder, end.Err)
}

func checkLabels(oldLabel, newLabel string) error {
	switch {
	case oldLabel == "" || newLabel == "":
		return usage(errors.New("a label is empty"))
	case oldLabel == newLabel:
		return usage(errors.New("the two labels are the same"))
	}
	return nil
}
