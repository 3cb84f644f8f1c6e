package mibitiff

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/openmibi/openmibi/internal/pixels"
)

// rowsOf returns what copies row y of a plane out as float64.
func rowsOf(p Plane) func(y int, dst []float64) {
	switch p.DType() {
	case Uint8:
		return copyingRows[uint8](p)
	case Int8:
		return copyingRows[int8](p)
	case Uint16:
		return copyingRows[uint16](p)
	case Int16:
		return copyingRows[int16](p)
	case Uint32:
		return copyingRows[uint32](p)
	case Int32:
		return copyingRows[int32](p)
	case Uint64:
		return copyingRows[uint64](p)
	case Int64:
		return copyingRows[int64](p)
	case Float32:
		return copyingRows[float32](p)
	}
	return copyingRows[float64](p)
}

func copyingRows[T pixels.Sample](p Plane) func(y int, dst []float64) {
	samples, width := pixels.Samples[T](p), p.Width()
	return func(y int, dst []float64) {
		for x, v := range samples[y*width : (y+1)*width] {
			dst[x] = float64(v)
		}
	}
}

// sampleRange is the range of an image's samples.
type sampleRange struct{ low, high float64 }

// largestResized bounds the samples that are resized, so that their sums stay
// finite.
const largestResized = 1e300

// finiteRange returns the range of all samples of the image, and refuses one
// that is no number or too large to be summed.
func (im *Image) finiteRange(ctx context.Context) (sampleRange, error) {
	stats, err := im.stats(ctx)
	if err != nil {
		return sampleRange{}, err
	}
	whole := sampleRange{math.Inf(1), math.Inf(-1)}
	for i, s := range stats {
		if s.NaN > 0 || s.Min < -largestResized || s.Max > largestResized {
			return whole, fmt.Errorf("channel %s: %w", im.name(i), notFinite(im.planes[i]))
		}
		whole = sampleRange{min(whole.low, s.Min), max(whole.high, s.Max)}
	}
	return whole, nil
}

// stats returns the statistics of each plane.
func (im *Image) stats(ctx context.Context) ([]Stats, error) {
	stats := make([]Stats, im.Len())
	err := inParallel(ctx, im.Len(), func(_ context.Context, i int) error {
		stats[i] = im.planes[i].Stats()
		return nil
	})
	return stats, err
}

// notFinite names the first pixel of a plane that cannot be resized.
func notFinite(p Plane) error {
	for y := range p.Height() {
		for x := range p.Width() {
			if v := p.At(x, y); !(math.Abs(v) <= largestResized) {
				return fmt.Errorf("column %d, row %d is %v: %w", x, y, v, ErrNotFinite)
			}
		}
	}
	return ErrNotFinite
}

// clip limits values to the range.
func (r sampleRange) clip(values []float64) {
	for i, v := range values {
		values[i] = min(max(v, r.low), r.high)
	}
}

// narrow returns values within the range as a plane of a type that holds the
// range. Integers lose their fraction, but for what rounding alone took from a
// whole number.
func (r sampleRange) narrow(values []float64, width, height int, dtype DType) (Plane, error) {
	const roundingError = 0x1p-40
	slack := max(-r.low, r.high) * roundingError
	switch dtype {
	case Uint8:
		return pixels.Of(width, height, whole[uint8](values, slack))
	case Int8:
		return pixels.Of(width, height, whole[int8](values, slack))
	case Uint16:
		return pixels.Of(width, height, whole[uint16](values, slack))
	case Int16:
		return pixels.Of(width, height, whole[int16](values, slack))
	case Uint32:
		return pixels.Of(width, height, whole[uint32](values, slack))
	case Int32:
		return pixels.Of(width, height, whole[int32](values, slack))
	case Uint64:
		return pixels.Of(width, height, whole[uint64](values, slack))
	case Int64:
		return pixels.Of(width, height, whole[int64](values, slack))
	case Float32:
		samples := make([]float32, len(values))
		for i, v := range values {
			samples[i] = float32(v)
		}
		return pixels.Of(width, height, samples)
	case Float64:
		return pixels.Of(width, height, values)
	}
	return Plane{}, fmt.Errorf("samples of %s: %w", dtype, errors.ErrUnsupported)
}

type integer interface {
	uint8 | int8 | uint16 | int16 | uint32 | int32 | uint64 | int64
}

// whole drops fractions. A value next to the ends of a 64-bit type, which
// float64 rounds to beyond them, becomes the end.
func whole[T integer](values []float64, slack float64) []T {
	highest := T(1)
	for highest<<1|1 > highest {
		highest = highest<<1 | 1
	}
	lowest := ^highest
	samples := make([]T, len(values))
	for i, v := range values {
		if nearest := math.Round(v); math.Abs(v-nearest) <= slack {
			v = nearest
		}
		switch {
		case v >= float64(highest):
			samples[i] = highest
		case v <= float64(lowest):
			samples[i] = lowest
		default:
			samples[i] = T(v)
		}
	}
	return samples
}
