package mibitiff_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// naiveResize evaluates the spline pixel by pixel from its definition: each
// coefficient is a sum over the samples around it, each sample the outermost
// one where it lies outside.
func naiveResize(p mibitiff.Plane, height, width int) []float64 {
	const reach = 28 // |√3-2|²⁸ < 10⁻¹⁵
	var response [reach + 1]float64
	for i := range response {
		response[i] = math.Sqrt(3) * math.Pow(math.Sqrt(3)-2, float64(i))
	}
	sample := func(y, x int) float64 {
		return p.At(min(max(x, 0), p.Width()-1), min(max(y, 0), p.Height()-1))
	}
	coefficient := func(y, x int) float64 {
		sum := 0.0
		for i := -reach; i <= reach; i++ {
			for j := -reach; j <= reach; j++ {
				sum += response[max(i, -i)] * response[max(j, -j)] * sample(y+i, x+j)
			}
		}
		return sum
	}
	spline := func(x float64) float64 {
		switch x = math.Abs(x); {
		case x < 1:
			return 2.0/3 - x*x + x*x*x/2
		case x < 2:
			return (2 - x) * (2 - x) * (2 - x) / 6
		}
		return 0
	}
	coefficients := map[[2]int]float64{}
	out := make([]float64, 0, height*width)
	for y := range height {
		atY := (float64(y)+0.5)*float64(p.Height())/float64(height) - 0.5
		for x := range width {
			atX := (float64(x)+0.5)*float64(p.Width())/float64(width) - 0.5
			sum := 0.0
			for i := int(math.Floor(atY)) - 1; i <= int(math.Floor(atY))+2; i++ {
				for j := int(math.Floor(atX)) - 1; j <= int(math.Floor(atX))+2; j++ {
					c, known := coefficients[[2]int{i, j}]
					if !known {
						c = coefficient(i, j)
						coefficients[[2]int{i, j}] = c
					}
					sum += c * spline(atY-float64(i)) * spline(atX-float64(j))
				}
			}
			out = append(out, sum)
		}
	}
	return out
}

// randomPlane makes a plane of samples up to a largest.
func randomPlane[T uint8 | uint16 | int16 | float32 | float64](t testing.TB, random *rand.Rand, width, height int, largest float64) mibitiff.Plane {
	samples := make([]T, width*height)
	for i := range samples {
		samples[i] = T(random.Float64() * largest)
	}
	return newPlane(t, width, height, samples)
}

func oneChannel(t testing.TB, plane mibitiff.Plane) *mibitiff.Image {
	t.Helper()
	im, err := mibitiff.NewImage(mibi.Metadata{}, []mibi.Channel{{Mass: 1, Target: "a"}}, []mibitiff.Plane{plane})
	if err != nil {
		t.Fatal(err)
	}
	return im
}

func TestResizeIsTheSpline(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	sizes := [][4]int{ // width and height, before and after
		{1, 1, 5, 5}, {1, 1, 1, 1}, {2, 1, 6, 3}, {2, 2, 7, 7}, {3, 3, 2, 2}, {7, 7, 1, 1}, {5, 10, 8, 16}, {9, 9, 20, 20}, {13, 13, 4, 4}, {40, 35, 8, 7},
	}
	for range 20 {
		w, h, before, after := 1+random.IntN(4), 1+random.IntN(4), 1+random.IntN(6), 1+random.IntN(8)
		sizes = append(sizes, [4]int{w * before, h * before, w * after, h * after})
	}
	for _, size := range sizes {
		plane := randomPlane[float64](t, random, size[0], size[1], 1)
		im := oneChannel(t, plane)
		resized, err := im.Resize(t.Context(), size[2], size[3])
		if err != nil {
			t.Fatal(err)
		}
		stats := plane.Stats()
		if resized.Width() != size[2] || resized.Height() != size[3] || resized.DType() != mibitiff.Float64 {
			t.Errorf("%v: %s", size, resized)
		}
		for i, want := range naiveResize(plane, size[3], size[2]) {
			got := mibitiff.Samples[float64](resized.Planes()[0])[i]
			if want = min(max(want, stats.Min), stats.Max); math.Abs(got-want) > 1e-13 {
				t.Fatalf("%v: sample %d is %v, want %v", size, i, got, want)
			}
		}
	}
}

func TestResizeKeepsType(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for _, plane := range []mibitiff.Plane{
		randomPlane[uint8](t, random, 9, 9, 256), randomPlane[uint16](t, random, 9, 9, 1<<16), randomPlane[int16](t, random, 9, 9, 1<<15),
		randomPlane[float32](t, random, 9, 9, 1000), randomPlane[float64](t, random, 9, 9, 1e-5),
	} {
		im := oneChannel(t, plane)
		exact, err := im.Resize(t.Context(), 14, 14)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := im.Resize(t.Context(), 14, 14, mibitiff.KeepType())
		if err != nil {
			t.Fatal(err)
		}
		if kept.DType() != plane.DType() {
			t.Errorf("%s became %s", plane.DType(), kept.DType())
		}
		for i, v := range mibitiff.Samples[float64](exact.Planes()[0]) {
			want := math.Trunc(v)
			switch plane.DType() {
			case mibitiff.Float64:
				want = v
			case mibitiff.Float32:
				want = float64(float32(v))
			}
			if got := kept.Planes()[0].At(i%14, i/14); got != want {
				t.Fatalf("%s: sample %d is %v of %v", plane.DType(), i, got, v)
			}
		}
	}
}

// TestResizeOfWholeNumbers resizes areas of one value, within which nothing
// but rounding can make another value, at the ends of each integer type.
func TestResizeOfWholeNumbers(t *testing.T) {
	t.Parallel()
	u8, i32 := make([]uint8, 64*64), make([]int32, 64*64)
	u64, i64 := make([]uint64, 64*64), make([]int64, 64*64)
	for i := range 64 * 64 {
		u8[i], i32[i], u64[i], i64[i] = 3, math.MinInt32, 0, math.MinInt64
		if i%64 >= 32 {
			u8[i], i32[i], u64[i], i64[i] = 255, math.MaxInt32, math.MaxUint64, math.MaxInt64
		}
	}
	for _, plane := range []mibitiff.Plane{newPlane(t, 64, 64, u8), newPlane(t, 64, 64, i32), newPlane(t, 64, 64, u64), newPlane(t, 64, 64, i64)} {
		resized, err := oneChannel(t, plane).Resize(t.Context(), 128, 128, mibitiff.KeepType())
		if err != nil {
			t.Fatal(err)
		}
		// Where the edge in the middle no longer counts. The larger types have
		// more digits than a float64.
		tolerance := plane.Stats().Max * 1e-12
		if plane.DType() == mibitiff.Uint8 {
			tolerance = 0
		}
		for y := range 128 {
			for _, x := range []int{0, 1, 2, 10, 117, 125, 126, 127} {
				if got, want := resized.Planes()[0].At(x, y), plane.At(x/2, y/2); math.Abs(got-want) > tolerance {
					t.Fatalf("%s: column %d, row %d is %v, want %v", plane.DType(), x, y, got, want)
				}
			}
		}
	}
}

// TestResizeStaysWithinRange resizes edges so sharp that the spline swings
// beyond them.
func TestResizeStaysWithinRange(t *testing.T) {
	t.Parallel()
	first, second := make([]uint16, 32*32), make([]uint16, 32*32)
	for i := range first {
		first[i], second[i] = 10, 200
		if i%32 > 16 {
			first[i], second[i] = 65535, 300
		}
	}
	im, err := mibitiff.NewImage(mibi.Metadata{}, fourChannels()[:2], []mibitiff.Plane{newPlane(t, 32, 32, first), newPlane(t, 32, 32, second)})
	if err != nil {
		t.Fatal(err)
	}
	resized, err := im.Resize(t.Context(), 77, 77)
	if err != nil {
		t.Fatal(err)
	}
	if s := resized.Planes()[0].Stats(); s.Min != 10 || s.Max != 65535 {
		t.Errorf("from %v to %v", s.Min, s.Max)
	}
	// The range is the whole image's.
	if s := resized.Planes()[1].Stats(); s.Min >= 200 || s.Max <= 300 {
		t.Errorf("the second channel goes from %v to %v", s.Min, s.Max)
	}
}

func TestResizeToTheSameSize(t *testing.T) {
	t.Parallel()
	im := newImage(t, madeMetadata(), fourChannels())
	before := im.Copy()
	kept, err := im.Resize(t.Context(), 3, 2, mibitiff.KeepType())
	if err != nil || !kept.Equal(im) {
		t.Errorf("%v: %v", err, kept)
	}
	float, err := im.Resize(t.Context(), 3, 2)
	if err != nil || float.DType() != mibitiff.Float64 || !slices.Equal(mibitiff.Samples[float64](float.Planes()[1]), []float64{100, 101, 102, 103, 104, 105}) {
		t.Errorf("%v: %v", err, float)
	}
	kept.Planes()[0].Uint16s()[0] = 77
	if !im.Equal(before) {
		t.Error("resizing changed the image")
	}
}

func TestResizeRefuses(t *testing.T) {
	t.Parallel()
	with := func(v float64) mibitiff.Plane {
		samples := make([]float64, 6)
		samples[4] = v
		return newPlane(t, 3, 2, samples)
	}
	good := countingPlane(t, 3, 2, 0)
	for name, test := range map[string]struct {
		plane         mibitiff.Plane
		height, width int
		want          error
		words         string
	}{
		"rows and columns": {good, 3, 2, mibitiff.ErrAspectRatio, "the image has 3×2"},
		"a column less":    {good, 4, 5, mibitiff.ErrAspectRatio, "5×4"},
		"no rows":          {good, 0, 0, mibitiff.ErrShape, "0×0"},
		"below":            {good, -2, -3, mibitiff.ErrShape, ""},
		"beyond memory":    {good, 2 << 60, 3 << 60, mibitiff.ErrShape, ""},
		"overflowing":      {good, 2 << 31, 3 << 31, mibitiff.ErrShape, "too many pixels"},
		"NaN":              {with(math.NaN()), 4, 6, mibitiff.ErrNotFinite, `"a (1)": column 1, row 1 is NaN`},
		"infinite":         {with(math.Inf(-1)), 4, 6, mibitiff.ErrNotFinite, "-Inf"},
		"too large":        {with(1e301), 4, 6, mibitiff.ErrNotFinite, "1e+301"},
	} {
		im, err := oneChannel(t, test.plane).Resize(t.Context(), test.width, test.height)
		if im != nil || !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.words) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := oneChannel(t, good).Resize(ended, 6, 4); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context: %v", err)
	}
}

func BenchmarkResize(b *testing.B) {
	channels, planes := madeImage[uint16](b, 10, 1024)
	im, err := mibitiff.NewImage(madeMetadata(), channels, planes)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(10 * 2 << 20)
	for b.Loop() {
		if _, err := im.Resize(b.Context(), 512, 512, mibitiff.KeepType()); err != nil {
			b.Fatal(err)
		}
	}
}
