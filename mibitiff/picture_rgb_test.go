package mibitiff_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"io"
	"slices"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibitiff"
)

func TestReadRGBPicture(t *testing.T) {
	t.Parallel()
	samples := []uint8{1, 2, 3, 253, 254, 255}
	opaque := image.NewRGBA(image.Rect(0, 0, 2, 1))
	copy(opaque.Pix, []uint8{1, 2, 3, 255, 253, 254, 255, 255})
	sheer := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	copy(sheer.Pix, []uint8{1, 2, 3, 255, 253, 254, 255, 254})
	rgb := foreignPage{fields: []tiff.Field{
		tiff.LongField(tiff.ImageWidth, 2), tiff.LongField(tiff.ImageLength, 1), tiff.LongField(tiff.RowsPerStrip, 1),
		tiff.ShortField(tiff.BitsPerSample, 8, 8, 8), tiff.ShortField(tiff.PhotometricInterpretation, 2), tiff.ShortField(tiff.SamplesPerPixel, 3),
	}, strip: samples}
	read := func(content []byte, opts ...mibitiff.Option) (mibitiff.RGB, error) {
		return mibitiff.ReadRGBPicture(t.Context(), bytes.NewReader(content), int64(len(content)), opts...)
	}
	for name, content := range map[string][]byte{"PNG": pictureOf(t, opaque), "TIFF": foreignFile(t, rgb)} {
		got, err := read(content)
		if err != nil || got.Width != 2 || got.Height != 1 || !slices.Equal(got.Pix, samples) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	palette := image.NewPaletted(image.Rect(0, 0, 2, 1), color.Palette{color.White, color.Black})
	for name, content := range map[string][]byte{
		"transparent": pictureOf(t, sheer), "palette": pictureOf(t, palette), "deep": pictureOf(t, image.NewRGBA64(image.Rect(0, 0, 2, 1))),
		"gray": pictureOf(t, image.NewGray(image.Rect(0, 0, 2, 1))), "gray TIFF": foreignFile(t, foreignPage{}), "two pages": foreignFile(t, rgb, rgb),
	} {
		if got, err := read(content); !errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	whole := pictureOf(t, opaque)
	for name, content := range map[string][]byte{"cut": whole[:len(whole)-20], "cut early": whole[:20], "text": []byte("text"), "empty": nil} {
		if got, err := read(content); !errors.Is(err, mibitiff.ErrNotPicture) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if _, err := read(whole, mibitiff.WithMaxPageBytes(13)); !errors.Is(err, errors.ErrUnsupported) || !errors.Is(err, mibitiff.ErrLimit) {
		t.Errorf("too many pixels: %v", err)
	}
	if _, err := mibitiff.ReadRGBPicture(t.Context(), failingAt{whole, 30}, int64(len(whole))); !errors.Is(err, io.ErrClosedPipe) || errors.Is(err, mibitiff.ErrNotPicture) {
		t.Errorf("a reader that fails: %v", err)
	}
}

// failingAt fails behind an offset.
type failingAt struct {
	content []byte
	limit   int64
}

func (f failingAt) ReadAt(p []byte, at int64) (int, error) {
	if at+int64(len(p)) > f.limit {
		return 0, io.ErrClosedPipe
	}
	return bytes.NewReader(f.content).ReadAt(p, at)
}
