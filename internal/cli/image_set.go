package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

// imageSetFields changes an image's fields.
type imageSetFields struct {
	g      *globals
	fields fieldFlag
	files  []string
}

func newImageSetFields(g *globals) *cobra.Command {
	o := imageSetFields{g: g}
	cmd := &cobra.Command{
		Use:   "set ID -f key=value",
		Short: "Change an image's fields, or attach its SED image",
		Long: "Change the fields of an image that are given, by their names in the API, and keep\n" +
			"the others; null clears a field. tissue and project are ids or names, section is an\n" +
			"id, aperture an id or a letter. It shows the image as it then is.\n\n" +
			"-F attachment=@FILE attaches an SED image: a BMP, TIFF or PNG. The fields then\n" +
			"travel in a form, which has no null.",
		Example: "  mibi image set 429 -f fov_size=500 -f tissue=Tonsil\n" +
			"  mibi image set 429 -f imaging_preset:=12 -f sed=null\n" +
			"  mibi image set 429 -F attachment=@sed.bmp",
		Args: exactArgs("ID"),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args[0]) },
	}
	f := cmd.Flags()
	f.VarP(&o.fields, "field", "f", "a `key=value` to set; key:=text for text as it is (repeatable)")
	f.StringArrayVarP(&o.files, "file", "F", nil, "attachment=@`FILE`: the SED image")
	return cmd
}

func (o *imageSetFields) run(ctx context.Context, text string) error {
	fields, err := o.fields.object()
	if err != nil {
		return err
	}
	sed, err := o.sed()
	switch {
	case err != nil:
		return err
	case sed == nil && len(fields) == 0:
		return usage(errors.New("there is nothing to change: give -f key=value or -F attachment=@FILE"))
	case sed != nil:
		for name, value := range fields {
			if value == nil {
				return usage(fmt.Errorf("-f %s=null does not go with -F: a form has no null", name))
			}
		}
	}
	return withImage(ctx, o.g, text, func(ctx context.Context, client *mibitracker.Client, id int64) (err error) {
		if err := o.related(ctx, client, fields); err != nil {
			return err
		}
		var image *mibitracker.Image
		if sed == nil {
			image, err = client.Images.Update(ctx, id, fields)
		} else {
			image, err = client.Images.UpdateWithSED(ctx, id, *sed, fields)
		}
		var kind *mibitracker.FileTypeError
		if errors.As(err, &kind) {
			return usage(err)
		}
		if err != nil {
			return err
		}
		o.g.warnIgnored("an image", image, fields)
		return o.g.reportObject(image, func(t *table) { showImage(t, image) })
	})
}

// related puts ids in the place of names.
func (o *imageSetFields) related(ctx context.Context, client *mibitracker.Client, fields map[string]any) error {
	for name, find := range map[string]lookup{"tissue": idOf(tissues), "project": idOf(projects)} {
		text, ok := fields[name].(string)
		if !ok || text == "" { // an id, or an empty text for the server to refuse
			continue
		}
		id, err := find(ctx, o.g, client, text, "-f "+name)
		if err != nil {
			return err
		}
		fields[name] = id
	}
	return nil
}

// sed is the file of -F; nil without one.
func (o *imageSetFields) sed() (*mibitracker.Source, error) {
	if len(o.files) == 0 {
		return nil, nil
	}
	part, err := filePart(o.files[0])
	if err != nil {
		return nil, err
	}
	if part.Name != "attachment" || len(o.files) > 1 {
		return nil, usage(errors.New("an image takes one file, its SED image: -F attachment=@FILE"))
	}
	return part.File, nil
}
