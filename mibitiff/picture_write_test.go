package mibitiff_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibitiff"
)

func planeOf[T mibitiff.Sample](t testing.TB, width, height int, samples ...T) mibitiff.Plane {
	t.Helper()
	plane, err := mibitiff.NewPlane(width, height, samples)
	if err != nil {
		t.Fatal(err)
	}
	return plane
}

func TestWritePictureComesBack(t *testing.T) {
	t.Parallel()
	_, made := madeImage[uint16](t, 1, 257)
	nan := float32(math.NaN())
	for name, plane := range map[string]mibitiff.Plane{
		"uint8":        planeOf[uint8](t, 3, 2, 0, 1, 2, 253, 254, 255),
		"uint16":       planeOf[uint16](t, 1, 3, 1, 256, 65535),
		"float32":      planeOf[float32](t, 2, 3, -1.5, 0, float32(math.Copysign(0, -1)), nan, float32(math.Inf(1)), 1e-40),
		"a made FOV's": made[0],
	} {
		for _, opts := range [][]mibitiff.WriterOption{nil, {mibitiff.WithLevel(1)}, {mibitiff.WithDate(time.Unix(0, 0))}} {
			var file, again bytes.Buffer
			if err := errors.Join(mibitiff.WritePicture(&file, plane, opts...), mibitiff.WritePicture(&again, plane, opts...)); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if got, err := readPicture(t, file.Bytes()); err != nil || !got.Equal(plane) {
				t.Errorf("%s comes back as %v, %v", name, got, err)
			}
			if !bytes.Equal(file.Bytes(), again.Bytes()) {
				t.Errorf("%s gives different bytes", name)
			}
		}
	}
}

func TestWritePictureRefuses(t *testing.T) {
	t.Parallel()
	one := planeOf[uint8](t, 1, 1, 7)
	var file bytes.Buffer
	for name, err := range map[string]error{
		"nothing": mibitiff.WritePicture(&file, mibitiff.Plane{}),
		"level 0": mibitiff.WritePicture(&file, one, mibitiff.WithLevel(0)),
		"level 7": mibitiff.WritePicture(&file, one, mibitiff.WithLevel(7)),
	} {
		if err == nil || file.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", name, err, file.Len())
		}
	}
	reader, writer := io.Pipe()
	full := errors.New("the disk is full")
	_ = reader.CloseWithError(full)
	if err := mibitiff.WritePicture(writer, one); !errors.Is(err, full) {
		t.Errorf("%v, want the writer's own error", err)
	}
}
