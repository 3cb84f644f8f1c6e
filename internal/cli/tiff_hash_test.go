package cli

import (
	"bytes"
	"crypto/sha256"
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

// everyPage is a MIBItiff with pages of all types, and what the samples of its
// photograph are.
func everyPage[T uint16 | float32](t *testing.T, sed mibitiff.Plane) (path string, slide mibitiff.RGB) {
	t.Helper()
	slide = mibitiff.RGB{Width: 957, Height: 2030, Pix: make([]uint8, 3*957*2030)}
	for i := range slide.Pix {
		slide.Pix[i] = uint8(i * i >> 3)
	}
	content := wholeImage(t, []mibi.Channel{{Mass: 1, Target: "a"}, {Mass: 2, Target: "b"}}, joinPlanes[T](t, 2), mibitiff.WithSED(sed), mibitiff.WithOptical(slide))
	path = filepath.Join(t.TempDir(), "every.tiff")
	save(t, path, content)
	return path, slide
}

// pageHash is an element of what hash prints, or another reader says.
type pageHash struct {
	Type, Target, SHA256 string
	Mass                 int
}

// The hash of a page is that of its samples in row order, the three of a pixel
// side by side in a photograph.
func TestHashOfEveryPage(t *testing.T) {
	t.Parallel()
	sed, err := mibitiff.NewPlane(3, 1, []int16{-1, 0, 256})
	if err != nil {
		t.Fatal(err)
	}
	path, slide := everyPage[uint16](t, sed)
	sum := func(b []byte) string {
		s := sha256.Sum256(b)
		return hex.EncodeToString(s[:])
	}
	var label []byte // a column of the slide becomes a row, from below
	for row := range 600 {
		for column := range 600 {
			at := 3 * ((1420+599-column)*slide.Width + 355 + row)
			label = append(label, slide.Pix[at:at+3]...)
		}
	}
	got := printed[[]pageHash](t, "tiff", "hash", path, "--json")
	if len(got) != 5 {
		t.Fatalf("%d pages", len(got))
	}
	for i, want := range []pageHash{{Type: "SED", SHA256: sum([]byte{0xff, 0xff, 0, 0, 0, 1})}, {Type: "Optical", SHA256: sum(slide.Pix)}, {Type: "Label", SHA256: sum(label)}} {
		if diff := cmp.Diff(want, got[2+i]); diff != "" {
			t.Error(diff)
		}
	}
	type described struct {
		Type, DType   string
		Width, Height int
		Sum           *float64
	}
	info := printed[struct{ Pages []described }](t, "tiff", "info", path, "--stats", "--json").Pages
	if len(info) != 5 || info[2].DType != "int16" || info[2].Sum == nil || *info[2].Sum != 255 {
		t.Errorf("%+v", info)
	}
	if diff := cmp.Diff(described{Type: "Optical", DType: "uint8", Width: 957, Height: 2030}, info[3]); diff != "" {
		t.Error(diff)
	}
}

// hashReferee prints what tifffile reads of each page.
const hashReferee = `
import hashlib, json, sys, tifffile
pages = []
with tifffile.TiffFile(sys.argv[1]) as tif:
    for page in tif.pages:
        data = page.asarray()
        about = json.loads(page.tags[270].value)
        pages.append({'type': about['image.type'], 'target': about.get('channel.target', ''), 'mass': about.get('channel.mass', 0),
                      'sha256': hashlib.sha256(data.astype(data.dtype.newbyteorder('<')).tobytes()).hexdigest()})
json.dump(pages, sys.stdout)
`

// Another reader finds the same values in pages of every type of samples.
func TestHashIsThatOfTifffile(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("millions of pixels, one after the other")
	}
	const python = "/usr/bin/python3"
	if err := exec.CommandContext(t.Context(), python, "-c", "import tifffile").Run(); err != nil {
		t.Skip("no /usr/bin/python3 with tifffile is installed")
	}
	script := filepath.Join(t.TempDir(), "referee.py")
	if err := os.WriteFile(script, []byte(hashReferee), 0o600); err != nil {
		t.Fatal(err)
	}
	plane := func(p mibitiff.Plane, err error) mibitiff.Plane {
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	for _, sed := range []mibitiff.Plane{
		plane(mibitiff.NewPlane(3, 1, []uint8{1, 0, 255})), plane(mibitiff.NewPlane(3, 1, []int8{1, 0, -128})), plane(mibitiff.NewPlane(3, 1, []int16{1, 0, -32768})),
		plane(mibitiff.NewPlane(3, 1, []uint32{1, 0, 1 << 31})), plane(mibitiff.NewPlane(3, 1, []int32{1, 0, -1 << 31})), plane(mibitiff.NewPlane(3, 1, []uint64{1, 0, 1 << 63})),
		plane(mibitiff.NewPlane(3, 1, []int64{1, 0, -1 << 63})), plane(mibitiff.NewPlane(3, 1, []float32{1.5, 0, -2})), plane(mibitiff.NewPlane(3, 1, []float64{1.5, 0, 1e300})),
	} {
		path, _ := everyPage[float32](t, sed)
		var stderr bytes.Buffer
		cmd := exec.CommandContext(t.Context(), python, script, path)
		cmd.Stderr = &stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v\n%s", err, &stderr)
		}
		var want []pageHash
		if err := json.Unmarshal(out, &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, printed[[]pageHash](t, "tiff", "hash", path, "--json")); diff != "" {
			t.Errorf("%s: %s", sed.DType(), diff)
		}
	}
}
