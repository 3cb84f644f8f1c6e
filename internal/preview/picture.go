// Package preview makes pictures of planes that are small enough for a
// terminal, and draws them there: in half blocks of grays, in characters, or as
// pixels in the way of kitty.
package preview

import (
	"math"
	"slices"

	"github.com/openmibi/openmibi/internal/pixels"
)

// Picture is a plane made small, in grays.
type Picture struct {
	// Width and Height are in pixels.
	Width, Height int
	// Shades has a gray for each pixel, row after row: 0 is black and nothing
	// else is, 255 is white.
	Shades []uint8
	// White is the value that is shown white, and so is what is above it; it is
	// in the plane's units, of the means that the pixels are. 0 where the plane
	// has no value above zero.
	White float64
}

const (
	// whitest is the part of the non-zero pixels that is not shown all white: a
	// few hot pixels would leave the rest dark.
	whitest = 0.995
	// dimmest is the gray of the smallest value, which an eye still tells from
	// black.
	dimmest = 24
)

// Of makes a plane at most so many pixels wide and high; it is never made
// larger, nor is its aspect kept: see [Fit].
//
// A pixel is the mean of what it stands for, not rounded: ion counts are
// sparse, and means of faint channels are far below one. The largest value would
// show each single count of a faint channel as bright as a cell. Shades are
// linear, from what is just not zero up to the brightest pixels but one in 200.
// So a faint channel is as visible as a strong one, and White tells them apart.
// Negative values are shown as zero; NaNs and infinities enter no mean.
func Of(plane pixels.Plane, width, height int) Picture {
	if plane.Len() == 0 {
		return Picture{}
	}
	width, height = min(max(width, 1), plane.Width()), min(max(height, 1), plane.Height())
	means := shrink(plane, width, height)
	p := Picture{Width: width, Height: height, Shades: make([]uint8, len(means))}
	lit := slices.DeleteFunc(slices.Clone(means), func(v float64) bool { return v <= 0 })
	if len(lit) == 0 {
		return p
	}
	slices.Sort(lit)
	p.White = lit[int(math.Ceil(whitest*float64(len(lit))))-1]
	for i, v := range means {
		if v > 0 {
			p.Shades[i] = uint8(dimmest + math.Round((255-dimmest)*min(1, v/p.White)))
		}
	}
	return p
}

// shrink gives the mean of the samples that each pixel stands for.
func shrink(plane pixels.Plane, width, height int) []float64 {
	sums, counts := make([]float64, width*height), make([]int, width*height)
	for y := range plane.Height() {
		row := y * height / plane.Height() * width
		for x := range plane.Width() {
			if v := plane.At(x, y); !math.IsNaN(v) && !math.IsInf(v, 0) {
				i := row + x*width/plane.Width()
				sums[i] += v
				counts[i]++
			}
		}
	}
	for i, n := range counts {
		if sums[i] /= float64(max(n, 1)); math.IsInf(sums[i], 0) {
			sums[i] = math.Copysign(math.MaxFloat64, sums[i])
		}
	}
	return sums
}

// Fit gives the columns and rows of a terminal that show an image of so many
// pixels in its aspect, in at most so many columns and rows, and in no more
// columns than it has pixels. A character is taken for twice as high as wide.
func Fit(width, height, columns, rows int) (c, r int) {
	width, height = max(width, 1), max(height, 1)
	c = max(min(columns, width), 1)
	high := func() int { return max(1, int(math.Round(float64(c)*float64(height)/float64(width)/2))) }
	if r = high(); r > rows {
		r = max(rows, 1)
		c = max(1, min(c, int(float64(2*r)*float64(width)/float64(height))))
	}
	return c, r
}
