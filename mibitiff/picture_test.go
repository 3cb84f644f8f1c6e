package mibitiff_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"runtime"
	"slices"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibitiff"
)

func readPicture(t testing.TB, file []byte, opts ...mibitiff.Option) (mibitiff.Plane, error) {
	t.Helper()
	return mibitiff.ReadPicture(t.Context(), bytes.NewReader(file), int64(len(file)), opts...)
}

func pictureOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestReadPicture(t *testing.T) {
	t.Parallel()
	gray := &image.Gray{Pix: []uint8{0, 1, 2, 253, 254, 255}, Stride: 3, Rect: image.Rect(0, 0, 3, 2)}
	deep := &image.Gray16{Pix: []uint8{0, 1, 1, 0, 255, 255}, Stride: 2, Rect: image.Rect(0, 0, 1, 3)}
	floats := foreignPage{fields: []tiff.Field{tiff.ShortField(tiff.BitsPerSample, 32), tiff.ShortField(tiff.SampleFormat, tiff.FormatFloat)}}
	for _, v := range []uint32{0x3fc00000, 0xbf800000, 0, 0x7fc00000} { // 1.5, -1, 0, NaN
		floats.strip = binary.LittleEndian.AppendUint32(floats.strip, v)
	}
	if plane, err := readPicture(t, pictureOf(t, gray)); err != nil || plane.Width() != 3 || !slices.Equal(plane.Uint8s(), gray.Pix) {
		t.Errorf("%v, %v", plane, err)
	}
	if plane, err := readPicture(t, pictureOf(t, deep)); err != nil || plane.Height() != 3 || !slices.Equal(plane.Uint16s(), []uint16{1, 256, 65535}) {
		t.Errorf("%v, %v", plane, err)
	}
	if plane, err := readPicture(t, foreignFile(t, foreignPage{})); err != nil || !slices.Equal(plane.Uint16s(), []uint16{1, 2, 3, 4}) {
		t.Errorf("%v, %v", plane, err)
	}
	plane, err := readPicture(t, foreignFile(t, floats))
	if err != nil || plane.DType() != mibitiff.Float32 || plane.At(0, 0) != 1.5 || plane.At(1, 0) != -1 || plane.At(1, 1) == plane.At(1, 1) {
		t.Errorf("%v, %v", plane, err)
	}
}

func TestReadPictureRefuses(t *testing.T) {
	t.Parallel()
	whole := pictureOf(t, image.NewGray(image.Rect(0, 0, 9, 9)))
	var format *mibitiff.FormatError
	for name, c := range map[string]struct {
		file []byte
		is   error
	}{
		"a palette":       {pictureOf(t, image.NewPaletted(image.Rect(0, 0, 2, 2), color.Palette{color.Black, color.White})), errors.ErrUnsupported},
		"colours":         {pictureOf(t, image.NewRGBA64(image.Rect(0, 0, 2, 2))), errors.ErrUnsupported},
		"too many pixels": {pictureOf(t, image.NewGray(image.Rect(0, 0, 65, 64))), mibitiff.ErrLimit},
		"half a PNG":      {whole[:len(whole)-15], mibitiff.ErrNotPicture},
		"a PNG's start":   {whole[:9], mibitiff.ErrNotPicture},
		"text":            {[]byte("<html>"), mibitiff.ErrNotPicture},
		"three bytes":     {[]byte("II*"), mibitiff.ErrNotPicture},
		"nothing":         {nil, mibitiff.ErrNotPicture},
		"two pages":       {foreignFile(t, foreignPage{}, foreignPage{}), errors.ErrUnsupported},
		"a TIFF palette":  {foreignFile(t, foreignPage{fields: []tiff.Field{tiff.ShortField(tiff.PhotometricInterpretation, 3)}}), errors.ErrUnsupported},
		"complex numbers": {foreignFile(t, foreignPage{fields: []tiff.Field{tiff.ShortField(tiff.SampleFormat, 6)}}), errors.ErrUnsupported},
		"a large TIFF": {foreignFile(t, foreignPage{strip: make([]byte, 65*64*2),
			fields: []tiff.Field{tiff.LongField(tiff.ImageWidth, 65), tiff.LongField(tiff.ImageLength, 64)}}), mibitiff.ErrLimit},
		"half a TIFF": {foreignFile(t, foreignPage{})[:60], nil},
	} {
		_, err := readPicture(t, c.file, mibitiff.WithMaxPageBytes(64*64*2))
		if err == nil || c.is != nil && !errors.Is(err, c.is) || c.is == nil && !errors.As(err, &format) ||
			errors.Is(err, mibitiff.ErrLimit) && !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The reader's own failure is not the file's.
func TestReadPictureFromBrokenReader(t *testing.T) {
	t.Parallel()
	for _, file := range [][]byte{pictureOf(t, image.NewGray(image.Rect(0, 0, 999, 999))), foreignFile(t, foreignPage{})} {
		for _, from := range []int64{0, 8, 40} {
			r := brokenFrom{bytes.NewReader(file), from}
			if _, err := mibitiff.ReadPicture(t.Context(), r, int64(len(file))); !errors.Is(err, errBroken) || errors.Is(err, mibitiff.ErrNotPicture) {
				t.Errorf("from byte %d: %v", from, err)
			}
		}
	}
}

// As a connection that ends says it: that is not the end of the file.
var errBroken = fmt.Errorf("the cable is out: %w", io.EOF)

// brokenFrom fails for every byte from one on.
type brokenFrom struct {
	*bytes.Reader
	from int64
}

func (b brokenFrom) ReadAt(p []byte, offset int64) (int, error) {
	if offset+int64(len(p)) > b.from {
		n, _ := b.Reader.ReadAt(p[:max(0, b.from-offset)], offset)
		return n, errBroken
	}
	return b.Reader.ReadAt(p, offset)
}

// FuzzReadPicture looks for files that take more memory than they may, or
// panic.
func FuzzReadPicture(f *testing.F) {
	f.Add(pictureOf(f, image.NewGray16(image.Rect(0, 0, 5, 4))))
	f.Add(foreignFile(f, foreignPage{}))
	f.Add([]byte("MM\x00+"))
	f.Fuzz(func(t *testing.T, file []byte) {
		const most = 1 << 20
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		plane, err := mibitiff.ReadPicture(context.Background(), bytes.NewReader(file), int64(len(file)), mibitiff.WithMaxPageBytes(most))
		runtime.ReadMemStats(&after)
		if err == nil && (plane.Len() == 0 || plane.Len()*plane.DType().Size() > most) {
			t.Errorf("a plane of %d×%d", plane.Width(), plane.Height())
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 16*most+64*uint64(len(file)) {
			t.Errorf("%d bytes for a file of %d", used, len(file))
		}
	})
}
