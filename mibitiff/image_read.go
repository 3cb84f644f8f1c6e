package mibitiff

import (
	"context"
	"fmt"

	"github.com/openmibi/openmibi/mibi"
)

// Image reads channels into an [Image], several at once: those that labels name
// (see [File.Channel]), in the order of the labels, or every channel in the
// file's order if there is none. It takes the memory of their samples, and for
// each processor the compressed bytes of one page.
//
// The metadata is what [File.Metadata] returns, the folder filled in from the
// fov_id or the other way round. It is otherwise not checked, and a mass of 0 is
// a mass like any other: each file that opens can be read. [Image.SetMetadata]
// and [WriteImage] check it.
//
// Errors wrap [ErrNoChannel], [mibi.ErrDuplicateChannel] where two labels name
// one channel, [ErrShape] where the pages differ in size or type. More samples
// than [WithMaxImageBytes] allows are an [*UnsupportedError] that wraps
// [ErrLimit], before any is read. Other errors are those of [File.ReadPlane].
func (f *File) Image(ctx context.Context, labels ...string) (*Image, error) {
	pages, err := f.imagePages(labels)
	if err != nil {
		return nil, fmt.Errorf("reading an image: %w", err)
	}
	im := &Image{
		meta:     filledMetadata(f.Metadata()),
		channels: make([]mibi.Channel, 0, len(pages)), planes: make([]Plane, len(pages)),
	}
	for _, p := range pages {
		im.channels = append(im.channels, p.Channel)
	}
	if err := im.checkUnique(im.channels); err != nil {
		return nil, fmt.Errorf("reading an image: %w", err)
	}
	err = inParallel(ctx, len(pages), func(ctx context.Context, i int) error {
		plane, err := f.ReadPlane(ctx, pages[i].Index)
		im.planes[i] = plane
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := im.check(); err != nil {
		return nil, fmt.Errorf("reading an image: %w", err)
	}
	return im, nil
}

// imagePages returns the SIMS pages that labels name, all without one. Pages
// that cannot be of one image are refused before any is read.
func (f *File) imagePages(labels []string) ([]Page, error) {
	var pages []Page
	for _, label := range labels {
		page, err := f.Channel(label)
		if err != nil {
			return nil, err
		}
		pages = append(pages, page)
	}
	for _, page := range f.pages {
		if len(labels) == 0 && page.Type == SIMS {
			pages = append(pages, page)
		}
	}
	var bytes int64
	for i, p := range pages {
		// A page's bytes are bounded, but not those of any number of pages.
		if bytes += p.Bytes(); bytes > f.maxImageBytes {
			return nil, &UnsupportedError{Page: p.Index, Err: ErrLimit,
				Reason: fmt.Sprintf("%d channels take %d bytes, at most %d bytes are read at once", i+1, bytes, f.maxImageBytes)}
		}
	}
	first := pages[0]
	for _, p := range pages[1:] {
		if p.Width != first.Width || p.Height != first.Height || p.DType != first.DType {
			return nil, fmt.Errorf("channel %s is %s of %d×%d pixels (width×height), %s is %s of %d×%d: %w",
				shown(p.Channel.String()), p.DType, p.Width, p.Height,
				shown(first.Channel.String()), first.DType, first.Width, first.Height, ErrShape)
		}
	}
	return pages, nil
}
