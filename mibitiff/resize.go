package mibitiff

import (
	"context"
	"fmt"
	"math"
	"math/bits"

	"github.com/openmibi/openmibi/internal/pixels"
)

// ResizeOption changes how [Image.Resize] resizes.
type ResizeOption func(*resizeOptions)

type resizeOptions struct {
	keepType bool
}

// KeepType lets the resized image have the type of samples of the original, see
// [Image.Resize].
func KeepType() ResizeOption { return func(o *resizeOptions) { o.keepType = true } }

// Resize returns the image at another width and height in pixels: each plane
// interpolated by a cubic spline through its samples, without smoothing before,
// then limited to the range from the smallest to the largest sample of the
// whole image. (So a channel can come out a little different among others than
// alone.) The samples are float64, on the scale that they had. The size of the
// field of view stays, and with it the metadata; the image itself does not
// change. Several planes are worked on at once, each with memory for two more
// of float64. The same size returns the samples as they are.
//
// The values are those of MIBItracker's Python tools (scikit-image's resize of
// order 3 and mode "edge"), to 10⁻¹³ of the largest sample of the image in
// absolute value; of a float32 image Python has the values rounded to float32.
//
// With [KeepType] integers lose their fraction, as in Python. But a value within
// 10⁻¹² of the largest sample of a whole number is taken for that number:
// Python makes 2 of a 3 amid threes, where the last bit of a sum went amiss.
// Such pixels differ from Python's by 1.
//
// Errors: a size that changes the aspect ratio wraps [ErrAspectRatio], one that
// is none [ErrShape]. A sample that is NaN or infinite is refused with an error
// that wraps [ErrNotFinite] and names its pixel: in a spline each sample counts
// everywhere (Python answers with an image of nothing but NaN). The context's
// error comes back where it ends.
func (im *Image) Resize(ctx context.Context, width, height int, opts ...ResizeOption) (*Image, error) {
	var options resizeOptions
	for _, opt := range opts {
		opt(&options)
	}
	if err := im.checkResize(width, height); err != nil {
		return nil, fmt.Errorf("resizing to %d×%d pixels (width×height): %w", width, height, err)
	}
	limits, err := im.finiteRange(ctx)
	if err != nil {
		return nil, fmt.Errorf("resizing: %w", err)
	}
	rows, columns := newAxis(im.Height(), height), newAxis(im.Width(), width)
	out := &Image{meta: im.Metadata(), channels: im.Channels(), planes: make([]Plane, im.Len()), targetsOnly: im.targetsOnly}
	err = inParallel(ctx, im.Len(), func(ctx context.Context, i int) error {
		if options.keepType && height == im.Height() && width == im.Width() {
			out.planes[i] = im.planes[i].Clone()
			return nil
		}
		values, err := resample(ctx, rowsOf(im.planes[i]), rows, columns)
		if err != nil {
			return err
		}
		limits.clip(values)
		if options.keepType {
			out.planes[i], err = limits.narrow(values, width, height, im.DType())
		} else {
			out.planes[i], err = pixels.Of(width, height, values)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("resizing: %w", err)
	}
	return out, nil
}

// checkResize tells whether an image can take on a size.
func (im *Image) checkResize(width, height int) error {
	if height <= 0 || width <= 0 {
		return ErrShape
	}
	// height/width == im.Height()/im.Width(), in whole numbers that may be large.
	aHigh, a := bits.Mul64(uint64(height), uint64(im.Width()))
	bHigh, b := bits.Mul64(uint64(width), uint64(im.Height()))
	if aHigh != bHigh || a != b {
		return fmt.Errorf("the image has %d×%d: %w", im.Width(), im.Height(), ErrAspectRatio)
	}
	// The size of what lies between the two axes.
	for _, rows := range []int{height, im.Height() + 2*border} {
		if high, samples := bits.Mul64(uint64(rows), uint64(width+2*border)); high != 0 || samples > math.MaxInt/8 {
			return fmt.Errorf("too many pixels: %w", ErrShape)
		}
	}
	return nil
}
