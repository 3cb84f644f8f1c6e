package mibitiff

import "math"

// largest returns the largest sample of a channel's plane, uint16 or float32,
// as [Stats] has it: NaN is none, and where nothing else is, it is 0. Stats asks
// for more, which on every page that is written is noticed.
func largest(p Plane) float64 {
	if counts := Samples[uint16](p); counts != nil {
		return float64(most(counts, 0))
	}
	m := most(Samples[float32](p), float32(math.Inf(-1)))
	if math.IsInf(float64(m), -1) {
		// Nothing is larger: each sample is this or NaN.
		return p.Stats().Max
	}
	return float64(m)
}

// most returns the largest of the samples and least. Four at a time do not wait
// for each other.
func most[T uint16 | float32](samples []T, least T) T {
	a, b, c, d := least, least, least, least
	for ; len(samples) >= 4; samples = samples[4:] {
		if samples[0] > a {
			a = samples[0]
		}
		if samples[1] > b {
			b = samples[1]
		}
		if samples[2] > c {
			c = samples[2]
		}
		if samples[3] > d {
			d = samples[3]
		}
	}
	for _, v := range samples {
		if v > a {
			a = v
		}
	}
	return max(a, b, c, d)
}
