package deflate

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestLengthsAreAPrefixCode checks that every code is whole, within its limit,
// and as short as it can be where the limit does not matter.
func TestLengthsAreAPrefixCode(t *testing.T) {
	t.Parallel()
	var h huffman
	check := func(counts []uint32, limit int, least bool) {
		t.Helper()
		lengths := make([]uint8, len(counts))
		h.lengths(counts, lengths, limit)
		used, cost, symbols := 0, 0, 0
		for s, l := range lengths {
			if (l > 0) != (counts[s] > 0) || int(l) > limit {
				t.Fatalf("length %d for a count of %d: %v", l, counts[s], counts)
			}
			if l > 0 {
				used += 1 << (limit - int(l))
				symbols++
			}
			cost += int(l) * int(counts[s])
		}
		if symbols > 1 && used != 1<<limit {
			t.Fatalf("%d of %d codes are used: %v", used, 1<<limit, counts)
		}
		if want := huffmanCost(counts); symbols > 1 && least && cost != want {
			t.Fatalf("%d bits, %d are possible: %v", cost, want, counts)
		}
	}
	check(make([]uint32, 30), 15, true)
	check([]uint32{0, 0, 9, 0}, 15, true)
	r := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		counts := make([]uint32, 2+r.IntN(maxLit-2))
		for s := range counts {
			if r.IntN(3) > 0 {
				counts[s] = uint32(r.IntN(1 << r.IntN(9)))
			}
		}
		check(counts, 15, len(counts) < 40)
		check(counts[:min(19, len(counts))], 7, false)
	}
	steep := []uint32{1, 1}
	for len(steep) < 30 {
		steep = append(steep, steep[len(steep)-1]+steep[len(steep)-2])
	}
	check(steep, 15, false)
	check(steep[:19], 7, false)
	check(steep[:16], 15, true)
}

// huffmanCost joins the two least until one is left, the plain way.
func huffmanCost(counts []uint32) int {
	var open []int
	for _, n := range counts {
		if n > 0 {
			open = append(open, int(n))
		}
	}
	cost := 0
	for len(open) > 1 {
		slices.Sort(open)
		open[1] += open[0]
		cost += open[1]
		open = open[1:]
	}
	return cost
}

// TestSymbols compares the tables with some rows of RFC 1951, section 3.2.5.
func TestSymbols(t *testing.T) {
	t.Parallel()
	for length, symbol := range map[int]int{3: 257, 10: 264, 11: 265, 12: 265, 13: 266, 18: 268, 19: 269, 114: 279, 115: 280, 227: 284, 257: 284, 258: 285} {
		if got := 257 + int(lengthSymbol[length-3]); got != symbol {
			t.Errorf("length %d has symbol %d, not %d", length, got, symbol)
		}
	}
	for dist, symbol := range map[uint32]uint8{1: 0, 4: 3, 5: 4, 7: 5, 9: 6, 256: 15, 257: 16, 384: 16, 385: 17, 512: 17, 24576: 28, 24577: 29, 32768: 29} {
		if got := distSymbolOf(dist); got != symbol {
			t.Errorf("distance %d has symbol %d, not %d", dist, got, symbol)
		}
	}
	for s, base := range map[int]uint32{0: 0, 9: 10, 27: 224, 28: 255} {
		if lengthBase[s] != base {
			t.Errorf("length symbol %d begins with %d, not %d", s, lengthBase[s], base)
		}
	}
}
