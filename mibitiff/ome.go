package mibitiff

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
)

// WriteOME writes an image as OME-TIFF, for QuPath, napari, Bio-Formats and what
// else reads the format: a page for each channel in the order given, in tiles,
// with lower resolutions down to one tile, deflated. Samples keep their type
// and value: int8 to int32, uint8 to uint32, float32 and float64. The OME data
// model has no integers of 64 bits; they are refused with an error that wraps
// [errors.ErrUnsupported].
//
// The OME-XML of the first page (schema 2016-06) names the channels by their
// labels, and holds the size of a pixel and the position of the stage in µm,
// the date as the local time that it is, and the fov_name as the image's name.
// Structured annotations hold the rest as it is in a MIBItiff: one of the image
// all that [mibi.Metadata.All] gives, and one of each channel "channel.mass" in
// Da and "channel.target". Nothing of the metadata is required. The name of a
// page (tag 285) is that of a MIBItiff: "CD45 (147)".
//
// A lower resolution has half the width and height, and the mean of two by two
// pixels: for integers with what rounding takes carried on to the next pixel,
// so that sparse counts do not vanish when an image is seen from afar.
//
// The image is written in one pass; without [WithBigTIFF] as a BigTIFF where it
// could pass 4 GiB if nothing of it could be compressed. Each processor makes a
// page of its own: for each of them, and one more, a page is held compressed,
// and for each a plane with its half. The bytes do not depend on how many
// processors there are. [WithDType] converts as in [Write].
//
// Channels of different size or type are refused with an error that wraps
// [ErrShape], those whose masses or labels come twice with one that wraps
// [mibi.ErrDuplicateChannel]; so are options that an OME-TIFF has no place for: SED,
// optical image, display ranges. Other errors are those of source, w and ctx. What
// w took before an error is not a whole file.
func WriteOME(ctx context.Context, w io.Writer, meta mibi.Metadata, channels []mibi.Channel, source Source, opts ...WriterOption) error {
	options, err := newWriterOptions(opts)
	if err != nil {
		return fmt.Errorf("writing an OME-TIFF: %w", err)
	}
	if options.sed != nil || options.optical != nil || options.ranges != nil {
		return errors.New("writing an OME-TIFF: it has no place for SED, optical image and display ranges")
	}
	if err := checkOMEChannels(channels); err != nil {
		return fmt.Errorf("writing an OME-TIFF: %w", err)
	}
	if meta.Date.IsZero() {
		meta.Date = options.date
	}
	out := omeWriter{w: w, meta: meta, channels: channels, options: &options}
	return inOrder(ctx, len(channels), &options, func(ctx context.Context, p *packer, i int) (omePage, error) {
		page, err := makeOMEPage(ctx, p, source, i)
		if err != nil {
			err = out.failed(i, err)
		}
		return page, err
	}, out.add)
}

// checkOMEChannels tells whether the channels can be told apart: by their
// names, and by their masses where they have one.
func checkOMEChannels(channels []mibi.Channel) error {
	if len(channels) == 0 {
		return errors.New("an image needs at least one channel")
	}
	var withMass []mibi.Channel
	labels := make(map[string]bool, len(channels))
	for _, c := range channels {
		if c.Mass != 0 {
			withMass = append(withMass, c)
		}
		if err := checkChannel(c); err != nil {
			return fmt.Errorf("channel %s: %w", shown(c.String()), err)
		}
		if labels[c.Label()] {
			return fmt.Errorf("two channels are named %s: %w", shown(c.Label()), mibi.ErrDuplicateChannel)
		}
		labels[c.Label()] = true
	}
	return mibi.CheckUnique(withMass)
}

// omeWriter writes page after page.
type omeWriter struct {
	w        io.Writer
	meta     mibi.Metadata
	channels []mibi.Channel
	options  *writerOptions

	tiff    *tiff.PyramidWriter
	first   omeKind
	written int
}

// failed says of an error with which channel it came.
func (o *omeWriter) failed(i int, err error) error {
	return fmt.Errorf("writing channel %s as OME-TIFF: %w", shown(o.channels[i].String()), err)
}

func (o *omeWriter) add(page omePage) error {
	i := o.written
	if i == 0 {
		o.first = page.kind
		o.tiff = tiff.NewPyramidWriter(o.w, o.isBig())
	}
	if page.kind != o.first {
		return o.failed(i, fmt.Errorf("%s, but channel %s has %s: %w", page.kind, shown(o.channels[0].String()), o.first, ErrShape))
	}
	full := &page.levels[0]
	full.Fields = append(full.Fields, tiff.TextField(tiff.PageName, o.channels[i].PageName()))
	if i == 0 {
		description, err := omeXML(o.meta, o.channels, o.first)
		if err != nil {
			return o.failed(i, err)
		}
		full.Fields = append(full.Fields, tiff.TextField(tiff.ImageDescription, description), tiff.TextField(tiff.Software, omeCreator))
		if !o.meta.Date.IsZero() && checkDate(o.meta.Date) == nil {
			full.Fields = append(full.Fields, tiff.TextField(tiff.DateTime, o.meta.Date.Format(dateLayout)))
		}
	}
	resolution, err := o.resolution()
	if err != nil {
		return o.failed(i, err)
	}
	full.Fields = append(full.Fields, resolution...)
	if err := o.tiff.WritePage(page.levels, i == len(o.channels)-1); err != nil {
		return o.failed(i, err)
	}
	o.written++
	return nil
}

// isBig tells whether to write a BigTIFF.
func (o *omeWriter) isBig() bool {
	if o.options.bigTIFF != nil {
		return *o.options.bigTIFF
	}
	// What cannot be compressed grows by less than this; the XML is of a few
	// hundred bytes a channel besides the metadata.
	const growth, perTile, perChannel = 1.01, 1024, 16 << 10
	tileWidth, tileHeight := float64(o.first.tileWidth), float64(o.first.tileHeight)
	tiles := 0.0
	for width, height := o.first.width, o.first.height; ; width, height = (width+1)/2, (height+1)/2 {
		tiles += math.Ceil(float64(width)/tileWidth) * math.Ceil(float64(height)/tileHeight)
		if o.first.oneTile(width, height) {
			break
		}
	}
	total := float64(len(o.channels)) * (tiles*(growth*tileWidth*tileHeight*float64(o.first.dtype.Size())+perTile) + perChannel)
	for key, value := range o.meta.All() {
		total += 12 * float64(len(key)+len(value.JSON())) // escapes, and the description comes twice
	}
	for _, c := range o.channels {
		total += 20 * float64(len(c.Target))
	}
	return total > math.MaxUint32
}

// resolution returns the tags that hold the size of a pixel, for programs that
// do not read the XML.
func (o *omeWriter) resolution() ([]tiff.Field, error) {
	width, height, ok := pixelSize(o.meta, o.first)
	if !ok {
		return nil, nil
	}
	x, err := resolutionFraction(micronsPerCM / width)
	if err != nil {
		return nil, err
	}
	y, err := resolutionFraction(micronsPerCM / height)
	if err != nil {
		return nil, err
	}
	return []tiff.Field{
		tiff.RationalField(tiff.XResolution, uint32(x.numerator), uint32(x.denominator)),
		tiff.RationalField(tiff.YResolution, uint32(y.numerator), uint32(y.denominator)),
		tiff.ShortField(tiff.ResolutionUnit, unitCentimetre),
	}, nil
}
