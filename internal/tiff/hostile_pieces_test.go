package tiff_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"testing"

	"github.com/openmibi/openmibi/internal/inflate"
	"github.com/openmibi/openmibi/internal/tiff"
)

// TestPiecesStopBetweenStrips has strips each of which is done before a decoder
// asks the context by itself.
func TestPiecesStopBetweenStrips(t *testing.T) {
	t.Parallel()
	const width, rows, strips = 1024, 320, 200
	b := newBuilder(binary.LittleEndian, false)
	strip := deflated(t, make([]byte, width*rows))
	offsets, counts := make([]uint64, strips), make([]uint64, strips)
	at := b.blob(strip)
	for i := range strips {
		offsets[i], counts[i] = at, uint64(len(strip))
	}
	b.page(with(grayscale(width, strips*rows, 0, 0), short(tiff.Compression, tiff.CompressionDeflate),
		b.longs(tiff.StripOffsets, offsets...), long(tiff.RowsPerStrip, rows), b.longs(tiff.StripByteCounts, counts...))...)
	if width*rows <= inflate.WindowBytes {
		t.Fatal("such strips do not come in pieces")
	}
	f, err := open(b.buf, tiff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	seen := 0
	err = f.Pieces(ctx, 0, func(at int64, piece []byte) error {
		if seen += len(piece); at > 3*width*rows {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) || seen > 6*width*rows {
		t.Errorf("%v after %d of %d strips", err, seen/(width*rows), strips)
	}
}

// TestUncompressedStripTakesNoBuffer decodes a strip as large as the page. It
// counts what is allocated, so nothing runs beside it.
func TestUncompressedStripTakesNoBuffer(t *testing.T) {
	const width, height = 4096, 6144 // 48 MiB
	// A piece of 4 MiB, which growing a slice takes twice under the race detector.
	const most = 9 << 20
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		b := newBuilder(order, false)
		samples := make([]byte, 2*width*height)
		for i := range samples {
			samples[i] = byte(i >> 3 * 7)
		}
		at := b.blob(samples)
		b.page(with(grayscale(width, height, at, uint64(len(samples))), short(tiff.BitsPerSample, 16))...)
		f, err := open(b.buf, tiff.Options{})
		if err != nil {
			t.Fatal(err)
		}
		wrong := 0
		used := allocated(func() {
			err = f.Pieces(t.Context(), 0, func(at int64, piece []byte) error {
				for i, c := range piece {
					want := samples[int(at)+i]
					if order == binary.BigEndian {
						want = samples[(int(at)+i)^1]
					}
					if c != want {
						wrong++
					}
				}
				return nil
			})
		})
		if err != nil || wrong > 0 || used > most {
			t.Errorf("%v: %v, %d wrong bytes, %d bytes of memory for %d", order, err, wrong, used, len(samples))
		}
		dst := make([]byte, len(samples))
		used = allocated(func() { err = f.ReadPage(t.Context(), 0, dst) })
		if err != nil || used > most {
			t.Errorf("%v: %v, %d bytes of memory beside the page's %d", order, err, used, len(samples))
		}
	}
}

// hugeReader is a file of any size: a beginning and zeros.
type hugeReader []byte

func (h hugeReader) ReadAt(b []byte, offset int64) (int, error) {
	clear(b)
	if offset < int64(len(h)) {
		copy(b, h[offset:])
	}
	return len(b), nil
}

// TestSizesOfSmallMachines has a strip whose compressed bytes no slice of a
// machine of 32 bits can hold.
func TestSizesOfSmallMachines(t *testing.T) {
	t.Parallel()
	if math.MaxInt > math.MaxInt32 {
		t.Skip("an int of 64 bits holds every size")
	}
	b := newBuilder(binary.LittleEndian, false)
	b.page(with(grayscale(32768, 32768, 4096, 5<<29), short(tiff.Compression, tiff.CompressionDeflate))...)
	f, err := tiff.Open(hugeReader(b.buf), 7<<29, tiff.Options{MaxPageBytes: 1 << 40})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Pages[0].Unsupported(); !errors.Is(err, tiff.ErrLimit) {
		t.Error(err)
	}
	if err := f.Pieces(t.Context(), 0, func(int64, []byte) error { return nil }); !errors.Is(err, tiff.ErrLimit) {
		t.Error(err)
	}
}

// shortWriter takes less than it is given and says nothing of it.
type shortWriter struct{ room int }

func (w *shortWriter) Write(b []byte) (int, error) {
	n := min(len(b), w.room)
	w.room -= n
	return n, nil
}

func TestWritersNoticeShortWrites(t *testing.T) {
	t.Parallel()
	strip := make([]byte, 100)
	write := func(w io.Writer) error {
		out := tiff.NewWriter(w)
		for range 3 {
			if err := out.WritePage(writtenPage(10, 10), strip); err != nil {
				return err
			}
		}
		return out.Close()
	}
	pyramid := func(w io.Writer) error {
		out := tiff.NewPyramidWriter(w, false)
		level := tiff.Level{Fields: []tiff.Field{tiff.LongField(tiff.ImageWidth, 10)}, Tiles: [][]byte{strip, strip[:33]}}
		if err := out.WritePage([]tiff.Level{level, level}, false); err != nil {
			return err
		}
		return out.WritePage([]tiff.Level{level}, true)
	}
	for name, do := range map[string]func(io.Writer) error{"pages": write, "pyramids": pyramid} {
		all := shortWriter{room: 1 << 20}
		if err := do(&all); err != nil {
			t.Fatal(err)
		}
		for room := range 1<<20 - all.room {
			if err := do(&shortWriter{room: room}); !errors.Is(err, io.ErrShortWrite) {
				t.Fatalf("%s: %v with room for %d of %d bytes", name, err, room, 1<<20-all.room)
			}
		}
	}
}

// TestPiecesAreThePage has strips that are large enough to be handed on while
// they are inflated, and that may be or not, and uncompressed ones.
func TestPiecesAreThePage(t *testing.T) {
	t.Parallel()
	const width, height, rows = 640, 1301, 900 // the last strip has 401 rows
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		stored := map[[2]uint64][]byte{} // what is not compressed, by predictor and bits
		for _, compression := range []uint64{1, tiff.CompressionDeflate} {
			for _, predictor := range []uint64{1, 2, 3} {
				for _, bits := range []uint64{8, 16, 32, 64} {
					if predictor == 3 && bits < 32 {
						continue
					}
					b := newBuilder(order, false)
					var offsets, counts []uint64
					for y := 0; y < height; y += rows {
						strip := make([]byte, width*min(rows, height-y)*int(bits/8))
						for i := range strip {
							strip[i] = byte(i*i>>7 + y)
						}
						if compression != 1 {
							strip = deflated(t, strip)
						}
						offsets, counts = append(offsets, b.blob(strip)), append(counts, uint64(len(strip)))
					}
					format := uint64(tiff.FormatUint)
					if predictor == 3 {
						format = tiff.FormatFloat
					}
					b.page(with(grayscale(width, height, 0, 0), short(tiff.BitsPerSample, bits), short(tiff.Compression, compression),
						b.longs(tiff.StripOffsets, offsets...), long(tiff.RowsPerStrip, rows), b.longs(tiff.StripByteCounts, counts...),
						short(tiff.Predictor, predictor), short(tiff.SampleFormat, format))...)
					whole, err := readAll(t.Context(), b.buf, tiff.Options{})
					if err != nil {
						t.Fatal(err)
					}
					if kind := [2]uint64{predictor, bits}; compression == 1 {
						stored[kind] = whole
					} else if !bytes.Equal(whole, stored[kind]) {
						t.Errorf("%v, predictor %d, %d bits: compressed samples are others", order, predictor, bits)
					}
					f, err := open(b.buf, tiff.Options{})
					if err != nil {
						t.Fatal(err)
					}
					next := 0
					err = f.Pieces(t.Context(), 0, func(at int64, piece []byte) error {
						if int(at) != next || len(piece)%int(bits/8) != 0 || !bytes.Equal(piece, whole[next:next+len(piece)]) {
							return errors.New("another piece than the page has here")
						}
						next += len(piece)
						return nil
					})
					if err != nil || next != len(whole) {
						t.Errorf("%v, compression %d, predictor %d, %d bits: %v at byte %d of %d", order, compression, predictor, bits, err, next, len(whole))
					}
				}
			}
		}
	}
}

// TestInspectCountsBehindLargeStrips has bytes behind the streams of strips that
// are handed on while they are inflated.
func TestInspectCountsBehindLargeStrips(t *testing.T) {
	t.Parallel()
	b := newBuilder(binary.LittleEndian, false)
	strip := append(deflated(t, make([]byte, 1024*300)), "padding"...)
	at := b.blob(strip)
	b.page(with(grayscale(1024, 600, 0, 0), short(tiff.Compression, tiff.CompressionDeflate), b.longs(tiff.StripOffsets, at, at),
		long(tiff.RowsPerStrip, 300), b.longs(tiff.StripByteCounts, uint64(len(strip)), uint64(len(strip))))...)
	f, err := open(b.buf, tiff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if spare, err := f.Inspect(t.Context(), 0, func(int64, []byte) error { return nil }); err != nil || spare != 2*7 {
		t.Errorf("%d bytes behind the streams, %v", spare, err)
	}
}
