package tiff_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
)

// variant is one way in which a file can hold the same pixels.
type variant struct {
	order       binary.ByteOrder
	big         bool
	sample      int // bytes
	compression uint64
	predictor   uint64
	rows        int // a strip, 0 for tiles of 16×16
	padLast     bool
}

func (v variant) String() string {
	return fmt.Sprintf("%v big=%v sample=%d compression=%d predictor=%d rows=%d", v.order, v.big, v.sample, v.compression, v.predictor, v.rows)
}

func variants() []variant {
	var all []variant
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, big := range []bool{false, true} {
			for _, sample := range []int{1, 2, 4, 8} {
				for _, compression := range []uint64{1, 5, 8, 32773, 32946} {
					for _, predictor := range []uint64{1, 2, 3} {
						for _, rows := range []int{0, 1, 16, 37} {
							all = append(all, variant{order: order, big: big, sample: sample, compression: compression, predictor: predictor, rows: rows})
						}
					}
				}
			}
		}
	}
	return append(all, variant{order: binary.LittleEndian, sample: 2, compression: 8, predictor: 1, rows: 16, padLast: true})
}

const (
	variantWidth  = 35
	variantHeight = 37
)

// build lays the little-endian samples out as the variant says.
func (v variant) build(t *testing.T, samples []byte) []byte {
	t.Helper()
	b := newBuilder(v.order, v.big)
	chunkW, chunkH := variantWidth, v.rows
	if v.rows == 0 {
		chunkW, chunkH = 16, 16
	}
	var offsets, counts []uint64
	for y := 0; y < variantHeight; y += chunkH {
		for x := 0; x < variantWidth; x += chunkW {
			high := chunkH
			if v.rows != 0 && !v.padLast {
				high = min(chunkH, variantHeight-y)
			}
			var chunk []byte
			for row := range high {
				line := make([]byte, chunkW*v.sample)
				if y+row < variantHeight {
					at := ((y+row)*variantWidth + x) * v.sample
					copy(line, samples[at:at+min(chunkW, variantWidth-x)*v.sample])
				}
				chunk = append(chunk, v.predict(line)...)
			}
			packed := v.compress(t, chunk)
			offsets, counts = append(offsets, b.blob(packed)), append(counts, uint64(len(packed)))
		}
	}
	format := uint64(tiff.FormatUint)
	if v.predictor == 3 {
		format = tiff.FormatFloat
	}
	entries := []entry{long(tiff.ImageWidth, variantWidth), short(tiff.ImageLength, variantHeight), short(tiff.BitsPerSample, uint64(8*v.sample)),
		short(tiff.Compression, v.compression)}
	if v.rows == 0 {
		entries = append(entries, short(tiff.Predictor, v.predictor), short(tiff.TileWidth, 16), short(tiff.TileLength, 16),
			b.longs(tiff.TileOffsets, offsets...), b.longs(tiff.TileByteCounts, counts...))
	} else {
		entries = append(entries, b.longs(tiff.StripOffsets, offsets...), long(tiff.RowsPerStrip, uint64(v.rows)),
			b.longs(tiff.StripByteCounts, counts...), short(tiff.Predictor, v.predictor))
	}
	b.page(append(entries, short(tiff.SampleFormat, format))...)
	return b.buf
}

// predict turns a row of little-endian samples into what the file holds before
// compression.
func (v variant) predict(line []byte) []byte {
	n := len(line) / v.sample
	out := make([]byte, len(line))
	switch v.predictor {
	case 3:
		for i := range n {
			for j := range v.sample {
				out[j*n+i] = line[i*v.sample+v.sample-1-j]
			}
		}
		for i := len(out) - 1; i > 0; i-- {
			out[i] -= out[i-1]
		}
		return out
	case 2:
		previous := uint64(0)
		for i := range n {
			var wide [8]byte
			copy(wide[:], line[i*v.sample:][:v.sample])
			value := binary.LittleEndian.Uint64(wide[:])
			binary.LittleEndian.PutUint64(wide[:], value-previous)
			previous = value
			copy(out[i*v.sample:], wide[:v.sample])
		}
	default:
		copy(out, line)
	}
	if v.order == binary.BigEndian {
		for i := range n {
			slices.Reverse(out[i*v.sample:][:v.sample])
		}
	}
	return out
}

func (v variant) compress(t *testing.T, chunk []byte) []byte {
	switch v.compression {
	case tiff.CompressionNone:
		return chunk
	case tiff.CompressionLZW:
		return encodeLZW(chunk)
	case tiff.CompressionPackBits:
		return encodePackBits(chunk)
	}
	return deflated(t, chunk)
}

func encodePackBits(data []byte) []byte {
	out := []byte{0x80} // a byte that means nothing
	for len(data) > 0 {
		run := 1
		for run < len(data) && run < 128 && data[run] == data[0] {
			run++
		}
		if run > 1 {
			out = append(out, byte(1-run), data[0])
			data = data[run:]
			continue
		}
		literal := 1
		for literal < len(data) && literal < 128 && data[literal] != data[literal-1] {
			literal++
		}
		out = append(append(out, byte(literal-1)), data[:literal]...)
		data = data[literal:]
	}
	return out
}

// encodeLZW is the plain encoder of TIFF 6.0, section 13.
func encodeLZW(data []byte) []byte {
	var out []byte
	var held uint64
	bits, width := 0, 9
	put := func(code int) {
		held, bits = held<<width|uint64(code), bits+width
		for bits >= 8 {
			out = append(out, byte(held>>(bits-8)))
			bits -= 8
		}
	}
	table := map[string]int{}
	code := func(s string) int {
		if len(s) == 1 {
			return int(s[0])
		}
		return table[s]
	}
	put(256)
	omega := ""
	for _, c := range data {
		longer := omega + string([]byte{c})
		if _, known := table[longer]; known || len(longer) == 1 {
			omega = longer
			continue
		}
		put(code(omega))
		table[longer] = 258 + len(table)
		switch next := 258 + len(table); {
		case next == 4095:
			put(256)
			width = 9
			clear(table)
		case next == 512 || next == 1024 || next == 2048:
			width++
		}
		omega = string([]byte{c})
	}
	if omega != "" {
		put(code(omega))
	}
	put(257)
	if bits > 0 {
		out = append(out, byte(held<<(8-bits)))
	}
	return out
}

// sparse makes samples that are mostly zero, with some of every size.
func sparse(samples, size int) []byte {
	random := rand.New(rand.NewPCG(1, 2))
	out := make([]byte, samples*size)
	for i := range samples {
		if random.IntN(3) == 0 {
			out[i*size] = byte(random.IntN(8))
		}
		if random.IntN(20) == 0 {
			for j := range size {
				out[i*size+j] = byte(random.Uint32())
			}
		}
	}
	return out
}

func TestEveryVariantDecodesToTheSamePixels(t *testing.T) {
	t.Parallel()
	for _, v := range variants() {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			want := sparse(variantWidth*variantHeight, v.sample)
			got, err := readAll(t.Context(), v.build(t, want), tiff.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, want) {
				t.Error("the pixels differ")
			}
		})
	}
}

func TestLZWRoundTripsLongData(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	noise := make([]byte, 60000)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	for name, want := range map[string][]byte{"zeros": make([]byte, 60000), "noise": noise, "sparse": sparse(60000, 1)} {
		b := newBuilder(binary.LittleEndian, false)
		packed := encodeLZW(want)
		b.page(with(grayscale(600, 100, b.blob(packed), uint64(len(packed))), short(tiff.Compression, tiff.CompressionLZW))...)
		got, err := readAll(t.Context(), b.buf, tiff.Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s: the pixels differ", name)
		}
	}
}

func TestDeflateChecksumIsChecked(t *testing.T) {
	t.Parallel()
	packed := deflated(t, sparse(16, 1))
	packed[len(packed)-1] ^= 1
	b := newBuilder(binary.LittleEndian, false)
	b.page(with(grayscale(4, 4, b.blob(packed), uint64(len(packed))), short(tiff.Compression, tiff.CompressionDeflate))...)
	var format *tiff.FormatError
	if _, err := readAll(t.Context(), b.buf, tiff.Options{}); !errors.As(err, &format) {
		t.Errorf("a wrong Adler-32 gives %v", err)
	}
}

func TestReadPageStopsWithItsContext(t *testing.T) {
	t.Parallel()
	b := newBuilder(binary.LittleEndian, false)
	b.page(grayscale(4, 4, b.blob(make([]byte, 16)), 16)...)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := readAll(ctx, b.buf, tiff.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestMissingByteCountOfOneUncompressedStrip(t *testing.T) {
	t.Parallel()
	want := sparse(16, 1)
	b := newBuilder(binary.LittleEndian, false)
	b.page(without(grayscale(4, 4, b.blob(want), 16), tiff.StripByteCounts)...)
	got, err := readAll(t.Context(), b.buf, tiff.Options{})
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("got % x, %v", got, err)
	}
}
