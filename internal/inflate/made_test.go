package inflate_test

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	fast "github.com/klauspost/compress/flate"
)

// plane is what MIBI makes: counts of few events, most of them none.
func plane(seed uint64, pixels, sample int, mean float64) []byte {
	r := rand.New(rand.NewPCG(seed, 7))
	out := make([]byte, 0, pixels*sample)
	for range pixels {
		count := 0
		for p := r.Float64(); p > math.Exp(-mean); count++ {
			p *= r.Float64()
		}
		if sample == 2 {
			out = binary.LittleEndian.AppendUint16(out, uint16(count))
			continue
		}
		out = binary.LittleEndian.AppendUint32(out, math.Float32bits(float32(count)*1.37))
	}
	return out
}

func random(seed uint64, n, values int) []byte {
	r := rand.New(rand.NewPCG(seed, 11))
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(r.IntN(values))
	}
	return out
}

// periodic has matches of one distance.
func periodic(distance, n int) []byte {
	head := random(uint64(distance), distance, 256)
	return bytes.Repeat(head, n/distance+2)[:n]
}

// skewed has codes of all lengths: each value is half as frequent as the one
// before.
func skewed(n int) []byte {
	r := rand.New(rand.NewPCG(3, 3))
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(min(r.ExpFloat64()*1.5, 255)) * 11
	}
	return out
}

func samples() map[string][]byte {
	made := map[string][]byte{
		"empty": {}, "one byte": {7}, "zeros": make([]byte, 100_000),
		"uint16": plane(1, 50_000, 2, 0.1), "float32": plane(2, 50_000, 4, 0.3), "sparse float32": plane(3, 50_000, 4, 0.03),
		"text":   []byte(strings.Repeat("It is a truth universally acknowledged, that a single ion in possession of a good charge. ", 900)),
		"random": random(4, 100_000, 256), "two values": random(5, 100_000, 2), "skewed": skewed(200_000),
		"a far match": append(random(6, 32_768, 256), random(6, 400, 256)...),
	}
	for d := 1; d <= 40; d++ {
		made["period "+string(rune('0'+d/10))+string(rune('0'+d%10))] = periodic(d, 3000+d)
	}
	made["period 32768"] = periodic(32_768, 70_000)
	return made
}

func deflated(t testing.TB, data []byte, level int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// deflatedFast is the same by another encoder.
func deflatedFast(t testing.TB, data []byte, level int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := fast.NewWriter(&out, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func zlibbed(t testing.TB, data []byte, level int) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := zlib.NewWriterLevel(&out, level)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// bitWriter makes streams that no encoder would.
type bitWriter struct {
	out  []byte
	held uint64
	n    int
}

func (w *bitWriter) put(v uint64, n int) *bitWriter {
	w.held |= v << w.n
	for w.n += n; w.n >= 8; w.n -= 8 {
		w.out = append(w.out, byte(w.held))
		w.held >>= 8
	}
	return w
}

// code puts a Huffman code, whose first bit is its highest.
func (w *bitWriter) code(v uint64, n int) *bitWriter {
	for i := n - 1; i >= 0; i-- {
		w.put(v>>i&1, 1)
	}
	return w
}

func (w *bitWriter) bytes() []byte {
	if w.n > 0 {
		return append(bytes.Clone(w.out), byte(w.held))
	}
	return w.out
}

// dynamic begins a last block with these code lengths. Each is written as it is:
// all lengths have codes of four bits, but for 16, 17 and 18, which have none.
func dynamic(lits, dists []uint8) *bitWriter {
	w := (&bitWriter{}).put(1, 1).put(2, 2).put(uint64(len(lits)-257), 5).put(uint64(len(dists)-1), 5).put(15, 4)
	for _, symbol := range []int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15} {
		if symbol < 16 {
			w.put(4, 3)
		} else {
			w.put(0, 3)
		}
	}
	for _, n := range append(bytes.Clone(lits), dists...) {
		w.code(uint64(n), 4)
	}
	return w
}
