package mibitiff

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"

	"github.com/openmibi/openmibi/internal/pixels"
	"github.com/openmibi/openmibi/internal/tiff"
)

// ReadRGBPicture reads a picture in colour, such as the optical image of a
// slide: a PNG of 8 bits without transparency, or a TIFF of one RGB page. Its
// errors are those of [ReadPicture]; what is no picture in colour is refused,
// and errors.Is(err, errors.ErrUnsupported) holds.
func ReadRGBPicture(ctx context.Context, r io.ReaderAt, size int64, opts ...Option) (RGB, error) {
	options := pictureOptions(opts)
	kind, err := pictureKind(r, size)
	if err != nil {
		return RGB{}, err
	}
	if kind == pngPicture {
		return readRGBPNG(r, size, options.MaxPageBytes)
	}
	f, err := tiff.Open(r, size, options)
	if err != nil {
		return RGB{}, err
	}
	if len(f.Pages) > 1 {
		return RGB{}, &UnsupportedError{Page: 1, Reason: fmt.Sprintf("%d pages, a picture has one", len(f.Pages))}
	}
	return readRGB(ctx, f, 0)
}

func readRGBPNG(r io.ReaderAt, size, maxBytes int64) (RGB, error) {
	failing := &failingReader{r: io.NewSectionReader(r, 0, size)}
	refused := func(err error) (RGB, error) {
		if failing.err != nil {
			return RGB{}, fmt.Errorf("reading a PNG: %w", failing.err)
		}
		return RGB{}, fmt.Errorf("%w: a broken PNG: %w", ErrNotPicture, err)
	}
	config, err := png.DecodeConfig(failing)
	if err != nil {
		return refused(err)
	}
	// A pixel takes four bytes more while it is decoded.
	if uint64(config.Width)*uint64(config.Height) > uint64(max(maxBytes, 0)/7) {
		return RGB{}, fmt.Errorf("%w: a PNG of %d×%d pixels: %w", errors.ErrUnsupported, config.Width, config.Height, ErrLimit)
	}
	// What else there is need not be decoded to be refused.
	switch config.ColorModel {
	case color.RGBAModel, color.NRGBAModel:
	default:
		return RGB{}, notRGB()
	}
	if !pixels.PNGHolds(size, config.Width, config.Height, 3) {
		return refused(pixels.ErrShortPNG)
	}
	failing.r = io.NewSectionReader(r, 0, size)
	decoded, err := png.Decode(failing)
	if err != nil {
		return refused(err)
	}
	var pix []uint8
	switch img := decoded.(type) {
	case *image.RGBA:
		pix = img.Pix
	case *image.NRGBA:
		if img.Opaque() {
			pix = img.Pix
		}
	}
	if pix == nil {
		return RGB{}, notRGB()
	}
	picture, err := pixels.NewRGB(config.Width, config.Height)
	if err != nil {
		return RGB{}, err
	}
	for i := range config.Width * config.Height {
		copy(picture.Pix[3*i:3*i+3], pix[4*i:])
	}
	return picture, nil
}

func notRGB() error {
	return fmt.Errorf("%w: the PNG is not of 8 bits of red, green and blue without transparency", errors.ErrUnsupported)
}

// readRGB decodes a page of three samples of 8 bits a pixel.
func readRGB(ctx context.Context, f *tiff.File, i int) (RGB, error) {
	page := &f.Pages[i]
	dtype, err := dtypeOf(page)
	if err != nil {
		return RGB{}, err
	}
	if page.SamplesPerPixel() != 3 || dtype != Uint8 || page.Photometric() != photometricRGB {
		return RGB{}, &UnsupportedError{Page: i, Tag: tiff.PhotometricInterpretation,
			Reason: fmt.Sprintf("%d samples of %s a pixel, photometric interpretation %d: not RGB of 8 bits", page.SamplesPerPixel(), dtype, page.Photometric())}
	}
	picture, err := pixels.NewRGB(page.Width(), page.Height())
	if err != nil {
		return RGB{}, err
	}
	return picture, f.ReadPage(ctx, i, picture.Pix)
}
