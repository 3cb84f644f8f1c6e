package preview

import (
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/pixels"
)

func planeOf[T pixels.Sample](t testing.TB, width int, samples ...T) pixels.Plane {
	t.Helper()
	p, err := pixels.Of(width, len(samples)/width, samples)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestOf(t *testing.T) {
	t.Parallel()
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, test := range []struct {
		name          string
		plane         pixels.Plane
		width, height int
		want          Picture
	}{
		{"as it is", planeOf[uint16](t, 3, 0, 1, 2, 3, 4, 0), 9, 9,
			Picture{3, 2, []uint8{0, 82, 140, 197, 255, 0}, 4}},
		{"means below one stay", planeOf[uint8](t, 4, 0, 0, 1, 0, 0, 0, 0, 0), 2, 1,
			Picture{2, 1, []uint8{0, 255}, 0.25}},
		{"uneven parts", planeOf[uint8](t, 5, 4, 4, 4, 2, 2), 2, 1,
			Picture{2, 1, []uint8{255, 140}, 4}},
		{"nothing", planeOf[uint16](t, 2, 0, 0), 2, 2, Picture{2, 1, []uint8{0, 0}, 0}},
		{"below zero is black", planeOf[int16](t, 2, -5, 5), 2, 1, Picture{2, 1, []uint8{0, 255}, 5}},
		{"no numbers enter nothing", planeOf(t, 4, nan, 2, inf, nan), 2, 1, Picture{2, 1, []uint8{255, 0}, 2}},
		{"the largest numbers", planeOf(t, 2, math.MaxFloat64, math.MaxFloat64), 1, 1, Picture{1, 1, []uint8{255}, math.MaxFloat64}},
		{"the smallest number", planeOf(t, 1, math.SmallestNonzeroFloat64), 1, 1, Picture{1, 1, []uint8{255}, math.SmallestNonzeroFloat64}},
		{"no size", planeOf[uint8](t, 2, 1, 1), 0, -1, Picture{1, 1, []uint8{255}, 1}},
		{"no plane", pixels.Plane{}, 2, 2, Picture{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, Of(test.plane, test.width, test.height)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A channel with one count in 1,000 pixels is as visible as a strong one, and a
// few hot pixels do not darken it.
func TestOfFaintChannel(t *testing.T) {
	t.Parallel()
	samples := make([]uint16, 1024*1024)
	for y := range 512 { // the upper half has counts
		for x := y % 32; x < 1024; x += 32 {
			if y%32 == 0 {
				samples[y*1024+x] = 1
			}
		}
	}
	samples[1023*1024] = 60000
	p := Of(planeOf(t, 1024, samples...), 64, 64)
	if p.White != 1.0/256 {
		t.Errorf("white is %v", p.White)
	}
	lit := 0
	for _, shade := range p.Shades[:32*64] {
		if shade == 255 {
			lit++
		}
	}
	if lit != 16*32 || p.Shades[63*64] != 255 || p.Shades[62*64] != 0 {
		t.Errorf("%d pixels are lit, the hot one is %d", lit, p.Shades[63*64])
	}
}

func TestFit(t *testing.T) {
	t.Parallel()
	for _, test := range [][6]int{ // width, height, columns, rows, want
		{1024, 1024, 80, 100, 80, 40},
		{1024, 1024, 80, 22, 44, 22},
		{32, 32, 80, 100, 32, 16},
		{2048, 1024, 80, 100, 80, 20},
		{1024, 2048, 80, 20, 20, 20},
		{1, 1000000, 80, 20, 1, 20},
		{1000000, 1, 80, 20, 80, 1},
		{0, 0, 0, 0, 1, 1},
	} {
		if c, r := Fit(test[0], test[1], test[2], test[3]); c != test[4] || r != test[5] {
			t.Errorf("%v: %d columns, %d rows", test, c, r)
		}
	}
}
