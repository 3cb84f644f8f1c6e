package pixels

import (
	"errors"
	"fmt"
)

// ErrLossy is wrapped by the error for a conversion that would change a sample.
var ErrLossy = errors.New("the conversion would change a sample")

// Convert returns the plane with samples of another type and the same values.
// A sample that the type cannot hold is refused with an error that wraps
// [ErrLossy] and names the first such pixel. The same type returns the plane
// itself.
func (p Plane) Convert(dtype DType) (Plane, error) {
	if dtype == p.DType() {
		return p, nil
	}
	out, err := New(p.width, p.height, dtype)
	if err != nil {
		return Plane{}, err
	}
	for i := range p.Len() {
		x, y := i%p.width, i/p.width
		value := p.At(x, y)
		switch dtype {
		case Uint8:
			out.u8[i] = uint8(inRange(value, 1<<8))
		case Uint16:
			out.u16[i] = uint16(inRange(value, 1<<16))
		case Float32:
			out.f32[i] = float32(value)
		}
		if out.At(x, y) != value && value == value {
			return Plane{}, fmt.Errorf("column %d, row %d: %v as %s: %w", x, y, value, dtype, ErrLossy)
		}
		if value != value && dtype != Float32 {
			return Plane{}, fmt.Errorf("column %d, row %d: NaN as %s: %w", x, y, dtype, ErrLossy)
		}
	}
	return out, nil
}

// inRange returns 0 for a value that an unsigned integer below limit cannot
// hold: what a Go conversion makes of such a value depends on the machine.
func inRange(value, limit float64) float64 {
	if value >= 0 && value < limit {
		return value
	}
	return 0
}
