package mibitiff_test

import (
	"context"
	"errors"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// twoPlanes makes an image of two channels, one with a name that is no file's.
func twoPlanes(t testing.TB, first, second mibitiff.Plane) *mibitiff.Image {
	t.Helper()
	im, err := mibitiff.NewImage(mibi.Metadata{}, []mibi.Channel{{Mass: 1, Target: "plain"}, {Mass: 2, Target: "a/b"}}, []mibitiff.Plane{first, second})
	if err != nil {
		t.Fatal(err)
	}
	return im
}

func TestExportPNGs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		first, second mibitiff.Plane
		bits          int
	}{
		"bytes":            {newPlane(t, 3, 1, []uint8{0, 1, 255}), newPlane(t, 3, 1, []uint8{7, 8, 9}), 8},
		"small":            {newPlane(t, 3, 1, []uint16{0, 1, 255}), newPlane(t, 3, 1, []uint16{7, 8, 9}), 8},
		"one sample large": {newPlane(t, 3, 1, []uint16{0, 1, 256}), newPlane(t, 3, 1, []uint16{7, 8, 9}), 16},
		"largest":          {newPlane(t, 3, 1, []uint16{0, 1, 2}), newPlane(t, 3, 1, []uint16{7, 8, 65535}), 16},
		"small int64":      {newPlane(t, 3, 1, []int64{0, 1, 2}), newPlane(t, 3, 1, []int64{7, 8, 255}), 8},
		"large int32":      {newPlane(t, 3, 1, []int32{0, 1, 2}), newPlane(t, 3, 1, []int32{7, 8, 65535}), 16},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			im := twoPlanes(t, test.first, test.second)
			// What lies there under a name is replaced.
			if err := os.WriteFile(filepath.Join(dir, "plain.png"), []byte("old"), 0o600); err != nil {
				t.Fatal(err)
			}
			paths, err := im.ExportPNGs(t.Context(), dir)
			if err != nil || !slices.Equal(paths, []string{filepath.Join(dir, "plain.png"), filepath.Join(dir, "a-b%s.png")}) {
				t.Fatalf("%v: %v", err, paths)
			}
			if names := entries(t, dir); len(names) != 2 {
				t.Errorf("the folder holds %v", names)
			}
			for i, path := range paths {
				checkPNG(t, path, im.Planes()[i], test.bits)
			}
		})
	}
}

// checkPNG compares a file with a plane.
func checkPNG(t *testing.T, path string, want mibitiff.Plane, bits int) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if bounds := picture.Bounds(); bounds.Dx() != want.Width() || bounds.Dy() != want.Height() {
		t.Fatalf("%s is %v", path, bounds)
	}
	for y := range want.Height() {
		for x := range want.Width() {
			got, gotBits := 0.0, 0
			switch p := picture.(type) {
			case *image.Gray:
				got, gotBits = float64(p.GrayAt(x, y).Y), 8
			case *image.Gray16:
				got, gotBits = float64(p.Gray16At(x, y).Y), 16
			}
			if got != want.At(x, y) || gotBits != bits {
				t.Fatalf("%s: column %d, row %d is %v of %d bits, want %v of %d", path, x, y, got, gotBits, want.At(x, y), bits)
			}
		}
	}
}

func TestExportResizedPNGs(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 8))
	im := twoPlanes(t, randomPlane[uint16](t, random, 12, 8, 1000), randomPlane[uint16](t, random, 12, 8, 10))
	resized, err := im.Resize(t.Context(), 18, 12, mibitiff.KeepType())
	if err != nil {
		t.Fatal(err)
	}
	paths, err := im.ExportPNGs(t.Context(), t.TempDir(), mibitiff.WithPNGSize(18, 12))
	if err != nil {
		t.Fatal(err)
	}
	for i, path := range paths {
		checkPNG(t, path, resized.Planes()[i], 16)
	}
	if _, err := im.ExportPNGs(t.Context(), t.TempDir(), mibitiff.WithPNGSize(12, 12)); !errors.Is(err, mibitiff.ErrAspectRatio) {
		t.Errorf("a distorting size: %v", err)
	}
}

func TestExportPNGsRefuses(t *testing.T) {
	t.Parallel()
	small := newPlane(t, 3, 1, []int32{0, 1, 255})
	for name, test := range map[string]struct {
		im    *mibitiff.Image
		words string
	}{
		"negative":         {twoPlanes(t, small, newPlane(t, 3, 1, []int32{-1, 0, 1})), `channel "a/b (2)" go from -1 to 1`},
		"too large":        {twoPlanes(t, newPlane(t, 3, 1, []int32{0, 0, 65536}), small), "65536"},
		"float":            {oneChannel(t, newPlane(t, 3, 1, []float32{0, 1, 2})), "float32"},
		"float of 64 bits": {oneChannel(t, newPlane(t, 3, 1, []float64{0, 1, 2})), "float64"},
	} {
		dir := t.TempDir()
		paths, err := test.im.ExportPNGs(t.Context(), dir)
		if paths != nil || !errors.Is(err, mibitiff.ErrNotInteger) || !strings.Contains(err.Error(), test.words) || len(entries(t, dir)) != 0 {
			t.Errorf("%s: %v; the folder holds %v", name, err, entries(t, dir))
		}
	}
	im := twoPlanes(t, small, small)
	if _, err := im.ExportPNGs(t.Context(), filepath.Join(t.TempDir(), "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
	dir := t.TempDir()
	ended, end := context.WithCancel(t.Context())
	end()
	if _, err := im.ExportPNGs(ended, dir); !errors.Is(err, context.Canceled) || len(entries(t, dir)) != 0 {
		t.Errorf("an ended context: %v", err)
	}
	// A folder in the place of the first file: none is left under another name.
	if err := os.MkdirAll(filepath.Join(dir, "plain.png", "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := im.ExportPNGs(t.Context(), dir); err == nil || !slices.Equal(entries(t, dir), []string{"plain.png"}) {
		t.Errorf("a folder in the way: %v; the folder holds %v", err, entries(t, dir))
	}
}
