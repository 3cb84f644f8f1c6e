package api

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/openmibi/openmibi/internal/blob"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/pixels"
	"github.com/openmibi/openmibi/internal/tiff"
)

// picture is an uploaded channel, looked at.
type picture struct {
	plane            pixels.Plane
	stats            pixels.Stats
	dtype            string // of the uploaded samples, as numpy spells it
	ext, contentType string // of the file that is served
	redrawn          []byte // the PNG to serve in place of the uploaded TIFF; nil to serve what was uploaded
}

// maxFreePixels bounds a picture while no TIFF says how large the image is: the
// frame is only what a client has written.
const maxFreePixels = 1 << 26

// pictureOf reads an uploaded picture. What it is its content says, not its
// name. It must have the size of the image's TIFF, or of the frame while
// there is none.
func (a *API) pictureOf(ctx context.Context, f stagedFile, image model.Image) (p picture, err error) {
	o, err := a.Blobs.Open(ctx, f.key)
	if err != nil {
		return p, err
	}
	defer func() { err = errors.Join(err, o.Close()) }()
	start := make([]byte, 24)
	n, err := o.ReadAt(start, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		return p, err
	}
	start = start[:n]
	r := &faultyReader{r: o}
	switch {
	case len(start) == 24 && bytes.HasPrefix(start, []byte("\x89PNG\r\n\x1a\n")):
		width, height := binary.BigEndian.Uint32(start[16:]), binary.BigEndian.Uint32(start[20:])
		if err := fits(int64(width), int64(height), image); err != nil {
			return p, err
		}
		p, err = readPNG(io.NewSectionReader(r, 0, o.Info().Size), int(width)*int(height))
	case bytes.HasPrefix(start, []byte("II")) || bytes.HasPrefix(start, []byte("MM")):
		p, err = readTIFF(ctx, r, o, image)
	default:
		return p, fieldProblem("attachment", "The file is neither a PNG nor a TIFF.")
	}
	var refused *problem
	if err != nil && !errors.As(err, &refused) && !r.failed.Load() && ctx.Err() == nil {
		return p, fieldProblem("attachment", "The file cannot be used: %v.", err)
	}
	return p, err
}

// fits checks a picture's size before anything is allocated for it.
func fits(width, height int64, image model.Image) error {
	wantWidth, wantHeight := int64(0), int64(0)
	switch {
	case image.TIFF != nil:
		wantWidth, wantHeight = int64(image.TIFF.Width), int64(image.TIFF.Height)
	case width <= 0 || height <= 0 || width > maxFreePixels/height:
		return fieldProblem("attachment", "The file has %d×%d pixels, which is too large.", width, height)
	case image.Frame != nil:
		wantWidth, wantHeight = *image.Frame, *image.Frame
	default:
		return nil
	}
	if width != wantWidth || height != wantHeight {
		return fieldProblem("attachment", "The file has %d×%d pixels (width×height), the image has %d×%d.", width, height, wantWidth, wantHeight)
	}
	return nil
}

// readPNG reads a PNG, which is served as it is.
func readPNG(r io.Reader, maxPixels int) (picture, error) {
	plane, err := pixels.DecodePNG(r, maxPixels)
	if err != nil {
		return picture{}, err
	}
	return picture{plane: plane, stats: plane.Stats(), dtype: plane.DType().String(), ext: ".png", contentType: "image/png"}, nil
}

// readTIFF reads a grayscale TIFF of one page. Where a PNG can hold its values
// it becomes one; else it is served as it is.
func readTIFF(ctx context.Context, r io.ReaderAt, o blob.Object, image model.Image) (p picture, err error) {
	f, err := tiff.Open(r, o.Info().Size, tiff.Options{})
	if err != nil {
		return p, err
	}
	page := &f.Pages[0]
	switch {
	case len(f.Pages) > 1:
		return p, fmt.Errorf("it has %d pages, a channel has one", len(f.Pages))
	case page.Unsupported() != nil:
		return p, page.Unsupported()
	case page.SamplesPerPixel() != 1 || page.Photometric() > 1:
		return p, errors.New("it is not grayscale")
	}
	if err := fits(int64(page.Width()), int64(page.Height()), image); err != nil {
		return p, err
	}
	p = picture{ext: ".tiff", contentType: mediaTIFF}
	if err := p.readSamples(ctx, f, page); err != nil {
		return p, err
	}
	p.stats = p.plane.Stats()
	if p.plane.IntegerRange() == 0 {
		return p, nil
	}
	var b bytes.Buffer
	if err := p.plane.EncodePNG(&b); err != nil {
		return p, err
	}
	p.redrawn, p.ext, p.contentType = b.Bytes(), ".png", "image/png"
	return p, nil
}

// readSamples reads a page of any type of number as a plane.
func (p *picture) readSamples(ctx context.Context, f *tiff.File, page *tiff.Page) error {
	kind, bits := page.SampleFormat(), page.Bits()
	p.dtype = fmt.Sprintf("%s%d", map[int]string{tiff.FormatUint: "uint", tiff.FormatInt: "int", tiff.FormatFloat: "float"}[kind], bits)
	dtype := pixels.ParseDType(p.dtype)
	if dtype == 0 {
		return fmt.Errorf("it has samples of %d bits and format %d, which are not read", bits, kind)
	}
	var err error
	if p.plane, err = pixels.New(page.Width(), page.Height(), dtype); err != nil {
		return err
	}
	return f.Pieces(ctx, 0, func(at int64, piece []byte) error {
		p.plane.SetBytes(int(at)/dtype.Size(), piece)
		return nil
	})
}

// finite keeps a value that the database and JSON can hold.
func finite(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return min(max(v, -math.MaxFloat64), math.MaxFloat64)
}
