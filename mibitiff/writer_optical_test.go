package mibitiff_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// placeRGB is an optical image whose pixels say where they are.
func placeRGB(width, height int) mibitiff.RGB {
	rgb := mibitiff.RGB{Width: width, Height: height}
	for y := range height {
		for x := range width {
			rgb.Pix = append(rgb.Pix, uint8(x), uint8(y), uint8(x>>8|y>>8<<4))
		}
	}
	return rgb
}

// placeOf reads where a pixel of placeRGB came from.
func placeOf(rgb mibitiff.RGB, x, y int) (fromX, fromY int) {
	p := rgb.Pix[3*(y*rgb.Width+x):]
	return int(p[0]) | int(p[2]&15)<<8, int(p[1]) | int(p[2]>>4)<<8
}

func TestOpticalBringsItsLabel(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 2, 4)
	for name, c := range map[string]struct {
		y             float64
		width, height int // of the optical image
		top           int // row of the optical image where the label begins
		labelW        int
		labelH        int
	}{
		"upper half":         {1, 1000, 2100, 570, 600, 600},
		"lower half":         {0, 1000, 2100, 1420, 600, 600},
		"just large enough":  {-1, 955, 2020, 1420, 600, 600},
		"cut at the right":   {1, 400, 1170, 570, 600, 45},
		"cut at the bottom":  {1, 955, 600, 570, 30, 600},
		"one pixel of label": {1, 356, 571, 570, 1, 1},
	} {
		meta := madeMetadata()
		meta.Coordinates = mibi.Pair(-5, c.y)
		optical := placeRGB(c.width, c.height)
		var out bytes.Buffer
		if err := mibitiff.Write(&out, meta, channels, planes, mibitiff.WithOptical(optical)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		f := openBytes(t, out.Bytes())
		pages := f.Pages()
		if len(pages) != 4 || pages[2].Type != mibitiff.Optical || pages[3].Type != mibitiff.Label {
			t.Fatalf("%s: %+v", name, pages)
		}
		if got, err := f.ReadRGB(t.Context(), 2); err != nil || !bytes.Equal(got.Pix, optical.Pix) {
			t.Errorf("%s: the optical image differs: %v", name, err)
		}
		label, err := f.ReadRGB(t.Context(), 3)
		if err != nil || label.Width != c.labelW || label.Height != c.labelH {
			t.Fatalf("%s: the label has %d×%d pixels, %v", name, label.Width, label.Height, err)
		}
		// A column of the optical image is a row of the label, from below.
		for y := range label.Height {
			for x := range label.Width {
				if fromX, fromY := placeOf(label, x, y); fromX != 355+y || fromY != c.top+c.labelW-1-x {
					t.Fatalf("%s: column %d, row %d of the label is column %d, row %d", name, x, y, fromX, fromY)
				}
			}
		}
	}
}

func TestOpticalRefuses(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 1, 4)
	meta := madeMetadata()
	meta.Coordinates = mibi.Pair(0, 1)
	var out bytes.Buffer
	w, err := mibitiff.NewWriter(&out, meta)
	if err != nil {
		t.Fatal(err)
	}
	fits := placeRGB(356, 571)
	if err := w.WriteOptical(fits); !errors.Is(err, mibitiff.ErrPageOrder) {
		t.Errorf("before the channels: %v", err)
	}
	if err := w.WriteChannel(channels[0], planes[0]); err != nil {
		t.Fatal(err)
	}
	for _, small := range []mibitiff.RGB{placeRGB(355, 571), placeRGB(356, 570), placeRGB(1, 1)} {
		if err := w.WriteOptical(small); !errors.Is(err, mibitiff.ErrNoLabel) {
			t.Errorf("%d×%d pixels: %v", small.Width, small.Height, err)
		}
	}
	if err := w.WriteOptical(mibitiff.RGB{Width: 356, Height: 571, Pix: make([]byte, 7)}); err == nil {
		t.Error("7 bytes were taken for 356×571 pixels")
	}
	if err := w.WriteOptical(fits); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"twice":     w.WriteOptical(fits),
		"a SED":     w.WriteSED(planes[0]),
		"a channel": w.WriteChannel(mibi.Channel{Mass: 200, Target: "z"}, planes[0]),
	} {
		if !errors.Is(err, mibitiff.ErrPageOrder) {
			t.Errorf("%s after the optical image: %v", name, err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if pages := openBytes(t, out.Bytes()).Pages(); len(pages) != 3 {
		t.Errorf("%d pages", len(pages))
	}
	if err := w.WriteOptical(fits); !errors.Is(err, mibitiff.ErrPageOrder) {
		t.Errorf("after Close: %v", err)
	}
}

func TestSEDOfEachType(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 1, 4)
	for name, sed := range map[string]mibitiff.Plane{
		"uint8":   planeOf[uint8](t, 3, 1, 0, 7, 255),
		"int8":    planeOf[int8](t, 3, 1, -128, 0, 127),
		"uint16":  planeOf[uint16](t, 1, 3, 0, 7, 65535),
		"int16":   planeOf[int16](t, 1, 3, -32768, 7, 32767),
		"uint32":  planeOf[uint32](t, 1, 2, 0, 1<<32-1),
		"int32":   planeOf[int32](t, 1, 2, -1<<31, 1<<31-1),
		"uint64":  planeOf[uint64](t, 1, 2, 0, 1<<64-1),
		"int64":   planeOf[int64](t, 1, 2, -1<<63, 1<<63-1),
		"float32": planeOf[float32](t, 1, 2, -0.1, 3e38),
		"float64": planeOf(t, 1, 2, -0.1, 3e300),
	} {
		var out bytes.Buffer
		if err := mibitiff.Write(&out, madeMetadata(), channels, planes, mibitiff.WithSED(sed)); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		f := openBytes(t, out.Bytes())
		if page := f.Pages()[1]; page.Type != mibitiff.SED || page.DType.String() != name {
			t.Errorf("%s: %+v", name, page)
		}
		comparePlane(t, f, 1, sed)
		if err := mibitiff.WritePicture(io.Discard, sed); err != nil {
			t.Errorf("%s as a picture: %v", name, err)
		}
	}
}
