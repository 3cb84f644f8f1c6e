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
	switch s := p.samples.(type) {
	case []uint8:
		return unsignedStats(s)
	case []int8:
		return signedStats(s)
	case []uint16:
		return unsignedStats(s)
	case []int16:
		return signedStats(s)
	case []uint32:
		return unsignedStats(s)
	case []int32:
		return signedStats(s)
	case []uint64:
		return wideStats(s)
	case []int64:
		return wideStats(s)
	case []float32:
		return floatStats(s)
	case []float64:
		return floatStats(s)
	}
	return Stats{}
}

func unsignedStats[T uint8 | uint16 | uint32](samples []T) Stats {
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

func signedStats[T int8 | int16 | int32](samples []T) Stats {
	low, high, sum, nonZero := samples[0], samples[0], int64(0), 0
	for _, v := range samples {
		low, high = min(low, v), max(high, v)
		sum += int64(v)
		if v != 0 {
			nonZero++
		}
	}
	return Stats{Min: float64(low), Max: float64(high), Sum: float64(sum), NonZero: nonZero}
}

// wideStats adds in float64, since the sum of integers of 64 bits may be none.
func wideStats[T uint64 | int64](samples []T) Stats {
	low, high, sum, nonZero := samples[0], samples[0], 0.0, 0
	for _, v := range samples {
		low, high = min(low, v), max(high, v)
		sum += float64(v)
		if v != 0 {
			nonZero++
		}
	}
	return Stats{Min: float64(low), Max: float64(high), Sum: sum, NonZero: nonZero}
}

func floatStats[T float32 | float64](samples []T) Stats {
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
	switch s := p.samples.(type) {
	case []uint8:
		return 8
	case []int8:
		return rangeOf(s)
	case []uint16:
		return rangeOf(s)
	case []int16:
		return rangeOf(s)
	case []uint32:
		return rangeOf(s)
	case []int32:
		return rangeOf(s)
	case []uint64:
		return rangeOf(s)
	case []int64:
		return rangeOf(s)
	case []float32:
		return rangeOf(s)
	case []float64:
		return rangeOf(s)
	}
	return 8
}

func rangeOf[T Sample](samples []T) int {
	fit := 8
	for _, v := range samples {
		f := float64(v)
		if !(f >= 0 && f <= math.MaxUint16) || f != float64(uint16(f)) {
			return 0
		}
		if f > math.MaxUint8 {
			fit = 16
		}
	}
	return fit
}
