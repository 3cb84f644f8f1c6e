package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// tiffJoin makes one MIBItiff of a folder of channels.
type tiffJoin struct {
	g                   *globals
	output              string
	metadata, xml, fov  string
	panel, sed, optical string
	dtype               string
	fields              fieldFlag

	meta       mibi.Metadata
	masses     []mibi.Channel // the list of channels
	massesFrom string         // the file that it is from
	channels   []*joinPicture // in the order of the file's pages
	unused     []mibi.Channel // of the list, without a picture
	sedPlane   *mibitiff.Plane
	opticalRGB *mibitiff.RGB
	written    mibitiff.DType
}

func newTIFFJoin(g *globals) *cobra.Command {
	o := tiffJoin{g: g}
	cmd := &cobra.Command{
		Use:   "join DIR -o FILE",
		Short: "Join a folder of single channels to one MIBItiff",
		Long: "Join the images in DIR, a channel each, to one MIBItiff: TIFFs of one grayscale page,\n" +
			"grayscale PNGs, and MIBItiffs. A file is named after its channel, as mibi tiff\n" +
			"extract names it. Masses come from --panel or from the file of --metadata; MIBItiffs\n" +
			"bring theirs, and their metadata.\n\n" +
			"M.json has the form that mibi tiff info --json prints, or is one object with the keys\n" +
			"of the format, with or without mibi. before them, a date, and channels: a list of\n" +
			"objects with mass and target. -f sets what is still missing.",
		Example: "  mibi tiff info fov1.tiff --json > fov1.json\n" +
			"  mibi tiff extract fov1.tiff --out fov1\n" +
			"  mibi tiff join fov1 -o again.tiff --metadata fov1.json\n" +
			"  mibi tiff join TIFs -o point3.tiff --xml 20191016_run.xml --fov Point3 --panel panel.csv -f size=400 -f slide=73",
		Args: exactArgs("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := noEmptyFlags(cmd); err != nil {
				return err
			}
			return o.run(cmd.Context(), args[0])
		},
	}
	f := cmd.Flags()
	f.StringVarP(&o.output, "output", "o", "", "the `file` to write")
	f.StringVar(&o.metadata, "metadata", "", "a JSON `file` with the metadata, and channels with their masses")
	f.StringVar(&o.xml, "xml", "", "a run's XML `file`, for the metadata that it knows")
	f.StringVar(&o.fov, "fov", "", "with --xml, the `FOV`: its point, such as Point1, its folder or its name")
	f.StringVar(&o.panel, "panel", "", "a panel's CSV `file`, for the masses")
	f.StringVar(&o.sed, "sed", "", "an image `file` of the secondary electron detector, to be added")
	f.StringVar(&o.optical, "optical", "", "an image `file` of the slide in colour, to be added with its label")
	f.StringVar(&o.dtype, "dtype", "", "the `type` of all values, uint16 or float32 (default: whole numbers as uint16, real ones as float32)")
	f.VarP(&o.fields, "field", "f", "set a `key=value` of the metadata, as often as needed; key:=text for text that looks like a number")
	return cmd
}

func (o *tiffJoin) run(ctx context.Context, dir string) error {
	if err := o.check(dir); err != nil {
		return err
	}
	folder, err := o.open(ctx, dir)
	if err != nil {
		return err
	}
	// All that is missing is told at once.
	if err := errors.Join(o.describe(folder), o.assign(folder)); err != nil {
		return err
	}
	if err := o.alike(); err != nil {
		return err
	}
	if err := o.addPictures(ctx); err != nil {
		return err
	}
	done, err := o.write(ctx)
	if err != nil {
		return err
	}
	return o.tell(dir, done)
}

// check refuses what cannot be meant before anything is read.
func (o *tiffJoin) check(dir string) error {
	switch {
	case dir == "":
		return usage(errors.New("DIR is empty: give a folder"))
	case o.output == "":
		return usage(errors.New("-o names no file: where is the MIBItiff to be written?"))
	case o.output == "-":
		return usage(errors.New("-o - is no file: a MIBItiff appears when it is whole, standard output cannot do that"))
	case o.fov != "" && o.xml == "":
		return usage(errors.New("--fov goes with --xml"))
	case o.dtype != "" && o.dtype != "uint16" && o.dtype != "float32":
		return usage(fmt.Errorf("--dtype %s: a MIBItiff holds uint16 or float32", o.dtype))
	}
	if _, err := o.fields.object(); err != nil {
		return err
	}
	info, err := os.Stat(o.output)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return usage(fmt.Errorf("-o %s is there and is no file", o.output))
	case err == nil:
		return o.notAnInput(info)
	}
	return nil
}

// notAnInput refuses to replace a file that is named to be read.
func (o *tiffJoin) notAnInput(out os.FileInfo) error {
	for _, path := range o.named() {
		if in, err := os.Stat(path); err == nil && os.SameFile(in, out) {
			return usage(fmt.Errorf("-o %s is one of the files to be read", o.output))
		}
	}
	return nil
}

// named are the files that flags name to be read.
func (o *tiffJoin) named() []string {
	var paths []string
	for _, path := range []string{o.metadata, o.xml, o.panel, o.sed, o.optical} {
		if path != "" {
			paths = append(paths, path)
		}
	}
	return paths
}

// listed is names for people: the first few of many.
func listed(names []string) string {
	const most = 10
	if more := len(names) - most; more > 0 {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(names, ", ")
}
