package mibitiff

import (
	"context"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/openmibi/openmibi/mibi"
)

// Source returns the plane of channel i of an image that is being written. It
// is called once for each channel, by several goroutines at once, and the plane
// is let go once it is compressed: planes that are read or computed when they
// are asked for never lie in memory all together.
type Source func(ctx context.Context, i int) (Plane, error)

// Planes returns a Source of planes that are at hand.
func Planes(planes []Plane) Source {
	return func(_ context.Context, i int) (Plane, error) { return planes[i], nil }
}

// Source returns a Source that reads a channel's plane when it is asked for, in
// the order of [File.Channels]: to write a file anew, or as OME-TIFF, without
// holding it in memory. The file stays open until then.
func (f *File) Source() Source {
	var pages []int
	for i, p := range f.pages {
		if p.Type == SIMS {
			pages = append(pages, i)
		}
	}
	return func(ctx context.Context, i int) (Plane, error) { return f.ReadPlane(ctx, pages[i]) }
}

// Write writes a whole image: [WriteFrom] with planes that are at hand and no
// context. Plane i belongs to channel i; other numbers of planes than of channels
// are refused with an error that wraps [ErrShape].
func Write(w io.Writer, meta mibi.Metadata, channels []mibi.Channel, planes []Plane, opts ...WriterOption) error {
	if len(channels) != len(planes) {
		return fmt.Errorf("%d planes for %d channels: %w", len(planes), len(channels), ErrShape)
	}
	return WriteFrom(context.Background(), w, meta, channels, Planes(planes), opts...)
}

// WriteFrom writes a whole image: the channels, in any order, are sorted into
// page order; then come SED and optical image, if options bring them. Each
// processor compresses a page of its own, and no more compressed pages than
// processors and one are held in memory. The bytes do not depend on how many
// there are.
//
// Errors are those of [NewWriter], [Writer.WriteChannel], [Writer.WriteSED] and
// [Writer.WriteOptical], and what source, w and ctx return. What w took before
// an error is not a whole file.
func WriteFrom(ctx context.Context, w io.Writer, meta mibi.Metadata, channels []mibi.Channel, source Source, opts ...WriterOption) error {
	pages, err := newPageMaker(meta, opts)
	if err != nil {
		return err
	}
	if err := pages.checkChannels(channels); err != nil {
		return err
	}
	order := make([]int, len(channels))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return mibi.CompareChannels(channels[a], channels[b]) })
	out := newWriter(w, pages)
	options := &pages.options
	err = inOrder(ctx, len(order), options, func(ctx context.Context, p *packer, n int) (madePage, error) {
		return pages.fromSource(ctx, p, channels[order[n]], source, order[n])
	}, func(page madePage) error {
		if out.tiff == nil && options.bigTIFF == nil {
			out.big = pages.mayPassClassic(page, channels)
		}
		return out.add(page)
	})
	if err != nil {
		return err
	}
	if options.sed != nil {
		if err := out.WriteSED(*options.sed); err != nil {
			return err
		}
	}
	if options.optical != nil {
		if err := out.WriteOptical(*options.optical); err != nil {
			return err
		}
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return out.Close()
}

// checkChannels tells whether the channels can stand in one image, and whether
// all that the options name are among them.
func (m *pageMaker) checkChannels(channels []mibi.Channel) error {
	if err := mibi.CheckUnique(channels); err != nil {
		return err
	}
	for _, c := range channels {
		if err := checkChannel(c); err != nil {
			return channelError(c, err)
		}
	}
	for c := range m.options.ranges {
		if !slices.Contains(channels, c) {
			return fmt.Errorf("a display range for channel %s: %w", shown(c.String()), ErrNoChannel)
		}
	}
	return nil
}

// mayPassClassic tells whether an image whose first page is known could be too
// large for a classic TIFF if nothing of it could be compressed.
func (m *pageMaker) mayPassClassic(first madePage, channels []mibi.Channel) bool {
	var total, head float64
	for _, f := range first.fields {
		head += float64(len(f.Data) + f.Room)
	}
	page := func(width, height, bytes int) {
		raw := float64(width) * float64(height) * float64(bytes)
		// What cannot be compressed grows by less than this.
		total += raw*1.01 + head + 4096
	}
	for _, c := range channels {
		page(first.like.width, first.like.height, first.like.dtype.Size())
		total += 16 * float64(len(c.Target))
	}
	if sed := m.options.sed; sed != nil {
		page(sed.Width(), sed.Height(), sed.DType().Size())
	}
	if optical := m.options.optical; optical != nil {
		page(optical.Width, optical.Height, 3)
		page(labelEdge, labelEdge, 3)
	}
	return total > math.MaxUint32
}
