package mibitiff_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// resizeCase is what the referee is told of one image.
type resizeCase struct {
	DType    string `json:"dtype"`
	Height   int    `json:"height"`
	Width    int    `json:"width"`
	ToHeight int    `json:"to_height"`
	ToWidth  int    `json:"to_width"`

	image *mibitiff.Image
}

// TestResizeAsPythonDoes lets scikit-image resize images of noise and of counts
// as detectors see them, and compares every sample.
func TestResizeAsPythonDoes(t *testing.T) {
	t.Parallel()
	python := pythonWith(t, "skimage")
	folder := t.TempDir()
	cases := append(resizeCases(t), realResizeCases(t)...)
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
	runPython(t, asked, nil, python, "testdata/python_resize.py", folder)

	worst, differing, samples := map[string]float64{}, 0, 0
	for n, c := range cases {
		name := fmt.Sprintf("%s %d×%d to %d×%d", c.DType, c.Width, c.Height, c.ToWidth, c.ToHeight)
		float, err := c.image.Resize(t.Context(), c.ToWidth, c.ToHeight)
		if err != nil {
			t.Fatal(err)
		}
		kept, err := c.image.Resize(t.Context(), c.ToWidth, c.ToHeight, mibitiff.KeepType())
		if err != nil {
			t.Fatal(err)
		}
		largest := 0.0
		for _, p := range c.image.Planes() {
			largest = max(largest, p.Stats().Max, -p.Stats().Min)
		}
		wantFloat, wantKept := refereePlanes(t, folder, fmt.Sprint(n, ".float"), float), refereePlanes(t, folder, fmt.Sprint(n, ".kept"), kept)
		// Python has the result of a float32 image rounded to float32.
		tolerance := 1e-13
		if c.DType == "float32" {
			tolerance = 0x1p-24
		}
		for i, p := range float.Planes() {
			for y := range c.ToHeight {
				for x := range c.ToWidth {
					exact, want := p.At(x, y), wantFloat[i].At(x, y)
					off := math.Abs(exact - want)
					worst[c.DType] = max(worst[c.DType], off/max(largest, math.SmallestNonzeroFloat64))
					if !(off <= tolerance*largest) {
						t.Fatalf("%s: channel %d, column %d, row %d is %v, Python has %v", name, i, x, y, exact, want)
					}
					samples++
					got, python := kept.Planes()[i].At(x, y), wantKept[i].At(x, y)
					if got == python || c.DType == "float32" && math.Abs(got-python) <= largest*tolerance || c.DType == "float64" {
						continue
					}
					differing++
					// Where Python's sum fell short of a whole number.
					if math.Abs(got) != math.Abs(python)+1 || math.Abs(exact-got) > largest*0x1p-40 {
						t.Fatalf("%s: channel %d, column %d, row %d is %v of %v, Python has %v", name, i, x, y, got, exact, python)
					}
				}
			}
		}
	}
	t.Logf("largest difference, of the largest sample: %v; %d of %d whole samples differ by rounding", worst, differing, samples)
}

// refereePlanes reads planes like those of an image that the referee wrote.
func refereePlanes(t *testing.T, folder, name string, like *mibitiff.Image) []mibitiff.Plane {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Fatal(err)
	}
	var planes []mibitiff.Plane
	for _, p := range like.Planes() {
		size := p.Len() * p.DType().Size()
		if len(raw) < size {
			t.Fatalf("%s is too short", name)
		}
		p = p.Clone()
		p.SetBytes(0, raw[:size])
		planes, raw = append(planes, p), raw[size:]
	}
	return planes
}

// resizeCases makes images of two channels.
func resizeCases(t *testing.T) []resizeCase {
	t.Helper()
	random := rand.New(rand.NewPCG(5, 6))
	var cases []resizeCase
	for _, size := range [][4]int{ // height and width, before and after
		{64, 64, 32, 32}, {64, 64, 128, 128}, {33, 33, 20, 20}, {33, 33, 67, 67}, {61, 61, 17, 17}, {1, 1, 5, 5}, {2, 2, 7, 7}, {3, 3, 1, 1},
		{7, 7, 3, 3}, {60, 45, 8, 6}, {30, 50, 51, 85}, {40, 8, 55, 11}, {1, 9, 3, 27}, {128, 128, 100, 100}, {31, 31, 31, 31},
	} {
		h, w := size[0], size[1]
		sparse, steps := make([]uint16, h*w), make([]uint16, h*w)
		for i := range sparse {
			if random.IntN(14) == 0 {
				sparse[i] = uint16(1 + random.IntN(6))
			}
			steps[i] = 3 * uint16(i/w/8+i%w/8)
		}
		for _, planes := range [][]mibitiff.Plane{
			{newPlane(t, w, h, sparse), newPlane(t, w, h, steps)},
			{randomPlane[uint8](t, random, w, h, 256), randomPlane[uint8](t, random, w, h, 10)},
			{randomPlane[uint16](t, random, w, h, 1<<16), randomPlane[uint16](t, random, w, h, 500)},
			{randomPlane[int16](t, random, w, h, 1<<15), randomPlane[int16](t, random, w, h, -1000)},
			{randomPlane[float32](t, random, w, h, 1000), randomPlane[float32](t, random, w, h, 1)},
			{randomPlane[float64](t, random, w, h, 1), randomPlane[float64](t, random, w, h, 1e-3)},
		} {
			im, err := mibitiff.NewImage(mibi.Metadata{}, fourChannels()[:2], planes)
			if err != nil {
				t.Fatal(err)
			}
			cases = append(cases, resizeCase{DType: im.DType().String(), Height: h, Width: w, ToHeight: size[2], ToWidth: size[3], image: im})
		}
	}
	return cases
}

// realResizeCases takes two channels of each real file that is at hand.
func realResizeCases(t *testing.T) []resizeCase {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(os.Getenv("MIBI_TESTDATA"), "mibitiff", "*.tif*"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []resizeCase
	for _, path := range paths {
		f, err := mibitiff.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		targets := f.Channels()
		im, err := f.Image(t.Context(), targets[0].Label(), targets[len(targets)-1].Label())
		if err != nil {
			t.Fatal(err)
		}
		h, w := im.Height(), im.Width()
		if h != w {
			continue
		}
		for _, edge := range []int{h/2 + 1, h*5/4 + 1} {
			cases = append(cases, resizeCase{DType: im.DType().String(), Height: h, Width: w, ToHeight: edge, ToWidth: edge, image: im})
		}
	}
	return cases
}

// pythonWith returns a Python that has a module, or skips the test.
func pythonWith(t *testing.T, module string) string {
	t.Helper()
	for _, name := range []string{"/usr/bin/python3", "python3"} {
		python, err := exec.LookPath(name)
		if err == nil && exec.CommandContext(t.Context(), python, "-c", "import "+module).Run() == nil {
			return python
		}
	}
	t.Skipf("no python3 with %s is installed", module)
	return ""
}

// runPython runs a script and returns what it prints.
func runPython(t *testing.T, stdin []byte, env []string, python string, args ...string) []byte {
	t.Helper()
	var complaint bytes.Buffer
	command := exec.CommandContext(t.Context(), python, args...)
	command.Stdin, command.Stderr = bytes.NewReader(stdin), &complaint
	command.Env = append(os.Environ(), append(env, "PYTHONDONTWRITEBYTECODE=1")...)
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaint.String())
	}
	return out
}
