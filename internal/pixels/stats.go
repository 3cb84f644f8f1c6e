package pixels

import "math"

// Stats describes the samples of a plane. Samples that are NaN are counted and
// enter nothing else.
type Stats struct {
	// Min and Max are the smallest and the largest sample, 0 if there is none.
	Min, Max float64
	// Sum is the sum in row order.
	Sum float64
	// NonZero counts the samples that are not zero.
	NonZero int
	// NaN counts the samples that are not numbers.
	NaN int
}

// Stats looks at every sample.
func (p Plane) Stats() Stats {
	switch {
	case p.u8 != nil:
		return integerStats(p.u8)
	case p.u16 != nil:
		return integerStats(p.u16)
	}
	return floatStats(p.f32)
}

func integerStats[T uint8 | uint16](samples []T) Stats {
	if len(samples) == 0 {
		return Stats{}
	}
	low, high, sum, nonZero := samples[0], samples[0], uint64(0), 0
	for _, v := range samples {
		low, high = min(low, v), max(high, v)
		sum += uint64(v)
		if v != 0 {
			nonZero++
		}
	}
	return Stats{Min: float64(low), Max: float64(high), Sum: float64(sum), NonZero: nonZero}
}

func floatStats(samples []float32) Stats {
	s := Stats{Min: math.Inf(1), Max: math.Inf(-1)}
	for _, sample := range samples {
		v := float64(sample)
		switch {
		case v == 0:
		case v != v:
			s.NaN++
			continue
		default:
			s.NonZero++
		}
		s.Sum += v
		s.Min, s.Max = min(s.Min, v), max(s.Max, v)
	}
	if s.Min > s.Max {
		s.Min, s.Max = 0, 0
	}
	return s
}

// IntegerRange tells in how many bits of an unsigned integer every sample fits
// without a change: 8 (whole numbers from 0 to 255), 16 (0 to 65535), or 0 if
// a sample is negative, fractional, larger or no number.
func (p Plane) IntegerRange() int {
	switch {
	case p.u8 != nil:
		return 8
	case p.u16 != nil:
		for _, v := range p.u16 {
			if v > math.MaxUint8 {
				return 16
			}
		}
		return 8
	}
	fit := 8
	for _, v := range p.f32 {
		if !(v >= 0 && v <= math.MaxUint16) || v != float32(uint16(v)) {
			return 0
		}
		if v > math.MaxUint8 {
			fit = 16
		}
	}
	return fit
}
