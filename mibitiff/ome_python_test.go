package mibitiff_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// omeSeen is what tifffile sees in an OME-TIFF.
type omeSeen struct {
	OME, Big, Pyramidal bool
	Series              int
	Kind, Axes, DType   string
	Shapes              [][]int
	Levels, Zarr        [][]string
	Names               []string
	Pixel               []any
}

// TestTifffileReadsOME lets Python's tifffile, and zarr through it, read images
// of every type, and compares every level of every channel. None is one pixel
// wide: that version of tifffile takes the columns of such for channels.
func TestTifffileReadsOME(t *testing.T) {
	t.Parallel()
	python := pythonWithTifffile(t)
	folder := t.TempDir()
	channels := omeChannels()
	meta := madeMetadata()
	var paths []string
	var want []omeSeen
	for i, planes := range [][]mibitiff.Plane{
		omePlanes[uint8](t, 2, 3), omePlanes[int8](t, 17, 30), omePlanes[uint16](t, 1300, 1101), omePlanes[int16](t, 33, 600),
		omePlanes[uint32](t, 512, 512), omePlanes[int32](t, 513, 514), omePlanes[float32](t, 2050, 515), omePlanes[float64](t, 64, 63),
	} {
		bigTIFF := i%2 == 1
		path := filepath.Join(folder, planes[0].DType().String()+".ome.tiff")
		if err := os.WriteFile(path, writeOME(t, meta, channels, planes, mibitiff.WithBigTIFF(bigTIFF)), 0o600); err != nil {
			t.Fatal(err)
		}
		paths, want = append(paths, path), append(want, omeWanted(planes, channels, bigTIFF))
	}
	var complaint bytes.Buffer
	command := exec.CommandContext(t.Context(), python, append([]string{"testdata/python_ome.py"}, paths...)...)
	command.Stderr = &complaint
	out, err := command.Output()
	if err != nil || complaint.Len() > 0 {
		t.Fatalf("%v: %s", err, complaint.String())
	}
	var got []omeSeen
	if err := json.Unmarshal(out, &got); err != nil || len(got) != len(want) {
		t.Fatalf("%d files, %v", len(got), err)
	}
	for i, path := range paths {
		if got[i].Zarr == nil {
			t.Log("zarr is not installed: tifffile alone reads the levels")
			want[i].Zarr = nil
		}
		if diff := cmp.Diff(want[i], got[i]); diff != "" {
			t.Errorf("%s: %s", filepath.Base(path), diff)
		}
	}
}

// omeWanted is what a reader should see of an image of 400 µm.
func omeWanted(planes []mibitiff.Plane, channels []mibi.Channel, bigTIFF bool) omeSeen {
	width, height := planes[0].Width(), planes[0].Height()
	seen := omeSeen{
		OME: true, Big: bigTIFF, Series: 1, Kind: "ome", Axes: "CYX", DType: planes[0].DType().String(),
		Pixel: []any{400 / float64(width), 400 / float64(height), "µm"},
	}
	for _, c := range channels {
		seen.Names = append(seen.Names, c.Label())
	}
	seen.Names[2] = "β <&\"'>]]>\n\ufffd \U0001d6fc" // XML cannot hold U+0001
	planes = append([]mibitiff.Plane(nil), planes...)
	for {
		var sums []string
		for _, p := range planes {
			sum := p.SHA256()
			sums = append(sums, hex.EncodeToString(sum[:]))
		}
		seen.Levels = append(seen.Levels, sums)
		seen.Shapes = append(seen.Shapes, []int{len(planes), planes[0].Height(), planes[0].Width()})
		if max(planes[0].Width(), planes[0].Height()) <= 512 {
			break
		}
		for i := range planes {
			planes[i] = planes[i].Halve()
		}
	}
	seen.Zarr, seen.Pyramidal = seen.Levels, len(seen.Levels) > 1
	return seen
}

// TestLibtiffReadsOME lets libtiff's tiffinfo decode all pages and their lower
// resolutions, of which it must not say a word.
func TestLibtiffReadsOME(t *testing.T) {
	t.Parallel()
	tiffinfo, err := exec.LookPath("tiffinfo")
	if err != nil {
		t.Skip("tiffinfo of libtiff is not installed")
	}
	for _, bigTIFF := range []bool{false, true} {
		path := filepath.Join(t.TempDir(), "made.ome.tiff")
		data := writeOME(t, madeMetadata(), omeChannels(), omePlanes[uint16](t, 1300, 700), mibitiff.WithBigTIFF(bigTIFF))
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		var complaint bytes.Buffer
		command := exec.CommandContext(t.Context(), tiffinfo, "-D", path)
		command.Stderr = &complaint
		out, err := command.Output()
		if err != nil || complaint.Len() > 0 {
			t.Errorf("%v: %s", err, complaint.String())
		}
		if directories := bytes.Count(out, []byte("TIFF Directory at offset")); directories < 3 {
			t.Errorf("%d directories", directories)
		}
	}
}
