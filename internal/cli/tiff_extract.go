package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitiff"
)

// tiffExtract writes pages of a MIBItiff to files of their own, or its channels
// to an OME-TIFF.
type tiffExtract struct {
	g        *globals
	channels []string
	types    []string // of pages
	out      string
	ome      string
}

// extractReport is an element of what `mibi tiff extract --json` prints.
type extractReport struct {
	pageName
	Type string `json:"type"`
	downloadReport
}

func newTIFFExtract(g *globals) *cobra.Command {
	o := tiffExtract{g: g}
	cmd := &cobra.Command{
		Use:   "extract FILE|URL",
		Short: "Write a MIBItiff's channels to files of their own, or as OME-TIFF",
		Long: "Write each channel, or those that --channel names, to a TIFF of one page with the\n" +
			"values and their type as they are: DIR/NAME.tiff. A name that no file system takes\n" +
			"as it is is written so that it can be read back. --page writes the pages of a type:\n" +
			"SED as such a TIFF, optical image and label as PNG.\n\n" +
			"--ome writes the channels into one OME-TIFF instead, for QuPath, napari and\n" +
			"Bio-Formats: with their names and masses, the size of a pixel, and lower resolutions.\n\n" +
			"Each file appears when it is whole, and replaces what was there.",
		Example: "  mibi tiff extract fov1.tiff --out fov1\n" +
			"  mibi tiff extract fov1.tiff --channel CD45 --channel 89\n" +
			"  mibi tiff extract fov1.tiff --page SED --page Optical\n" +
			"  mibi tiff extract fov1.tiff --ome fov1.ome.tiff",
		Args: exactArgs("FILE|URL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := noEmptyFlags(cmd); err != nil {
				return err
			}
			if slices.Contains(o.channels, "") || slices.Contains(o.types, "") {
				return usage(errors.New("--channel or --page is empty"))
			}
			if o.ome != "" {
				if cmd.Flags().Changed("out") || len(o.types) > 0 {
					return usage(errors.New("--ome writes channels into one file: give it without --out and --page"))
				}
				return o.writeOME(cmd.Context(), args[0])
			}
			return o.run(cmd.Context(), args[0])
		},
	}
	cmd.Flags().StringArrayVar(&o.channels, "channel", nil, "a channel's `name` or mass, as often as needed (default all)")
	cmd.Flags().StringArrayVar(&o.types, "page", nil, "a `type` of pages: SIMS for all channels, SED, Optical or Label")
	cmd.Flags().StringVar(&o.out, "out", ".", "the `folder` to write to, made if it is not there")
	cmd.Flags().StringVar(&o.ome, "ome", "", "write the channels as OME-TIFF to this `file`; - for standard output")
	return cmd
}

func (o *tiffExtract) run(ctx context.Context, where string) error {
	return withTIFF(ctx, o.g, where, func(file *mibitiff.File, name string) error {
		pages, err := o.choose(file, name)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(o.out, 0o777); err != nil { //nolint:gosec // the user's umask says who may read what is extracted
			return err
		}
		names := extractedNames(file.Pages())
		written := make([]*extractReport, len(pages))
		failed := eachPage(pages, func(i int) error {
			page := pages[i]
			done, err := extractPage(ctx, file, page, filepath.Join(o.out, names[page.Index]))
			if err == nil {
				written[i] = &extractReport{pageName: nameOfPage(page), Type: string(page.Type), downloadReport: done}
			}
			return err
		})
		written = slices.DeleteFunc(written, func(r *extractReport) bool { return r == nil })
		if err = errors.Join(failed...); err != nil {
			err = fmt.Errorf("%s: %w", name, err)
			if len(written) == 0 {
				return err
			}
		}
		return errors.Join(o.tell(written), partly(err))
	})
}

func (o *tiffExtract) tell(written []*extractReport) error {
	if o.g.json {
		return o.g.printJSON(written)
	}
	if len(written) == 1 {
		o.g.note("Wrote %s (%d bytes).", written[0].Path, written[0].Size)
		return nil
	}
	o.g.note("Wrote %d files to %s.", len(written), o.out)
	return nil
}
