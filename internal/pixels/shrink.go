package pixels

import "math"

// Halve returns the plane at half its resolution, for a pyramid: each sample is
// the mean of a block of two by two. A last column or row without a partner is
// its own partner, so that the result is (width+1)/2 by (height+1)/2.
//
// Means of integers are rounded, and what rounding took or gave is carried on to
// the next block in row order. Counts are sparse, and most of their means are
// below a half or just there: rounded each for itself, a faint channel would
// vanish from one level of a pyramid to the next, and another grow brighter.
// With the rest carried on, a part of the plane stays as bright as it is. A
// block of zeros stays zero.
//
// Means of floating-point samples are rounded to their type alone. NaNs do not
// enter them; where there is nothing else, the mean is NaN.
func (p Plane) Halve() Plane {
	out := Plane{width: (p.width + 1) / 2, height: (p.height + 1) / 2, dtype: p.dtype}
	switch s := p.samples.(type) {
	case []uint8:
		out.samples = halveIntegers(s, p.width)
	case []int8:
		out.samples = halveIntegers(s, p.width)
	case []uint16:
		out.samples = halveIntegers(s, p.width)
	case []int16:
		out.samples = halveIntegers(s, p.width)
	case []uint32:
		out.samples = halveIntegers(s, p.width)
	case []int32:
		out.samples = halveIntegers(s, p.width)
	case []uint64:
		out.samples = halveIntegers(s, p.width)
	case []int64:
		out.samples = halveIntegers(s, p.width)
	case []float32:
		out.samples = halveFloats(s, p.width)
	case []float64:
		out.samples = halveFloats(s, p.width)
	}
	return out
}

// rowPairs calls do with every two rows of a plane, and with where what becomes
// of them begins. The last row of an odd number comes with itself.
func rowPairs[T Sample](samples []T, width int, do func(top, bottom []T, at int)) {
	half := (width + 1) / 2
	for at := 0; len(samples) > 0; at += half {
		top, bottom := samples[:width], samples[:width]
		samples = samples[width:]
		if len(samples) > 0 {
			bottom, samples = samples[:width], samples[width:]
		}
		do(top, bottom, at)
	}
}

func halvedLen(n, width int) int {
	height := n / width
	return (width + 1) / 2 * ((height + 1) / 2)
}

func halveIntegers[T uint8 | int8 | uint16 | int16 | uint32 | int32 | uint64 | int64](samples []T, width int) []T {
	out := make([]T, halvedLen(len(samples), width))
	rest := T(2) // quarters: a half, so that the first mean is rounded to the nearest
	rowPairs(samples, width, func(top, bottom []T, at int) {
		rest = halveRow(out[at:at+(width+1)/2], top, bottom, rest)
	})
	return out
}

// halveRow halves two rows, with the quarters that are left of the blocks
// before, and returns those that are left.
func halveRow[T uint8 | int8 | uint16 | int16 | uint32 | int32 | uint64 | int64](row, top, bottom []T, rest T) T {
	// Each sample's quarter, rounded down also below zero, and what that
	// leaves: the sum of four samples need not fit into the type.
	top, bottom = top[:len(bottom)], bottom[:len(top)]
	for i := 0; i < len(top) && i < len(bottom) && len(row) > 0; i += 2 {
		next := min(i+1, len(top)-1)
		a, b, c, d := top[i], top[next], bottom[i], bottom[next]
		rest += a&3 + b&3 + c&3 + d&3
		row[0] = a>>2 + b>>2 + c>>2 + d>>2 + rest>>2
		rest, row = rest&3, row[1:]
	}
	return rest
}

func halveFloats[T float32 | float64](samples []T, width int) []T {
	out := make([]T, halvedLen(len(samples), width))
	rowPairs(samples, width, func(top, bottom []T, at int) {
		row := out[at : at+(width+1)/2]
		for i := range row[:width/2] {
			t, b := top[2*i:2*i+2], bottom[2*i:2*i+2]
			row[i] = T(meanOf(float64(t[0]), float64(t[1]), float64(b[0]), float64(b[1])))
		}
		if width%2 != 0 {
			t, b := float64(top[width-1]), float64(bottom[width-1])
			row[width/2] = T(meanOf(t, t, b, b))
		}
	})
	return out
}

func meanOf(a, b, c, d float64) float64 {
	sum := a + b + c + d
	if sum-sum == 0 { // neither NaN nor infinite
		return sum / 4
	}
	// Quarters first, so that the largest numbers do not become infinite.
	sum, n := 0.0, 0.0
	for _, v := range [...]float64{a, b, c, d} {
		if v == v {
			sum, n = sum+v/4, n+1
		}
	}
	if n == 0 {
		return math.NaN()
	}
	return sum / n * 4
}
