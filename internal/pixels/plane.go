// Package pixels holds single planes of samples: their statistics, their
// bytes, and their form as grayscale PNG.
package pixels

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// ErrSize is returned where a width, a height and a number of samples do not
// fit together.
var ErrSize = errors.New("width, height and samples do not fit together")

// Plane is one plane of samples in row order. The zero Plane is empty. Copies
// of a Plane share their samples.
type Plane struct {
	width, height int
	dtype         DType
	samples       any // a slice of the type that dtype names
}

// New returns a plane of zeros. Its error wraps [ErrSize].
func New(width, height int, dtype DType) (Plane, error) {
	n, err := area(width, height)
	if err != nil {
		return Plane{}, err
	}
	p := Plane{width: width, height: height, dtype: dtype}
	switch dtype {
	case Uint8:
		p.samples = make([]uint8, n)
	case Int8:
		p.samples = make([]int8, n)
	case Uint16:
		p.samples = make([]uint16, n)
	case Int16:
		p.samples = make([]int16, n)
	case Uint32:
		p.samples = make([]uint32, n)
	case Int32:
		p.samples = make([]int32, n)
	case Uint64:
		p.samples = make([]uint64, n)
	case Int64:
		p.samples = make([]int64, n)
	case Float32:
		p.samples = make([]float32, n)
	case Float64:
		p.samples = make([]float64, n)
	default:
		return Plane{}, fmt.Errorf("a plane of %s: %w", dtype, errors.ErrUnsupported)
	}
	return p, nil
}

// Of returns a plane over samples in row order, without copying them. Its error
// wraps [ErrSize].
func Of[T Sample](width, height int, samples []T) (Plane, error) {
	n, err := area(width, height)
	if err != nil {
		return Plane{}, err
	}
	if n != len(samples) {
		return Plane{}, fmt.Errorf("%d×%d pixels from %d samples: %w", width, height, len(samples), ErrSize)
	}
	return Plane{width: width, height: height, dtype: typeOf(samples), samples: samples}, nil
}

func area(width, height int) (int, error) {
	if width <= 0 || height <= 0 {
		return 0, fmt.Errorf("%d×%d pixels: %w", width, height, ErrSize)
	}
	high, low := bits.Mul64(uint64(width), uint64(height))
	if high != 0 || low > math.MaxInt/8 {
		return 0, fmt.Errorf("%d×%d pixels are too many: %w", width, height, ErrSize)
	}
	return int(low), nil
}

// Width returns the pixels of a row.
func (p Plane) Width() int { return p.width }

// Height returns the number of rows.
func (p Plane) Height() int { return p.height }

// Len returns the number of samples.
func (p Plane) Len() int { return p.width * p.height }

// DType returns the type of the samples, 0 for the zero Plane.
func (p Plane) DType() DType { return p.dtype }

// Samples returns a plane's samples in row order, not copied, or nil if they
// are not of type T.
func Samples[T Sample](p Plane) []T {
	samples, _ := p.samples.([]T)
	return samples
}

// Uint8s returns the samples in row order, not copied, or nil if they are not
// uint8.
func (p Plane) Uint8s() []uint8 { return Samples[uint8](p) }

// Uint16s returns the samples in row order, not copied, or nil if they are not
// uint16.
func (p Plane) Uint16s() []uint16 { return Samples[uint16](p) }

// Float32s returns the samples in row order, not copied, or nil if they are not
// float32.
func (p Plane) Float32s() []float32 { return Samples[float32](p) }

// At returns the sample in column x of row y. Integers of 64 bits are rounded
// to the nearest float64.
func (p Plane) At(x, y int) float64 {
	if x < 0 || x >= p.width || y < 0 || y >= p.height {
		panic(fmt.Sprintf("pixels: (%d, %d) is outside a plane of %d×%d", x, y, p.width, p.height))
	}
	i := y*p.width + x
	switch s := p.samples.(type) {
	case []uint8:
		return float64(s[i])
	case []int8:
		return float64(s[i])
	case []uint16:
		return float64(s[i])
	case []int16:
		return float64(s[i])
	case []uint32:
		return float64(s[i])
	case []int32:
		return float64(s[i])
	case []uint64:
		return float64(s[i])
	case []int64:
		return float64(s[i])
	case []float32:
		return float64(s[i])
	case []float64:
		return s[i]
	}
	panic("pixels: a sample of an empty plane")
}

// Clone returns a plane with samples of its own.
func (p Plane) Clone() Plane {
	switch s := p.samples.(type) {
	case []uint8:
		p.samples = slices.Clone(s)
	case []int8:
		p.samples = slices.Clone(s)
	case []uint16:
		p.samples = slices.Clone(s)
	case []int16:
		p.samples = slices.Clone(s)
	case []uint32:
		p.samples = slices.Clone(s)
	case []int32:
		p.samples = slices.Clone(s)
	case []uint64:
		p.samples = slices.Clone(s)
	case []int64:
		p.samples = slices.Clone(s)
	case []float32:
		p.samples = slices.Clone(s)
	case []float64:
		p.samples = slices.Clone(s)
	}
	return p
}

// Equal reports whether two planes have the same type, size and samples, bit
// for bit: a NaN equals the same NaN, and 0 differs from -0.
func (p Plane) Equal(q Plane) bool {
	if p.width != q.width || p.height != q.height || p.dtype != q.dtype {
		return false
	}
	same := true
	p.pieces(func(at int, piece []byte) bool {
		var other [pieceBytes]byte
		same = bytes.Equal(piece, q.encode(other[:], at/p.dtype.Size()))
		return same
	})
	return same
}
