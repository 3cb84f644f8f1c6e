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
	exact, err := p.readSamples(ctx, f, page)
	if err != nil {
		return p, err
	}
	p.stats = p.plane.Stats()
	if p.plane.IntegerRange() == 0 || !exact {
		return p, nil
	}
	var b bytes.Buffer
	if err := p.plane.EncodePNG(&b); err != nil {
		return p, err
	}
	p.redrawn, p.ext, p.contentType = b.Bytes(), ".png", "image/png"
	return p, nil
}

// readSamples reads a page of any type of number as a plane. Types that a
// plane does not have become float32, in which label masks are exact; it
// reports whether every sample was.
func (p *picture) readSamples(ctx context.Context, f *tiff.File, page *tiff.Page) (exact bool, err error) {
	kind, bits := page.SampleFormat(), page.Bits()
	p.dtype = fmt.Sprintf("%s%d", map[int]string{tiff.FormatUint: "uint", tiff.FormatInt: "int", tiff.FormatFloat: "float"}[kind], bits)
	for _, dtype := range []pixels.DType{pixels.Uint8, pixels.Uint16, pixels.Float32} {
		if p.dtype != dtype.String() {
			continue
		}
		if p.plane, err = pixels.New(page.Width(), page.Height(), dtype); err != nil {
			return false, err
		}
		return true, p.plane.Fill(func(samples []byte) error { return f.ReadPage(ctx, 0, samples) })
	}
	value := valueOf(p.dtype)
	if value == nil {
		return false, fmt.Errorf("it has samples of %d bits and format %d, which are not read", bits, kind)
	}
	samples := make([]byte, page.Bytes())
	if err := f.ReadPage(ctx, 0, samples); err != nil {
		return false, err
	}
	exact = true
	size := bits / 8
	out := make([]float32, len(samples)/size)
	for i := range out {
		v := value(samples[i*size:])
		out[i] = float32(v)
		exact = exact && float64(out[i]) == v
	}
	p.plane, err = pixels.Of(page.Width(), page.Height(), out)
	return exact, err
}

// valueOf returns how a little-endian sample of a type is read, or nil.
func valueOf(dtype string) func([]byte) float64 {
	le := binary.LittleEndian
	switch dtype {
	case "int8":
		return func(b []byte) float64 { return float64(int8(b[0])) }
	case "int16":
		return func(b []byte) float64 { return float64(int16(le.Uint16(b))) }
	case "uint32":
		return func(b []byte) float64 { return float64(le.Uint32(b)) }
	case "int32":
		return func(b []byte) float64 { return float64(int32(le.Uint32(b))) }
	case "uint64":
		return func(b []byte) float64 { return float64(le.Uint64(b)) }
	case "int64":
		return func(b []byte) float64 { return float64(int64(le.Uint64(b))) }
	case "float64":
		return func(b []byte) float64 { return math.Float64frombits(le.Uint64(b)) }
	}
	return nil
}

// finite keeps a value that the database and JSON can hold.
func finite(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return min(max(v, -math.MaxFloat64), math.MaxFloat64)
}
