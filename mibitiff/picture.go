package mibitiff

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/openmibi/openmibi/internal/pixels"
	"github.com/openmibi/openmibi/internal/tiff"
)

// ReadPicture reads the picture of one channel, as MIBItracker serves it and
// as segmentation programs write it: a grayscale PNG of 8 or 16 bits, or a
// TIFF of one grayscale page. What it is its first bytes say. Samples keep
// their type and value.
//
// The error for a file that is neither, and for a broken PNG, wraps
// [ErrNotPicture]; a broken TIFF is a [*FormatError]. Colours, a palette,
// transparency, several pages, other types of samples, and more pixels than
// allowed ([ErrLimit], see [WithMaxPageBytes]) are refused before anything is
// allocated for them, and errors.Is(err, errors.ErrUnsupported) holds. Errors of r
// are returned wrapped.
func ReadPicture(ctx context.Context, r io.ReaderAt, size int64, opts ...Option) (Plane, error) {
	options := pictureOptions(opts)
	kind, err := pictureKind(r, size)
	if err != nil {
		return Plane{}, err
	}
	if kind == pngPicture {
		return readPNG(r, size, options.MaxPageBytes)
	}
	f, err := openPage(r, size, options)
	if err != nil {
		return Plane{}, err
	}
	return readPlane(ctx, f, 0)
}

func pictureOptions(opts []Option) tiff.Options {
	options := readOptions{Options: tiff.Options{MaxPageBytes: 1 << 30}}
	for _, opt := range opts {
		opt(&options)
	}
	return options.Options
}

// The kinds of files that hold a picture.
const (
	pngPicture = iota + 1
	tiffPicture
)

// pictureKind tells them by their first bytes.
func pictureKind(r io.ReaderAt, size int64) (int, error) {
	start := make([]byte, min(max(size, 0), 4))
	if _, err := r.ReadAt(start, 0); err != nil && err != io.EOF {
		return 0, fmt.Errorf("reading a picture: %w", err)
	}
	switch string(start) {
	case "\x89PNG":
		return pngPicture, nil
	case "II*\x00", "MM\x00*", "II+\x00", "MM\x00+":
		return tiffPicture, nil
	}
	return 0, fmt.Errorf("%w: it begins neither as a PNG nor as a TIFF", ErrNotPicture)
}

func readPNG(r io.ReaderAt, size, maxBytes int64) (Plane, error) {
	failing := &failingReader{r: io.NewSectionReader(r, 0, size)}
	// A sample may take two bytes.
	plane, err := pixels.DecodePNGOf(failing, size, int(min(maxBytes/2, math.MaxInt)))
	switch {
	case err == nil:
		return plane, nil
	case failing.err != nil:
		return Plane{}, fmt.Errorf("reading a PNG: %w", failing.err)
	case errors.Is(err, pixels.ErrTooLarge):
		return Plane{}, fmt.Errorf("%w: %w: %w", errors.ErrUnsupported, err, ErrLimit)
	case errors.Is(err, pixels.ErrNotGrayscale):
		return Plane{}, fmt.Errorf("%w: %w", errors.ErrUnsupported, err)
	}
	return Plane{}, fmt.Errorf("%w: a broken %w", ErrNotPicture, err)
}

// failingReader keeps the error of what it reads from, to tell a file that
// cannot be read from one that is broken.
type failingReader struct {
	r   io.Reader
	err error
}

func (f *failingReader) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if err != nil && err != io.EOF {
		f.err = err
	}
	return n, err
}

// openPage opens a plain TIFF of one page.
func openPage(r io.ReaderAt, size int64, options tiff.Options) (*tiff.File, error) {
	f, err := tiff.Open(r, size, options)
	if err != nil {
		return nil, err
	}
	page := &f.Pages[0]
	switch {
	case len(f.Pages) > 1:
		return nil, &UnsupportedError{Page: 1, Reason: fmt.Sprintf("%d pages, a channel's picture has one", len(f.Pages))}
	case page.Unsupported() == nil && page.Photometric() > 1:
		return nil, &UnsupportedError{Page: 0, Tag: tiff.PhotometricInterpretation,
			Reason: fmt.Sprintf("photometric interpretation %d: only grayscale is read", page.Photometric())}
	}
	return f, nil
}
