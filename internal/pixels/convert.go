package pixels

import (
	"errors"
	"fmt"
	"math"
	"strconv"
)

// ErrLossy is wrapped by the error for a conversion that would change a sample.
var ErrLossy = errors.New("the conversion would change a sample")

// Convert returns the plane with samples of another type and the same values.
// A sample that the type cannot hold is refused with an error that wraps
// [ErrLossy] and names the first such pixel. The same type returns the plane
// itself.
func (p Plane) Convert(dtype DType) (Plane, error) {
	if dtype == p.dtype {
		return p, nil
	}
	out, err := New(p.width, p.height, dtype)
	if err != nil {
		return Plane{}, err
	}
	lossy := -1
	switch s := p.samples.(type) {
	case []uint8:
		lossy = convertTo(out, s)
	case []int8:
		lossy = convertTo(out, s)
	case []uint16:
		lossy = convertTo(out, s)
	case []int16:
		lossy = convertTo(out, s)
	case []uint32:
		lossy = convertTo(out, s)
	case []int32:
		lossy = convertTo(out, s)
	case []uint64:
		lossy = convertTo(out, s)
	case []int64:
		lossy = convertTo(out, s)
	case []float32:
		lossy = convertTo(out, s)
	case []float64:
		lossy = convertTo(out, s)
	}
	if lossy >= 0 {
		return Plane{}, fmt.Errorf("column %d, row %d: %s as %s: %w",
			lossy%p.width, lossy/p.width, p.text(lossy), dtype, ErrLossy)
	}
	return out, nil
}

// text returns sample i as people write it.
func (p Plane) text(i int) string {
	switch s := p.samples.(type) {
	case []uint64:
		return fmt.Sprint(s[i])
	case []int64:
		return fmt.Sprint(s[i])
	}
	return strconv.FormatFloat(p.At(i%p.width, i/p.width), 'f', -1, 64)
}

// convertTo returns the first sample that out cannot hold, or -1.
func convertTo[T Sample](out Plane, from []T) int {
	switch to := out.samples.(type) {
	case []uint8:
		return convert(to, from, 0, 1<<8)
	case []int8:
		return convert(to, from, -1<<7, 1<<7)
	case []uint16:
		return convert(to, from, 0, 1<<16)
	case []int16:
		return convert(to, from, -1<<15, 1<<15)
	case []uint32:
		return convert(to, from, 0, 1<<32)
	case []int32:
		return convert(to, from, -1<<31, 1<<31)
	case []uint64:
		return convert(to, from, 0, 1<<64)
	case []int64:
		return convert(to, from, -1<<63, 1<<63)
	case []float32:
		return convertFloat(to, from)
	case []float64:
		return convertFloat(to, from)
	}
	return -1
}

// convert fills integers from those values that are from low to below limit.
func convert[U, T Sample](to []U, from []T, low, limit float64) int {
	float := T(1)/2 != 0
	for i, v := range from {
		// What a Go conversion makes of a float out of range depends on the
		// machine; one of an integer drops the high bits everywhere.
		if f := float64(v); float && !(f >= low && f < limit) {
			return i
		}
		u := U(v)
		if T(u) != v || (u < 0) != (v < 0) {
			return i
		}
		to[i] = u
	}
	return -1
}

// convertFloat fills floats. NaN stays NaN.
func convertFloat[U float32 | float64, T Sample](to []U, from []T) int {
	for i, v := range from {
		to[i] = U(v)
		if f := float64(to[i]); v == v && (f != float64(v) || !exact(v, f)) {
			return i
		}
	}
	return -1
}

// exact reports whether f, which is v rounded, is v: only integers of 64 bits
// are rounded by float64 itself.
func exact[T Sample](v T, f float64) bool {
	switch v := any(v).(type) {
	case uint64:
		return f < math.MaxUint64 && uint64(f) == v
	case int64:
		return f < math.MaxInt64 && int64(f) == v
	}
	return true
}
