package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// omeReport is what `mibi tiff extract --ome --json` prints.
type omeReport struct {
	downloadReport
	Channels []pageName `json:"channels"`
}

// writeOME writes the channels that were asked for into one OME-TIFF.
func (o *tiffExtract) writeOME(ctx context.Context, where string) error {
	if o.ome == "-" && o.g.json {
		return usage(errors.New("--ome - and --json both want standard output"))
	}
	if err := o.checkOME(where); err != nil {
		return err
	}
	return withTIFF(ctx, o.g, where, func(file *mibitiff.File, name string) error {
		pages, err := o.choose(file, name)
		if err != nil {
			return err
		}
		channels := make([]mibi.Channel, len(pages))
		report := omeReport{Channels: []pageName{}}
		for i, p := range pages {
			channels[i] = p.Channel
			report.Channels = append(report.Channels, nameOfPage(p))
		}
		fill := func(w io.Writer) error {
			err := mibitiff.WriteOME(ctx, w, file.Metadata(), channels, func(ctx context.Context, i int) (mibitiff.Plane, error) {
				return file.ReadPlane(ctx, pages[i].Index)
			})
			if err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		}
		if o.ome == "-" {
			return fill(o.g.streams.Out)
		}
		progress := o.g.progress(filepath.Base(o.ome))
		report.downloadReport, err = fillWhole(o.ome, func(done int64) { progress.update(done, -1) }, fill)
		progress.end()
		if err != nil {
			return err
		}
		if o.g.json {
			return o.g.printJSON(report)
		}
		o.g.note("Wrote %s with %d channels (%d bytes).", o.ome, len(channels), report.Size)
		return nil
	})
}

// checkOME refuses to replace what is no file, or the file that is read.
func (o *tiffExtract) checkOME(where string) error {
	target, err := os.Stat(o.ome)
	if o.ome == "-" || err != nil {
		return nil // there is nothing to replace
	}
	if !target.Mode().IsRegular() {
		return usage(fmt.Errorf("--ome %s is not a file", o.ome))
	}
	if source, err := os.Stat(where); err == nil && os.SameFile(source, target) {
		return usage(fmt.Errorf("--ome %s is the file that is read", o.ome))
	}
	return nil
}
