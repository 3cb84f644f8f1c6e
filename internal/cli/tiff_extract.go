package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitiff"
)

// tiffExtract writes channels of a MIBItiff to files of their own.
type tiffExtract struct {
	g        *globals
	channels []string
	out      string
}

// extractReport is an element of what `mibi tiff extract --json` prints.
type extractReport struct {
	pageName
	downloadReport
}

func newTIFFExtract(g *globals) *cobra.Command {
	o := tiffExtract{g: g}
	cmd := &cobra.Command{
		Use:   "extract FILE|URL",
		Short: "Write the channels of a MIBItiff to TIFFs of their own",
		Long: "Write each channel, or those that --channel names, to a TIFF of one page with the\n" +
			"values and their type as they are: DIR/NAME.tiff, with _ for characters that file\n" +
			"names do not take. Each file appears when it is whole, and replaces what was there.",
		Example: "  mibi tiff extract fov1.tiff --out fov1\n" +
			"  mibi tiff extract fov1.tiff --channel CD45 --channel 89",
		Args: exactArgs("FILE|URL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := noEmptyFlags(cmd); err != nil {
				return err
			}
			return o.run(cmd.Context(), args[0])
		},
	}
	cmd.Flags().StringArrayVar(&o.channels, "channel", nil, "a channel's `name` or mass, as often as needed (default all)")
	cmd.Flags().StringVar(&o.out, "out", ".", "the `folder` to write to, made if it is not there")
	return cmd
}

func (o *tiffExtract) run(ctx context.Context, where string) error {
	if slices.Contains(o.channels, "") {
		return usage(errors.New("--channel is empty"))
	}
	return withTIFF(ctx, o.g, where, func(file *mibitiff.File, name string) error {
		pages, err := o.choose(file, name)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(o.out, 0o777); err != nil { //nolint:gosec // the user's umask says who may read what is extracted
			return err
		}
		names := channelFiles(file)
		written := make([]*extractReport, len(pages))
		failed := eachPlane(ctx, file, pages, func(i int, plane mibitiff.Plane) error {
			var content bytes.Buffer
			if err := mibitiff.WritePicture(&content, plane); err != nil {
				return err
			}
			done, err := writeWhole(filepath.Join(o.out, names[pages[i].Index]), &content, func(int64) {})
			if err != nil {
				return err
			}
			written[i] = &extractReport{pageName: nameOfPage(pages[i]), downloadReport: done}
			return nil
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

// choose gives the pages of the channels that were asked for, in the file's
// order. Nothing is written where one of them is not there.
func (o *tiffExtract) choose(file *mibitiff.File, name string) ([]mibitiff.Page, error) {
	var names []string
	for _, c := range file.Channels() {
		names = append(names, c.Label())
	}
	chosen := map[int]bool{}
	var missed []error
	for _, wanted := range o.channels {
		page, err := file.Channel(wanted)
		if err != nil {
			missed = append(missed, fmt.Errorf("%s has no channel %q%s; mibi tiff info lists all %d",
				name, wanted, proposal(wanted, names, strconv.Quote), len(names)))
			continue
		}
		chosen[page.Index] = true
	}
	if err := errors.Join(missed...); err != nil {
		return nil, &notFoundError{err}
	}
	return slices.DeleteFunc(file.Pages(), func(p mibitiff.Page) bool {
		return p.Type != mibitiff.SIMS || len(o.channels) > 0 && !chosen[p.Index]
	}), nil
}

// channelFiles are the files' names of all channels by their pages, whichever
// of them are written. Two channels whose names become one file's on some
// system get their masses, which differ, behind them.
func channelFiles(file *mibitiff.File) map[int]string {
	files, takers := map[int]string{}, map[string]int{}
	key := func(p mibitiff.Page) string { return strings.ToLower(channelFileName(p.Channel.Label(), ".tiff")) }
	var pages []mibitiff.Page
	for _, p := range file.Pages() {
		if p.Type == mibitiff.SIMS {
			pages = append(pages, p)
			takers[key(p)]++
		}
	}
	for _, p := range pages {
		files[p.Index] = channelFileName(p.Channel.Label(), ".tiff")
		if takers[key(p)] < 2 {
			continue
		}
		// The mass may make it a third channel's name.
		for suffix := "_" + strconv.Itoa(p.Channel.Mass); takers[strings.ToLower(files[p.Index])] > 0; suffix += "_" {
			files[p.Index] = channelFileName(p.Channel.Label(), suffix+".tiff")
		}
		takers[strings.ToLower(files[p.Index])]++
	}
	return files
}
