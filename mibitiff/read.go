package mibitiff

import (
	"context"
	"fmt"

	"github.com/openmibi/openmibi/internal/pixels"
	"github.com/openmibi/openmibi/internal/tiff"
)

// ReadPlane reads and decodes the samples of page i, and nothing else of the
// file. It keeps their type. Pages of several samples a pixel (optical images,
// see [File.ReadRGB]) and of samples that no [DType] names are refused with an
// [*UnsupportedError]; other errors are as of [File.ReadBytes].
func (f *File) ReadPlane(ctx context.Context, i int) (Plane, error) {
	if err := f.check(i); err != nil {
		return Plane{}, err
	}
	plane, err := readPlane(ctx, f.tiff, i)
	if err != nil {
		return Plane{}, f.pageError(i, err)
	}
	return plane, nil
}

// ReadPlaneInto is [File.ReadPlane] into the memory of a plane of the page's
// size and type; another plane is refused with an error that wraps [ErrShape]. What
// the plane holds after an error is undefined.
func (f *File) ReadPlaneInto(ctx context.Context, i int, plane Plane) error {
	if err := f.check(i); err != nil {
		return err
	}
	page := &f.tiff.Pages[i]
	dtype, err := planeType(page)
	if err == nil && (plane.DType() != dtype || plane.Width() != page.Width() || plane.Height() != page.Height()) {
		err = fmt.Errorf("%s of %d×%d pixels do not fit a plane of %s of %d×%d: %w",
			dtype, page.Width(), page.Height(), plane.DType(), plane.Width(), plane.Height(), ErrShape)
	}
	if err == nil {
		err = readInto(ctx, f.tiff, i, plane)
	}
	if err != nil {
		return f.pageError(i, err)
	}
	return nil
}

// ReadRGB reads and decodes the optical image or the label of page i: three
// samples of 8 bits a pixel. Pages of another kind are refused with an
// [*UnsupportedError]; other errors are as of [File.ReadBytes].
func (f *File) ReadRGB(ctx context.Context, i int) (RGB, error) {
	if err := f.check(i); err != nil {
		return RGB{}, err
	}
	picture, err := readRGB(ctx, f.tiff, i)
	if err != nil {
		return RGB{}, f.pageError(i, err)
	}
	return picture, nil
}

// photometricRGB is the value of tag 262 for red, green and blue.
const photometricRGB = 2

// ReadBytes reads and decodes the samples of page i, of any type, into dst,
// which must be as long as [Page.Bytes] says: little-endian, in row order, the
// samples of a pixel side by side.
//
// Errors: a [*FormatError] for broken data, an [*UnsupportedError] for samples
// that cannot be read, the context's, or those of what the file is read from.
func (f *File) ReadBytes(ctx context.Context, i int, dst []byte) error {
	if err := f.check(i); err != nil {
		return err
	}
	if err := f.tiff.ReadPage(ctx, i, dst); err != nil {
		return f.pageError(i, err)
	}
	return nil
}

// Pieces is [File.ReadBytes] for who needs the samples only once: do gets them
// piece by piece in row order, with the offset of each in bytes. A piece holds
// whole samples, and must be neither kept nor changed. An error of do ends it
// and is returned wrapped. It takes memory for one strip or a row of tiles, and for
// 256 KiB where the strip is a deflate stream, as it is in a MIBItiff.
func (f *File) Pieces(ctx context.Context, i int, do func(at int64, piece []byte) error) error {
	if err := f.check(i); err != nil {
		return err
	}
	if err := f.tiff.Pieces(ctx, i, do); err != nil {
		return f.pageError(i, err)
	}
	return nil
}

func (f *File) check(i int) error {
	if i < 0 || i >= len(f.pages) {
		return fmt.Errorf("reading page %d: the image has %d pages", i, len(f.pages))
	}
	return nil
}

func (f *File) pageError(i int, err error) error {
	return fmt.Errorf("reading page %d (%s): %w", i, shown(f.pages[i].Name), err)
}

// readPlane decodes a page of one sample a pixel.
func readPlane(ctx context.Context, f *tiff.File, i int) (Plane, error) {
	page := &f.Pages[i]
	dtype, err := planeType(page)
	if err != nil {
		return Plane{}, err
	}
	plane, err := pixels.New(page.Width(), page.Height(), dtype)
	if err != nil {
		return Plane{}, err
	}
	return plane, readInto(ctx, f, i, plane)
}

// readInto decodes a page into a plane of its size and type.
func readInto(ctx context.Context, f *tiff.File, i int, plane Plane) error {
	if samples := plane.Uint8s(); samples != nil {
		return f.ReadPage(ctx, i, samples)
	}
	size := int64(plane.DType().Size())
	return f.Pieces(ctx, i, func(at int64, piece []byte) error {
		plane.SetBytes(int(at/size), piece)
		return nil
	})
}

// planeType returns the type of the plane that a page becomes.
func planeType(p *tiff.Page) (DType, error) {
	dtype, err := dtypeOf(p)
	if err == nil && p.SamplesPerPixel() != 1 {
		return 0, &UnsupportedError{Page: p.Index, Tag: tiff.SamplesPerPixel,
			Reason: fmt.Sprintf("%d samples a pixel: only grayscale pages are read as planes", p.SamplesPerPixel())}
	}
	return dtype, err
}

// dtypeOf returns the type of a page's samples.
func dtypeOf(p *tiff.Page) (DType, error) {
	if err := p.Unsupported(); err != nil {
		return 0, err
	}
	if dtype, ok := sampleTypes[[2]int{p.SampleFormat(), p.Bits()}]; ok {
		return dtype, nil
	}
	return 0, &UnsupportedError{Page: p.Index, Tag: tiff.SampleFormat,
		Reason: fmt.Sprintf("samples of %d bits and format %d", p.Bits(), p.SampleFormat())}
}

// sampleTypes are the types by SampleFormat and BitsPerSample.
var sampleTypes = map[[2]int]DType{
	{tiff.FormatUint, 8}: Uint8, {tiff.FormatInt, 8}: Int8,
	{tiff.FormatUint, 16}: Uint16, {tiff.FormatInt, 16}: Int16,
	{tiff.FormatUint, 32}: Uint32, {tiff.FormatInt, 32}: Int32, {tiff.FormatFloat, 32}: Float32,
	{tiff.FormatUint, 64}: Uint64, {tiff.FormatInt, 64}: Int64, {tiff.FormatFloat, 64}: Float64,
}
