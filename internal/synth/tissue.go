package synth

import (
	"math"
	"math/rand/v2"
)

// spacing is a cell's usual width in pixels: 8 µm.
const spacing = 20

// tissue is a map of cells: for each pixel the cell that it belongs to, and
// the part of it. Pixels outside of cells have cell -1 in tissue, -2 on glass.
type tissue struct {
	size  int
	cells []cell
	cell  []int32
	part  []part
}

const (
	between int32 = -1
	glass   int32 = -2
)

type cell struct {
	x, y   float64
	radius float64
	kind   kind
	bright float64 // how strongly it stains, around 1
}

// grow places cells on a jittered grid and gives every pixel to the nearest.
func grow(seed uint64, size int) *tissue {
	rng := rand.New(rand.NewPCG(seed, 0x7155e))
	nests, immune, holes := newField(rng, size, 5), newField(rng, size, 7), newField(rng, size, 4)
	columns := size/spacing + 2
	t := &tissue{size: size, cell: make([]int32, size*size), part: make([]part, size*size)}
	for row := range columns {
		for column := range columns {
			x := (float64(column) - 0.5 + 0.7*rng.Float64()) * spacing
			y := (float64(row) - 0.5 + 0.7*rng.Float64()) * spacing
			c := cell{x: x, y: y, radius: spacing * (0.45 + 0.2*rng.Float64()), bright: math.Exp(0.4 * rng.NormFloat64())}
			c.kind = choose(rng, nests.at(x, y), immune.at(x, y))
			if holes.at(x, y) > 1.1 || rng.Float64() < 0.08 {
				c.radius = 0
			}
			t.cells = append(t.cells, c)
		}
	}
	for y := range size {
		for x := range size {
			i := y*size + x
			t.cell[i], t.part[i] = t.locate(float64(x), float64(y), columns)
			if t.cell[i] == between && holes.at(float64(x), float64(y)) > 1.1 {
				t.cell[i] = glass
			}
		}
	}
	return t
}

// locate looks at the grid's nine places around a pixel.
func (t *tissue) locate(x, y float64, columns int) (int32, part) {
	nearest, second, at := math.Inf(1), math.Inf(1), between
	column, row := int(x/spacing+0.5), int(y/spacing+0.5)
	for r := max(row-1, 0); r <= min(row+1, columns-1); r++ {
		for c := max(column-1, 0); c <= min(column+1, columns-1); c++ {
			i := r*columns + c
			dx, dy := t.cells[i].x-x, t.cells[i].y-y
			if d := math.Sqrt(dx*dx + dy*dy); d < nearest {
				nearest, second, at = d, nearest, int32(i)
			} else if d < second {
				second = d
			}
		}
	}
	if at < 0 || nearest > t.cells[at].radius {
		return between, 0
	}
	switch radius := t.cells[at].radius; {
	case nearest < 0.5*radius:
		return at, nucleus
	case nearest > radius-2 || second-nearest < 3:
		return at, membrane
	}
	return at, cytoplasm
}

// choose gives a cell its kind: tumour in nests, immune cells in aggregates
// and along the edges of nests, stroma elsewhere.
func choose(rng *rand.Rand, nest, immune float64) kind {
	u := rng.Float64()
	infiltrate := 0.06
	if immune > 0.4 {
		infiltrate = 0.7
	} else if math.Abs(nest) < 0.25 {
		infiltrate = 0.35
	}
	if nest > 0 {
		infiltrate *= 0.3
	}
	if u < infiltrate {
		shares := [...]struct {
			kind  kind
			share float64
		}{{helperT, 0.3}, {killerT, 0.55}, {regulatoryT, 0.62}, {bCell, 0.75}, {macrophage, 0.95}, {neutrophil, 1}}
		v := u / infiltrate
		for _, s := range shares {
			if v < s.share {
				return s.kind
			}
		}
	}
	switch {
	case nest > 0:
		return tumour
	case rng.Float64() < 0.15:
		return endothelial
	}
	return fibroblast
}

// field is a smooth random landscape around 0, from a few waves.
type field struct{ waves []wave }

type wave struct{ kx, ky, phase, height float64 }

func newField(rng *rand.Rand, size, n int) field {
	var f field
	for range n {
		angle := 2 * math.Pi * rng.Float64()
		// Waves of a sixth to a whole of 1024 pixels, whatever the size is cut from it.
		k := 2 * math.Pi * (1 + 5*rng.Float64()) / float64(max(size, 256))
		f.waves = append(f.waves, wave{k * math.Cos(angle), k * math.Sin(angle), 2 * math.Pi * rng.Float64(), math.Sqrt(2 / float64(n))})
	}
	return f
}

func (f field) at(x, y float64) float64 {
	sum := 0.0
	for _, w := range f.waves {
		sum += w.height * math.Cos(w.kx*x+w.ky*y+w.phase)
	}
	return sum
}

// count draws each pixel's ions from a Poisson distribution. Every channel has
// its own source of chance, so that channels can be made in any order.
func (t *tissue) count(seed uint64, s stain) []uint16 {
	rng := rand.New(rand.NewPCG(seed, uint64(s.mass)))
	type rate struct{ mean, none float64 }
	of := func(mean float64) rate { return rate{mean, math.Exp(-mean)} }
	hazy, bare := of(s.haze), of(s.glass)
	rates := make([][parts]rate, len(t.cells))
	for i, c := range t.cells {
		// Of a kind that can carry the target, some cells do so strongly.
		level := s.ions[c.kind] * c.bright * math.Exp(0.5*rng.NormFloat64())
		for p := range parts {
			share := 0.04
			if s.part == p || s.part == wholeCell {
				share = 1
			}
			rates[i][p] = of(s.haze + level*share)
		}
	}
	counts := make([]uint16, len(t.cell))
	for i, c := range t.cell {
		r := hazy
		switch {
		case c == glass:
			r = bare
		case c >= 0:
			r = rates[c][t.part[i]]
		}
		// Inversion: most pixels end at the first comparison.
		u, p, n := rng.Float64(), r.none, uint16(0)
		for sum := p; u >= sum && n < 200; sum += p {
			n++
			p *= r.mean / float64(n)
		}
		counts[i] = n
	}
	return counts
}
