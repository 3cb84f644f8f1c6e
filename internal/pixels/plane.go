// Package pixels holds single planes of samples: their statistics, their
// bytes, and their form as grayscale PNG.
package pixels

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"math/bits"
)

// Sample is a type that a plane's samples can have.
type Sample interface {
	uint8 | uint16 | float32
}

// DType names the type of a plane's samples.
type DType uint8

// The types of samples. The zero DType is none of them.
const (
	Uint8 DType = iota + 1
	Uint16
	Float32
)

// String returns the type's name as numpy spells it: "uint8", "uint16",
// "float32".
func (d DType) String() string {
	switch d {
	case Uint8:
		return "uint8"
	case Uint16:
		return "uint16"
	case Float32:
		return "float32"
	}
	return fmt.Sprintf("DType(%d)", uint8(d))
}

// Size returns the bytes of one sample, 0 for no type.
func (d DType) Size() int {
	switch d {
	case Uint8:
		return 1
	case Uint16:
		return 2
	case Float32:
		return 4
	}
	return 0
}

// ErrSize is returned where a width, a height and a number of samples do not
// fit together.
var ErrSize = errors.New("width, height and samples do not fit together")

// Plane is one plane of samples in row order. The zero Plane is empty. Copies
// of a Plane share their samples.
type Plane struct {
	width, height int
	// Exactly one of these is set, by the type of the samples.
	u8  []uint8
	u16 []uint16
	f32 []float32
}

// New returns a plane of zeros. Its error wraps [ErrSize].
func New(width, height int, dtype DType) (Plane, error) {
	samples, err := area(width, height)
	if err != nil {
		return Plane{}, err
	}
	p := Plane{width: width, height: height}
	switch dtype {
	case Uint8:
		p.u8 = make([]uint8, samples)
	case Uint16:
		p.u16 = make([]uint16, samples)
	case Float32:
		p.f32 = make([]float32, samples)
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
	p := Plane{width: width, height: height}
	switch s := any(samples).(type) {
	case []uint8:
		p.u8 = s
	case []uint16:
		p.u16 = s
	case []float32:
		p.f32 = s
	}
	return p, nil
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
func (p Plane) DType() DType {
	switch {
	case p.u8 != nil:
		return Uint8
	case p.u16 != nil:
		return Uint16
	case p.f32 != nil:
		return Float32
	}
	return 0
}

// Uint8s returns the samples in row order, not copied, or nil if they are not
// uint8.
func (p Plane) Uint8s() []uint8 { return p.u8 }

// Uint16s returns the samples in row order, not copied, or nil if they are not
// uint16.
func (p Plane) Uint16s() []uint16 { return p.u16 }

// Float32s returns the samples in row order, not copied, or nil if they are not
// float32.
func (p Plane) Float32s() []float32 { return p.f32 }

// At returns the sample in column x of row y.
func (p Plane) At(x, y int) float64 {
	if x < 0 || x >= p.width || y < 0 || y >= p.height {
		panic(fmt.Sprintf("pixels: (%d, %d) is outside a plane of %d×%d", x, y, p.width, p.height))
	}
	i := y*p.width + x
	switch {
	case p.u8 != nil:
		return float64(p.u8[i])
	case p.u16 != nil:
		return float64(p.u16[i])
	}
	return float64(p.f32[i])
}

// Equal reports whether two planes have the same type, size and samples, bit
// for bit: a NaN equals the same NaN, and 0 differs from -0.
func (p Plane) Equal(q Plane) bool {
	if p.width != q.width || p.height != q.height || p.DType() != q.DType() {
		return false
	}
	return bytes.Equal(p.nativeBytes(), q.nativeBytes())
}
