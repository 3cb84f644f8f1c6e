package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

func newImageID(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "id RUN FOV",
		Short: "Print the id of an FOV of a run",
		Long: "Print the id of an image by its run and its FOV, and nothing else.\n\n" +
			"RUN is a run's label, or its name where no other run has the same name. FOV is\n" +
			"the image's number: Point4, FOV4, or the name of a region.",
		Example: "  mibi image id 20190308_2169_2170 Point4\n" +
			"  mibi channel get $(mibi image id 20190308_2169_2170 Point4) CD45",
		Args: exactArgs("RUN", "FOV"),
		RunE: func(cmd *cobra.Command, args []string) error { return imageID(cmd.Context(), g, args[0], args[1]) },
	}
}

func imageID(ctx context.Context, g *globals, runText, number string) error {
	client, _, err := g.client(ctx)
	if err != nil {
		return err
	}
	image, err := imageOfFOV(ctx, client, runText, number)
	if err != nil {
		return err
	}
	return g.report(image.ID, func(t *table) { t.row(image.ID) })
}

// imageOfFOV gives the one image of a run and an FOV.
func imageOfFOV(ctx context.Context, client *mibitracker.Client, runText, number string) (*mibitracker.Image, error) {
	if number == "" {
		return nil, usage(errors.New("FOV is empty: give one such as Point4"))
	}
	run, err := findRun(ctx, client, runText)
	if err != nil {
		return nil, err
	}
	return findImage(ctx, client, run, number)
}

// calledSo tells that an FOV's name is the operator's.
func calledSo(name, fov string) string {
	return fmt.Sprintf("; %s is what the operator called %s", name, fov)
}

// operatorsNameOf tells somebody who gave the operator's name of an FOV what the
// FOV's own is.
func operatorsNameOf(run *mibitracker.Run, name string) string {
	if run.ImageSet == nil || name == "" {
		return ""
	}
	for i := range run.ImageSet.Images {
		if image := &run.ImageSet.Images[i]; strings.EqualFold(image.Point, name) {
			return calledSo(name, fov(image))
		}
	}
	return ""
}

// findImage gives the one image of an FOV of a run. A miss names the nearest
// FOVs; several of a number are listed.
func findImage(ctx context.Context, client *mibitracker.Client, run *mibitracker.Run, number string) (*mibitracker.Image, error) {
	var found []mibitracker.Image
	for image, err := range client.Images.All(ctx, mibitracker.ImageFilter{RunLabel: run.Label, Number: number}) {
		if err != nil {
			return nil, err
		}
		if fov(&image) == number { // a backend may know no such filter
			found = append(found, image)
		}
	}
	switch len(found) {
	case 1:
		return &found[0], nil
	case 0:
		var numbers []string
		if run.ImageSet != nil {
			for i := range run.ImageSet.Images {
				numbers = append(numbers, fov(&run.ImageSet.Images[i]))
			}
		}
		return nil, &mibitracker.UnexpectedAnswerError{
			Reason: fmt.Sprintf("run %s has no FOV %q%s%s", run.Label, number, operatorsNameOf(run, number), proposal(number, numbers, asItIs)), NotOne: true,
		}
	}
	var candidates []string
	for _, image := range found {
		candidates = append(candidates, fmt.Sprintf("id %d in %s", image.ID, image.Folder))
	}
	return nil, &mibitracker.UnexpectedAnswerError{
		Reason: fmt.Sprintf("run %s has %d images of FOV %q", run.Label, len(found), number), Found: few(candidates), NotOne: true,
	}
}
