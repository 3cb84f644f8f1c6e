package mibitiff_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/openmibi/openmibi/mibitiff"
)

// pngCase is what the referee is told of one image.
type pngCase struct {
	DType    string   `json:"dtype"`
	Height   int      `json:"height"`
	Width    int      `json:"width"`
	Channels []string `json:"channels"`
	Size     []int    `json:"size"`

	image *mibitiff.Image
}

// TestExportPNGsAsPythonDoes exports images here and with MIBItracker's Python
// tools: scikit-image sees the same names, types and samples. MIBILIB_DIR names
// a checkout of the tools.
func TestExportPNGsAsPythonDoes(t *testing.T) {
	t.Parallel()
	lib := os.Getenv("MIBILIB_DIR")
	if lib == "" {
		t.Skip("MIBILIB_DIR is not set: it names a checkout of MIBItracker's Python tools (ionpath/mibilib)")
	}
	python, env := pythonWith(t, "skimage"), []string{"PYTHONPATH=" + lib}
	random := rand.New(rand.NewPCG(9, 10))
	small, large := randomPlane[uint16](t, random, 12, 8, 256), randomPlane[uint16](t, random, 12, 8, 1<<16)
	var cases []pngCase
	for _, planes := range [][2]mibitiff.Plane{
		{randomPlane[uint8](t, random, 12, 8, 256), randomPlane[uint8](t, random, 12, 8, 10)}, {small, small}, {small, large},
		{randomPlane[int16](t, random, 12, 8, 256), randomPlane[int16](t, random, 12, 8, 1<<15)},
		{randomPlane[int16](t, random, 12, 8, 256), randomPlane[int16](t, random, 12, 8, -100)},
		{newPlane(t, 2, 2, []int32{0, 1, 2, 65535}), newPlane(t, 2, 2, []int32{0, 1, 2, 3})},
		{newPlane(t, 2, 2, []int32{0, 1, 2, 65536}), newPlane(t, 2, 2, []int32{0, 1, 2, 3})},
		{newPlane(t, 2, 2, []float32{0, 1, 2, 3}), newPlane(t, 2, 2, []float32{0, 1, 2, 3})},
	} {
		im := twoPlanes(t, planes[0], planes[1])
		if err := im.Rename(map[string]string{"plain": "CD8 (low)", "a/b": "T\u00f6nsil-\u03b1"}); err != nil {
			t.Fatal(err)
		}
		c := pngCase{DType: im.DType().String(), Height: im.Height(), Width: im.Width(), Channels: im.Targets(), image: im}
		cases = append(cases, c)
		c.Size = []int{im.Height() * 3 / 2, im.Width() * 3 / 2}
		cases = append(cases, c)
	}
	folder := t.TempDir()
	for n, c := range cases {
		var raw []byte
		for _, p := range c.image.Planes() {
			raw = p.AppendBytes(raw)
		}
		if err := os.WriteFile(filepath.Join(folder, fmt.Sprint(n, ".raw")), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	asked, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	var refused map[string]string
	if err := json.Unmarshal(runPython(t, asked, env, python, "testdata/python_png.py", "export", folder), &refused); err != nil {
		t.Fatal(err)
	}
	if len(refused) == 0 || len(refused) == len(cases) {
		t.Fatalf("Python refused %v", refused)
	}
	ours, theirs := filepath.Join(folder, "ours"), filepath.Join(folder, "theirs")
	for n, c := range cases {
		var opts []mibitiff.PNGOption
		if c.Size != nil {
			opts = append(opts, mibitiff.WithPNGSize(c.Size[1], c.Size[0])) // Python counts rows first
		}
		dir := t.TempDir()
		paths, err := c.image.ExportPNGs(t.Context(), dir, opts...)
		why, theyRefused := refused[fmt.Sprint(n)]
		if (err != nil) != theyRefused {
			t.Errorf("image %d of %s: %v, Python says %q", n, c.DType, err, why)
		}
		// One comparison of two folders for all images.
		for i, path := range paths {
			name := fmt.Sprint(n, "-", filepath.Base(path))
			move(t, path, filepath.Join(ours, name))
			move(t, filepath.Join(folder, fmt.Sprint(n), c.Channels[i]+".png"), filepath.Join(theirs, name))
		}
	}
	runPython(t, nil, env, python, "testdata/python_png.py", "compare", ours, theirs)
}

func move(t *testing.T, from, to string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(from, to); err != nil {
		t.Error(err)
	}
}
