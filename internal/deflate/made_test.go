package deflate_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
)

// plane is what MIBI makes: counts of few events. Samples have 1, 2, 4 or 8
// bytes; those of 4 and 8 are floats.
func plane(seed uint64, pixels, sample int, mean float64) []byte {
	r := rand.New(rand.NewPCG(seed, 7))
	out := make([]byte, 0, pixels*sample)
	for range pixels {
		count := 0
		for p := r.Float64(); p > math.Exp(-mean); count++ {
			p *= r.Float64()
		}
		switch sample {
		case 1:
			out = append(out, byte(count))
		case 2:
			out = binary.LittleEndian.AppendUint16(out, uint16(count))
		case 4:
			out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(count)))
		default:
			out = binary.LittleEndian.AppendUint64(out, math.Float64bits(float64(count)))
		}
	}
	return out
}

// mask is of cells, each a disc of its number.
func mask(seed uint64, width, cells int) []byte {
	r := rand.New(rand.NewPCG(seed, 3))
	out := make([]byte, width*width)
	for n := range cells {
		cx, cy, radius := r.IntN(width), r.IntN(width), 4+r.IntN(9)
		for y := max(cy-radius, 0); y < min(cy+radius, width); y++ {
			for x := max(cx-radius, 0); x < min(cx+radius, width); x++ {
				if (x-cx)*(x-cx)+(y-cy)*(y-cy) < radius*radius {
					out[y*width+x] = byte(n%255 + 1)
				}
			}
		}
	}
	return out
}

// random has bytes below values.
func random(seed uint64, n, values int) []byte {
	r := rand.New(rand.NewPCG(seed, 11))
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(r.IntN(values))
	}
	return out
}

// seldom is zeros with a byte here and there, as far apart as said.
func seldom(apart, n int) []byte {
	out := make([]byte, apart*n+5)
	for i := range n {
		out[i*apart] = byte(i%3 + 1)
	}
	return out
}

func samples() map[string][]byte {
	noise, zeros := random(1, 70_000, 256), make([]byte, 70_000)
	made := map[string][]byte{
		"empty": {}, "one byte": {7}, "a zero": {0}, "zeros": make([]byte, 1_000_003),
		"sparse": plane(1, 100_000, 2, 0.01), "uint16": plane(2, 100_000, 2, 0.2), "dense": plane(3, 100_000, 2, 5),
		"bytes": plane(4, 100_000, 1, 0.3), "float32": plane(5, 100_000, 4, 0.3), "float64": plane(6, 100_000, 8, 0.1),
		"mask": mask(7, 256, 200), "constant": bytes.Repeat([]byte{7, 0}, 200_000), "ones": bytes.Repeat([]byte{1}, 300_000),
		"text":   []byte(strings.Repeat("It is a truth universally acknowledged, that a single ion in possession of a good charge. ", 900)),
		"random": noise, "two values": random(8, 200_000, 2), "three values": random(9, 200_000, 3),
		"a far match": append(random(10, 32_768, 256), random(10, 400, 256)...),
		"in turn":     slicesOf(noise, zeros, 1, 5, 50, 500, 5000, 20_000, 20_000),
		"alternating": bytes.Repeat([]byte{1, 2}, 40_000), "every value": slicesOf(noise[:1], noise, 1, 255, 1, 65_000),
	}
	for _, apart := range []int{1<<14 - 1, 1 << 14, 1<<15 - 9, 1<<15 - 1, 1 << 15, 1<<15 + 1, 1<<15 + 17, 1<<16 - 1, 1 << 16, 1<<16 + 3, 1<<17 + 1, 1<<18 - 1} {
		made["apart "+strconv.Itoa(apart)] = seldom(apart, 7)
	}
	for period := 1; period <= 20; period++ {
		made["period "+strconv.Itoa(period)] = bytes.Repeat(random(uint64(period), period, 256), 3000/period)
	}
	// A ring of events is gone round, with runs on which no chain has a hold.
	made["long"] = bytes.Join([][]byte{
		bytes.Repeat([]byte{3}, 70_000), random(11, 40_000, 4), bytes.Repeat([]byte{3, 0, 5, 0}, 30_000), random(11, 40_000, 4), seldom(9, 70_000),
	}, nil)
	return made
}

type made struct {
	name string
	elem int
	data []byte
}

// planes are of the kinds that are written.
func planes() []made {
	const pixels = 1 << 17
	return []made{
		{"very sparse", 2, plane(1, pixels, 2, 0.004)}, {"sparse", 2, plane(2, pixels, 2, 0.03)},
		{"uint16", 2, plane(3, pixels, 2, 0.2)}, {"dense", 2, plane(4, pixels, 2, 5)},
		{"float32", 4, plane(5, pixels, 4, 0.2)}, {"dense float32", 4, plane(6, pixels, 4, 1.5)},
		{"float64", 8, plane(7, pixels, 8, 0.1)}, {"mask", 1, mask(8, 512, 600)},
		{"bytes", 1, plane(9, pixels, 1, 0.3)}, {"random", 1, random(10, pixels, 256)},
	}
}

// slicesOf takes so many bytes of a, then of b, and so on.
func slicesOf(a, b []byte, lengths ...int) []byte {
	var out []byte
	for _, n := range lengths {
		out = append(append(out, a[:min(n, len(a))]...), b[:n]...)
	}
	return out
}
