package mibitiff

import (
	"context"
	"math"
)

// The resizing is interpolation by a cubic spline through the samples, along
// columns and rows one after the other. A pixel is a square, so the new pixels
// divide the same square: the centre of new pixel k lies at (k+½)·from/to-½ in
// old pixels. Beyond the border the outermost sample goes on for ever.

// border is how many samples the four-point kernel reaches beyond either end.
const border = 2

// pole is where the recursive filter has its pole that turns samples into
// coefficients of a cubic B-spline, and gain what it multiplies them with.
var pole = math.Sqrt(3) - 2

const gain = 6

// axis says how the samples along one axis are made from others: sample k is
// the sum of four coefficients from first[k] on, by their weights.
type axis struct {
	from, to int
	first    []int
	weights  [][4]float64
}

func newAxis(from, to int) axis {
	a := axis{from: from, to: to, first: make([]int, to), weights: make([][4]float64, to)}
	for k := range to {
		at := (float64(k)+0.5)*(float64(from)/float64(to)) - 0.5
		// Rounding must not reach beyond the border.
		floor := min(max(math.Floor(at), -1), float64(from-1))
		x := at - floor
		y := 1 - x
		// Coefficients are counted from the border, and the kernel begins one
		// before the sample.
		a.first[k] = int(floor) + border - 1
		a.weights[k] = [4]float64{
			y * y * y / 6,
			(4 - 3*x*x*(2-x)) / 6,
			(4 - 3*y*y*(2-y)) / 6,
			x * x * x / 6,
		}
	}
	return a
}

// toCoefficients turns count samples of each of width columns, with the border
// around them not yet filled, into coefficients. Columns lie side by side:
// sample i of column j is at i*width+j.
func toCoefficients(samples []float64, count, width int) {
	n := count + 2*border
	row := func(i int) []float64 { return samples[i*width : (i+1)*width] }
	for i := border; i < border+count; i++ {
		for j, v := range row(i) {
			row(i)[j] = gain * v
		}
	}
	for i := range border {
		copy(row(i), row(border))
		copy(row(n-1-i), row(n-1-border))
	}
	// The sums over the samples that go on for ever have a closed form.
	last := append([]float64(nil), row(n-1)...)
	for j, v := range row(0) {
		row(0)[j] = v / (1 - pole)
	}
	for i := 1; i < n; i++ {
		before, at := row(i-1), row(i)
		for j := range at {
			at[j] += pole * before[j]
		}
	}
	end := row(n - 1)
	for j, v := range end {
		level := last[j] / (1 - pole)
		end[j] = -pole * (level/(1-pole) + (v-level)/(1-pole*pole))
	}
	for i := n - 2; i >= 0; i-- {
		at, after := row(i), row(i+1)
		for j := range at {
			at[j] = pole * (after[j] - at[j])
		}
	}
}

// stripColumns is how many columns are worked on together: few enough for a
// processor's cache, enough that their recursions overlap.
const stripColumns = 32

// resample returns the samples of a plane, which row copies out, on other axes.
func resample(ctx context.Context, row func(y int, dst []float64), rows, columns axis) ([]float64, error) {
	if rows.from == rows.to && columns.from == columns.to {
		return copyRows(row, rows.from, columns.from), nil
	}
	// Along the rows, which are laid side by side as columns are.
	wide := make([]float64, rows.from*columns.to)
	line := make([]float64, columns.from)
	strip := make([]float64, stripColumns*(max(rows.from, columns.from)+2*border))
	for y := 0; y < rows.from; y += stripColumns {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		side := min(stripColumns, rows.from-y)
		for j := range side {
			row(y+j, line)
			for i, v := range line {
				strip[(i+border)*side+j] = v
			}
		}
		toCoefficients(strip[:side*(columns.from+2*border)], columns.from, side)
		for k := range columns.to {
			at, w := strip[columns.first[k]*side:], columns.weights[k]
			for j := range side {
				wide[(y+j)*columns.to+k] = w[0]*at[j] + w[1]*at[side+j] + w[2]*at[2*side+j] + w[3]*at[3*side+j]
			}
		}
	}
	return resampleRows(ctx, wide, strip, rows, columns.to)
}

// resampleRows does the other axis.
func resampleRows(ctx context.Context, wide, strip []float64, rows axis, width int) ([]float64, error) {
	out := make([]float64, rows.to*width)
	for x := 0; x < width; x += stripColumns {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		side := min(stripColumns, width-x)
		for y := range rows.from {
			copy(strip[(y+border)*side:(y+border+1)*side], wide[y*width+x:])
		}
		toCoefficients(strip[:side*(rows.from+2*border)], rows.from, side)
		for k := range rows.to {
			at, w, to := strip[rows.first[k]*side:], rows.weights[k], out[k*width+x:]
			for j := range side {
				to[j] = w[0]*at[j] + w[1]*at[side+j] + w[2]*at[2*side+j] + w[3]*at[3*side+j]
			}
		}
	}
	return out, nil
}

// copyRows returns the samples as they are.
func copyRows(row func(y int, dst []float64), height, width int) []float64 {
	samples := make([]float64, height*width)
	for y := range height {
		row(y, samples[y*width:(y+1)*width])
	}
	return samples
}
