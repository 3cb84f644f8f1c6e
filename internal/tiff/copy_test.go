package tiff_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
)

// copyOf is page i of a file as a file of its own, and how often the file was
// read for it.
func copyOf(t testing.TB, data []byte, opts tiff.Options, i int) ([]byte, int, error) {
	t.Helper()
	var reads atomic.Int64 // they come side by side
	f, err := tiff.Open(readerFunc(func(p []byte, offset int64) (int, error) {
		reads.Add(1)
		return bytes.NewReader(data).ReadAt(p, offset)
	}), int64(len(data)), opts)
	if err != nil {
		return nil, 0, err
	}
	reads.Store(0)
	var out bytes.Buffer
	err = f.CopyPages(t.Context(), []int{i}, nil, func(c *tiff.PageCopy) error {
		n, err := c.WriteTo(&out)
		if n != int64(out.Len()) {
			t.Errorf("%d bytes were said to be written of %d", n, out.Len())
		}
		return err
	})
	return out.Bytes(), int(reads.Load()), err
}

// sameCopy copies a file's first page, and compares pixels and compressed bytes.
func sameCopy(t testing.TB, name string, data []byte, opts tiff.Options) []byte {
	t.Helper()
	one, _, err := copyOf(t, data, opts, 0)
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return nil
	}
	want, err := readAll(t.Context(), data, tiff.Options{})
	got, err2 := readAll(t.Context(), one, tiff.Options{})
	if err != nil || err2 != nil || !bytes.Equal(want, got) {
		t.Errorf("%s: %v, %v; the pixels are the same: %t", name, err, err2, bytes.Equal(want, got))
		return one
	}
	if !slices.EqualFunc(compressed(t, data), compressed(t, one), bytes.Equal) {
		t.Errorf("%s: the strips or tiles differ", name)
	}
	again, _, err := copyOf(t, one, opts, 0)
	if err != nil || !bytes.Equal(one, again) {
		t.Errorf("%s: a copy of the copy differs: %v", name, err)
	}
	return one
}

// compressed are the strips or tiles of the first page.
func compressed(t testing.TB, data []byte) (all [][]byte) {
	t.Helper()
	f, err := open(data, tiff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for offset, count := range f.Pages[0].Chunks() {
		all = append(all, data[offset:offset+count])
	}
	return all
}

// TestCopyOfWhatLibtiffWrites copies pages that tiffcp wrote in many ways.
func TestCopyOfWhatLibtiffWrites(t *testing.T) {
	t.Parallel()
	tiffcp, err := exec.LookPath("tiffcp")
	tiffinfo, err2 := exec.LookPath("tiffinfo")
	if err != nil || err2 != nil {
		t.Skip("libtiff's tools are not installed")
	}
	const width, height = 300, 211
	folder := t.TempDir()
	for _, sample := range []int{1, 2, 4} {
		pixels := sparse(width*height, sample)
		b := newBuilder(binary.LittleEndian, false)
		b.page(with(grayscale(width, height, b.blob(pixels), uint64(len(pixels))), short(tiff.BitsPerSample, uint64(8*sample)))...)
		source := filepath.Join(folder, string(rune('0'+sample))+".tif")
		if err := os.WriteFile(source, b.buf, 0o600); err != nil {
			t.Fatal(err)
		}
		for _, way := range []string{"-c none", "-c lzw", "-c zip", "-c packbits", "-c lzw -r 16", "-c zip:2 -r 1",
			"-B -c lzw:2 -r 16", "-B -c packbits -r 7", "-B -c zip:2 -t -w 64 -l 32", "-8 -c lzw:2 -t", "-8 -B -c zip -r 1"} {
			copied := filepath.Join(folder, "copied.tif")
			if out, err := exec.CommandContext(t.Context(), tiffcp, append(strings.Fields(way), source, copied)...).CombinedOutput(); err != nil {
				t.Fatalf("tiffcp %s: %v\n%s", way, err, out)
			}
			data, err := os.ReadFile(copied)
			if err != nil {
				t.Fatal(err)
			}
			one := sameCopy(t, way, data, tiff.Options{})
			if err := os.WriteFile(copied, one, 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.CommandContext(t.Context(), tiffinfo, "-D", copied).CombinedOutput(); err != nil || bytes.Contains(out, []byte("arning")) {
				t.Errorf("tiffcp %s: tiffinfo: %v\n%s", way, err, out)
			}
		}
	}
}

// longStrips makes a file of strips that are held in parts, or as a whole where
// nothing else is possible.
func longStrips(t *testing.T, order binary.ByteOrder, big bool, compression uint64) []byte {
	t.Helper()
	const width, height, rows = 2048, 1536, 600
	pixels := make([]byte, width*height*4)
	copy(pixels, sparse(width*height*2, 2))
	for i := range pixels {
		if i%3 == 0 {
			pixels[i] ^= byte(i * i >> 7) // so that it is long under deflate, too
		}
	}
	b := newBuilder(order, big)
	var offsets, counts []uint64
	for from := 0; from < height; from += rows {
		strip := pixels[from*width*4 : min(from+rows, height)*width*4]
		if compression != tiff.CompressionNone {
			strip = deflated(t, strip)
		}
		offsets, counts = append(offsets, b.blob(slices.Concat(strip, []byte("spare")))), append(counts, uint64(len(strip)))
	}
	if counts[0] < 5<<19 {
		t.Fatalf("a strip of %d bytes is not long", counts[0])
	}
	b.page(with(grayscale(width, height, 0, 0), short(tiff.BitsPerSample, 32), short(tiff.Compression, compression),
		b.longs(tiff.StripOffsets, offsets...), long(tiff.RowsPerStrip, rows), b.longs(tiff.StripByteCounts, counts...))...)
	return b.buf
}

// TestCopyOfLongStrips copies what does not fit into what is held, and finds
// damage in it.
func TestCopyOfLongStrips(t *testing.T) {
	t.Parallel()
	for _, compression := range []uint64{tiff.CompressionNone, tiff.CompressionDeflate, tiff.CompressionOldDeflate} {
		data := longStrips(t, binary.BigEndian, compression == tiff.CompressionDeflate, compression)
		sameCopy(t, "long strips", data, tiff.Options{})
		if compression == tiff.CompressionNone {
			continue
		}
		strip := compressed(t, data)[0]
		for _, at := range []int{100, len(strip) / 2, len(strip) - 1} {
			strip[at] ^= 4
			var format *tiff.FormatError
			if _, _, err := copyOf(t, data, tiff.Options{}, 0); !errors.As(err, &format) || format.Tag != tiff.StripOffsets {
				t.Errorf("damage at byte %d of %d: %v", at, len(strip), err)
			}
			strip[at] ^= 4
		}
	}
}

// TestCopyBecomesBig has a limit that a copy passes.
func TestCopyBecomesBig(t *testing.T) {
	t.Parallel()
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		b := newBuilder(order, false)
		strip := deflated(t, make([]byte, 64*32))
		first, second := b.blob(strip), b.blob(strip)
		b.page(append(with(grayscale(64, 64, 0, 0), short(tiff.Compression, tiff.CompressionDeflate), b.longs(tiff.StripOffsets, first, second),
			long(tiff.RowsPerStrip, 32), b.longs(tiff.StripByteCounts, uint64(len(strip)), uint64(len(strip)))),
			entry{id: tiff.XResolution, typ: tiff.Rational, count: 1, data: []byte("12345678")})...)
		for _, limit := range []uint64{100, 1000} {
			one := sameCopy(t, "small limit", b.buf, tiff.Options{}.WithClassicLimit(limit))
			f, err := open(one, tiff.Options{Keep: []uint16{tiff.XResolution}})
			if err != nil || f.Big != (limit == 100) || f.Order != order {
				t.Fatalf("limit %d: %v", limit, err)
			}
			if tag, _ := f.Pages[0].Tag(tiff.XResolution); string(tag.Bytes()) != "12345678" {
				t.Errorf("limit %d: a tag has become %q", limit, tag.Bytes())
			}
		}
	}
}

// TestCopyOfTags says which tags a copy has.
func TestCopyOfTags(t *testing.T) {
	t.Parallel()
	b := newBuilder(binary.LittleEndian, false)
	page := grayscale(4, 4, b.blob(make([]byte, 16)), 16)
	text := entry{id: 700, typ: tiff.Byte, count: 9, data: []byte("some text")}
	page = append(page, long(tiff.SubIFDs, 8), entry{id: 400, typ: tiff.IFD, count: 1, value: 8}, text,
		entry{id: 701, typ: 99, count: 1, value: 8}, entry{id: 702, typ: tiff.ASCII, count: 1 << 30, value: 8},
		entry{id: 703, typ: tiff.Double, count: 1, value: 1 << 31}, long(704, 1), long(704, 2), long(34665, 8), long(tiff.TileOffsets, 8))
	b.page(page...)
	one := sameCopy(t, "tags", b.buf, tiff.Options{})
	f, err := open(one, tiff.Options{Keep: []uint16{700, 704}})
	if err != nil {
		t.Fatal(err)
	}
	var ids []uint16
	for _, tag := range f.Pages[0].Tags {
		ids = append(ids, tag.ID)
	}
	if want := []uint16{256, 257, 258, 259, 273, 278, 279, 700, 704}; !slices.Equal(ids, want) {
		t.Errorf("tags %d, want %d", ids, want)
	}
	kept, _ := f.Pages[0].Tag(700)
	first, _ := f.Pages[0].Tag(704)
	if number, _ := first.Uint(0); string(kept.Bytes()) != "some text" || number != 1 {
		t.Errorf("%q, %d", kept.Bytes(), number)
	}
}

// TestCopyWithoutCounts adds what old writers leave out.
func TestCopyWithoutCounts(t *testing.T) {
	t.Parallel()
	b := newBuilder(binary.BigEndian, false)
	b.page(without(grayscale(4, 4, b.blob([]byte("0123456789abcdef")), 16), tiff.StripByteCounts)...)
	one, _, err := copyOf(t, b.buf, tiff.Options{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	got, err := readAll(t.Context(), one, tiff.Options{})
	f, err2 := open(one, tiff.Options{})
	if err != nil || err2 != nil || string(got) != "0123456789abcdef" {
		t.Fatalf("%v, %v, %q", err, err2, got)
	}
	if _, ok := f.Pages[0].Tag(tiff.StripByteCounts); !ok {
		t.Error("the copy does not say how long its strip is")
	}
}

// TestCopyRefuses has what a copy would take without measure for, or could not
// verify.
func TestCopyRefuses(t *testing.T) {
	t.Parallel()
	shared := newBuilder(binary.LittleEndian, false)
	strip := deflated(t, sparse(64, 1))
	at := shared.blob(strip)
	offsets, counts := slices.Repeat([]uint64{at}, 64), slices.Repeat([]uint64{uint64(len(strip))}, 64)
	shared.page(with(grayscale(64, 64, 0, 0), short(tiff.Compression, tiff.CompressionDeflate), shared.longs(tiff.StripOffsets, offsets...),
		long(tiff.RowsPerStrip, 1), shared.longs(tiff.StripByteCounts, counts...))...)

	text := newBuilder(binary.LittleEndian, false)
	many := grayscale(4, 4, text.blob(make([]byte, 2<<20)), 16)
	for id := range uint16(20) {
		many = append(many, entry{id: 1000 + id, typ: tiff.Byte, count: 1 << 20, value: 8})
	}
	text.page(many...)

	jpeg := newBuilder(binary.LittleEndian, false)
	jpeg.page(with(grayscale(4, 4, jpeg.blob(make([]byte, 16)), 16), short(tiff.Compression, 7))...)

	for name, data := range map[string][]byte{"strips that share bytes": shared.buf, "tags that share bytes": text.buf, "JPEG": jpeg.buf} {
		var unsupported *tiff.UnsupportedError
		if one, reads, err := copyOf(t, data, tiff.Options{}, 0); !errors.As(err, &unsupported) || len(one) > 0 || reads > 0 {
			t.Errorf("%s: %v, after %d bytes and %d reads", name, err, len(one), reads)
		}
	}
}

// FuzzCopy copies every page of any bytes: what is copied reads alike, and
// whatever reads is copied, but for what is refused.
func FuzzCopy(f *testing.F) {
	for _, c := range hostileCases() {
		f.Add(c.build(nil, newBuilder(binary.LittleEndian, c.big)))
	}
	for _, big := range []bool{false, true} {
		b := newBuilder(binary.BigEndian, big)
		b.page(grayscale(4, 4, b.blob(make([]byte, 16)), 16)...)
		b.page(grayscale(2, 8, b.blob(make([]byte, 16)), 16)...)
		f.Add(b.buf)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		file, err := open(data, tiff.Options{MaxPageBytes: 1 << 20, MaxPages: 100})
		if err != nil {
			return
		}
		all := make([]int, len(file.Pages))
		for i := range all {
			all[i] = i
		}
		err = file.CopyPages(t.Context(), all, nil, func(c *tiff.PageCopy) error {
			var out bytes.Buffer
			_, err := c.WriteTo(&out)
			page := &file.Pages[c.Page]
			if page.Unsupported() != nil {
				if err == nil {
					t.Fatalf("page %d was copied and not verified", c.Page)
				}
				return nil
			}
			if out.Len() > 3*len(data)+1<<10 {
				t.Fatalf("page %d: %d bytes of a file of %d", c.Page, out.Len(), len(data))
			}
			want := make([]byte, page.Bytes())
			bad := file.ReadPage(t.Context(), c.Page, want)
			if err != nil && bad == nil && !errors.Is(err, tiff.ErrLimit) || err == nil && bad != nil {
				t.Fatalf("page %d: read %v, copied %v", c.Page, bad, err)
			}
			if err != nil {
				return nil
			}
			got, err := readAll(t.Context(), out.Bytes(), tiff.Options{})
			if err != nil || !bytes.Equal(got, want) {
				t.Fatalf("page %d: the copy reads otherwise: %v", c.Page, err)
			}
			return nil
		})
		if err != nil && !errors.Is(err, io.EOF) {
			t.Fatal(err)
		}
	})
}
