package mibitiff_test

import (
	"bytes"
	"errors"
	"image"
	"testing"

	"github.com/openmibi/openmibi/mibitiff"
)

// Whatever ReadPicture reads, OpenPicture describes before it is decoded, and
// reads the same; what it refuses is refused by one of the two.
func TestOpenPicture(t *testing.T) {
	t.Parallel()
	gray := pictureOf(t, &image.Gray{Pix: []uint8{0, 1, 2, 253, 254, 255}, Stride: 3, Rect: image.Rect(0, 0, 3, 2)})
	colour := pictureOf(t, image.NewRGBA(image.Rect(0, 0, 2, 2)))
	for name, content := range map[string][]byte{
		"gray": gray, "deep": pictureOf(t, image.NewGray16(image.Rect(0, 0, 1, 3))), "tiff": foreignFile(t, foreignPage{}),
		"cut": gray[:len(gray)-20], "cut early": gray[:20], "two pages": foreignFile(t, foreignPage{}, foreignPage{}),
		"colour": colour, "text": []byte("II, says the text"), "empty": nil,
	} {
		want, refusal := readPicture(t, content)
		picture, err := mibitiff.OpenPicture(bytes.NewReader(content), int64(len(content)))
		var got mibitiff.Plane
		if err == nil {
			got, err = picture.Read(t.Context())
		}
		switch {
		case (err == nil) != (refusal == nil),
			errors.Is(err, mibitiff.ErrNotPicture) != errors.Is(refusal, mibitiff.ErrNotPicture),
			errors.Is(err, errors.ErrUnsupported) != errors.Is(refusal, errors.ErrUnsupported):
			t.Errorf("%s: %v, ReadPicture says %v", name, err, refusal)
		case err == nil && (!got.Equal(want) || picture.Width != want.Width() || picture.Height != want.Height() || picture.DType != want.DType()):
			t.Errorf("%s: %v of %v, want %v", name, got, picture, want)
		}
	}
}
