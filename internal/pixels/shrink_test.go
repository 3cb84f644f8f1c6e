package pixels_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/openmibi/openmibi/internal/pixels"
)

func TestHalve(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ from, want pixels.Plane }{
		"one pixel":          {plane[uint16](t, 1, 1, 7), plane[uint16](t, 1, 1, 7)},
		"a flat plane":       {plane[uint8](t, 4, 2, 9, 9, 9, 9, 9, 9, 9, 9), plane[uint8](t, 2, 1, 9, 9)},
		"a half rounds up":   {plane[uint16](t, 2, 2, 1, 1, 0, 0), plane[uint16](t, 1, 1, 1)},
		"a quarter down":     {plane[uint16](t, 2, 2, 1, 0, 0, 0), plane[uint16](t, 1, 1, 0)},
		"the rest goes on":   {plane[uint16](t, 8, 2, 1, 0, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0), plane[uint16](t, 4, 1, 0, 1, 0, 0)},
		"to the next row":    {plane[uint16](t, 2, 4, 1, 0, 0, 0, 1, 0, 0, 0), plane[uint16](t, 1, 2, 0, 1)},
		"zeros stay zeros":   {plane[uint16](t, 6, 1, 3, 0, 0, 0, 0, 0), plane[uint16](t, 3, 1, 2, 0, 0)},
		"an odd width":       {plane[int16](t, 3, 2, 4, 4, -8, 4, 4, -8), plane[int16](t, 2, 1, 4, -8)},
		"an odd height":      {plane[int32](t, 2, 3, 4, 4, 4, 4, -8, -8), plane[int32](t, 1, 2, 4, -8)},
		"an odd corner":      {plane[uint8](t, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 255), plane[uint8](t, 2, 2, 0, 0, 0, 255)},
		"below zero":         {plane[int8](t, 4, 2, -1, -1, -1, 0, -1, -1, 0, 0), plane[int8](t, 2, 1, -1, 0)},
		"largest":            {plane[uint64](t, 2, 2, math.MaxUint64, math.MaxUint64, math.MaxUint64, math.MaxUint64), plane[uint64](t, 1, 1, math.MaxUint64)},
		"smallest":           {plane[int64](t, 2, 2, math.MinInt64, math.MinInt64, math.MinInt64, math.MinInt64), plane[int64](t, 1, 1, math.MinInt64)},
		"floats":             {plane[float32](t, 3, 2, 1, 0, 0.5, 0, 0, 0), plane[float32](t, 2, 1, 0.25, 0.25)},
		"without NaNs":       {plane[float64](t, 2, 2, math.NaN(), 1, 2, 3), plane[float64](t, 1, 1, 2)},
		"the largest floats": {plane(t, 2, 2, math.MaxFloat64, math.MaxFloat64, math.MaxFloat64, math.MaxFloat64), plane(t, 1, 1, math.MaxFloat64)},
		"infinity":           {plane(t, 2, 1, math.Inf(-1), 1), plane(t, 1, 1, math.Inf(-1))},
		"an empty plane":     {pixels.Plane{}, pixels.Plane{}},
	} {
		if got := c.from.Halve(); !got.Equal(c.want) {
			t.Errorf("%s: %d×%d %v, want %v", name, got.Width(), got.Height(), values(got), values(c.want))
		}
	}
	nan := plane(t, 2, 1, math.NaN(), math.NaN()).Halve()
	if nan.Len() != 1 || !math.IsNaN(nan.At(0, 0)) {
		t.Errorf("the mean of NaNs is %v", values(nan))
	}
}

func values(p pixels.Plane) (out []float64) {
	for i := range p.Len() {
		out = append(out, p.At(i%p.Width(), i/p.Width()))
	}
	return out
}

// TestHalveKeepsSums holds the running sum of the result against that of the
// blocks, with numbers of any size: after each block the one is a quarter of
// the other, rounded.
func TestHalveKeepsSums(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	checkSums(t, random, func() uint8 { return uint8(random.Uint64()) })
	checkSums(t, random, func() int8 { return int8(random.Uint64()) })
	checkSums(t, random, func() uint16 { return uint16(random.IntN(20) / 19) })
	checkSums(t, random, func() int16 { return int16(random.Uint64()) })
	checkSums(t, random, random.Uint32)
	checkSums(t, random, func() int32 { return int32(random.Uint64()) })
	checkSums(t, random, random.Uint64)
	checkSums(t, random, func() int64 { return int64(random.Uint64()) })
}

func checkSums[T pixels.Sample](t *testing.T, random *rand.Rand, next func() T) {
	t.Helper()
	number := func(v T) *big.Int {
		if u, ok := any(v).(uint64); ok {
			return new(big.Int).SetUint64(u)
		}
		return big.NewInt(int64(v))
	}
	for range 20 {
		width, height := 1+random.IntN(9), 1+random.IntN(9)
		samples := slices.Collect(func(yield func(T) bool) {
			for range width * height {
				if !yield(next()) {
					return
				}
			}
		})
		half := plane(t, width, height, samples...).Halve()
		if half.Width() != (width+1)/2 || half.Height() != (height+1)/2 {
			t.Fatalf("%d×%d became %d×%d", width, height, half.Width(), half.Height())
		}
		before, after := big.NewInt(2), new(big.Int) // 2 quarters round to the nearest
		for i, got := range pixels.Samples[T](half) {
			x, y := 2*(i%half.Width()), 2*(i/half.Width())
			for _, column := range []int{x, min(x+1, width-1)} {
				for _, row := range []int{y, min(y+1, height-1)} {
					before.Add(before, number(samples[row*width+column]))
				}
			}
			after.Add(after, number(got))
			if want := new(big.Int).Rsh(before, 2); after.Cmp(want) != 0 {
				t.Fatalf("%T %d×%d: the first %d samples add up to %v, want %v", got, width, height, i+1, after, want)
			}
		}
	}
}

func BenchmarkHalve(b *testing.B) {
	p, err := pixels.New(1024, 1024, pixels.Uint16)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(p.Len()) * 2)
	for b.Loop() {
		p.Halve()
	}
}
