package mibitiff

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestLargestIsThatOfStats(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	odd := []float32{float32(math.NaN()), float32(math.Inf(-1)), float32(math.Inf(1)), float32(math.Copysign(0, -1)), 0, -1, -math.MaxFloat32, 7}
	for n := range 3000 {
		counts, reals := make([]uint16, 1+n%11), make([]float32, 1+n%11)
		for i := range counts {
			counts[i] = uint16(random.Uint32() >> random.IntN(32))
			reals[i] = odd[random.IntN(1+random.IntN(len(odd)))]
		}
		for _, plane := range []func() (Plane, error){
			func() (Plane, error) { return NewPlane(len(counts), 1, counts) },
			func() (Plane, error) { return NewPlane(1, len(reals), reals) },
		} {
			p, err := plane()
			if err != nil {
				t.Fatal(err)
			}
			got, want := largest(p), p.Stats().Max
			if got != want || math.Signbit(got) != math.Signbit(want) && want != 0 {
				t.Fatalf("%v and %v: %v, want %v", counts, reals, got, want)
			}
		}
	}
}
