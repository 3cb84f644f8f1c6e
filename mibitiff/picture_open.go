package mibitiff

import (
	"context"
	"errors"
	"fmt"
	"image/color"
	"image/png"
	"io"

	"github.com/openmibi/openmibi/internal/tiff"
)

// Picture is the picture of one channel, opened and not yet decoded: what it
// is can be looked at before memory is spent on it.
type Picture struct {
	// Width and Height are the picture's size in pixels.
	Width, Height int
	// DType is the type of the samples.
	DType DType

	read func(context.Context) (Plane, error)
}

// OpenPicture is [ReadPicture] up to the samples, which [Picture.Read] decodes;
// r is needed until then. Its errors are those of ReadPicture, but for what
// only decoding shows.
func OpenPicture(r io.ReaderAt, size int64, opts ...Option) (*Picture, error) {
	options := pictureOptions(opts)
	kind, err := pictureKind(r, size)
	if err != nil {
		return nil, err
	}
	if kind == pngPicture {
		return openPNG(r, size, options)
	}
	f, err := openPage(r, size, options)
	if err != nil {
		return nil, err
	}
	dtype, err := planeType(&f.Pages[0])
	if err != nil {
		return nil, err
	}
	return &Picture{
		Width: f.Pages[0].Width(), Height: f.Pages[0].Height(), DType: dtype,
		read: func(ctx context.Context) (Plane, error) { return readPlane(ctx, f, 0) },
	}, nil
}

// Read decodes the samples.
func (p *Picture) Read(ctx context.Context) (Plane, error) { return p.read(ctx) }

func openPNG(r io.ReaderAt, size int64, options tiff.Options) (*Picture, error) {
	failing := &failingReader{r: io.NewSectionReader(r, 0, size)}
	config, err := png.DecodeConfig(failing)
	switch {
	case failing.err != nil:
		return nil, fmt.Errorf("reading a PNG: %w", failing.err)
	case err != nil:
		return nil, fmt.Errorf("%w: a broken PNG: %w", ErrNotPicture, err)
	}
	picture := &Picture{Width: config.Width, Height: config.Height, DType: Uint8}
	switch config.ColorModel {
	case color.GrayModel:
	case color.Gray16Model:
		picture.DType = Uint16
	default:
		return nil, fmt.Errorf("%w: the PNG is no grayscale", errors.ErrUnsupported)
	}
	picture.read = func(context.Context) (Plane, error) {
		return readPNG(r, size, options.MaxPageBytes)
	}
	return picture, nil
}
