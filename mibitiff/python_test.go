package mibitiff_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// refereeScript prints what tifffile sees in a file.
const refereeScript = `
import hashlib, json, sys
import tifffile
pages = []
with tifffile.TiffFile(sys.argv[1]) as tif:
    for page in tif.pages:
        data = page.asarray()
        description = json.loads(page.tags[270].value)
        pages.append({
            'type': description['image.type'],
            'mass': description.get('channel.mass', 0),
            'target': description.get('channel.target', ''),
            'dtype': str(data.dtype),
            'shape': list(data.shape),
            'sum': float(data.astype('float64').sum()),
            'max': float(data.max()),
            'nonzero': int((data != 0).sum()),
            'sha256': hashlib.sha256(data.astype(data.dtype.newbyteorder('<')).tobytes()).hexdigest(),
            'name': page.tags[285].value,
        })
json.dump(pages, sys.stdout)
`

// TestTifffileReadsWhatIsWritten lets Python's tifffile read an image and
// compares every page with what the image was made of.
func TestTifffileReadsWhatIsWritten(t *testing.T) {
	t.Parallel()
	python := pythonWithTifffile(t)
	for _, dtype := range []mibitiff.DType{mibitiff.Uint16, mibitiff.Float32} {
		var channels []mibi.Channel
		var planes []mibitiff.Plane
		if dtype == mibitiff.Uint16 {
			channels, planes = madeImage[uint16](t, 7, 65)
		} else {
			channels, planes = madeImage[float32](t, 7, 65)
		}
		channels[3].Target = "A\u00b5 \U0001d6fc"
		path := filepath.Join(t.TempDir(), "made.tiff")
		if err := os.WriteFile(path, writeImage(t, madeMetadata(), channels, planes), 0o600); err != nil {
			t.Fatal(err)
		}
		var complaint bytes.Buffer
		command := exec.CommandContext(t.Context(), python, "-c", refereeScript, path)
		command.Stderr = &complaint
		out, err := command.Output()
		if err != nil {
			t.Fatalf("%v: %s", err, complaint.String())
		}
		type named struct {
			expectedPage
			Name string `json:"name"`
		}
		var got []named
		if err := json.Unmarshal(out, &got); err != nil {
			t.Fatal(err)
		}
		f, err := mibitiff.OpenFile(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if len(got) != len(channels) {
			t.Fatalf("tifffile sees %d pages", len(got))
		}
		for i, page := range f.Pages() {
			comparePage(t, f, i, got[i].expectedPage)
			if page.Name != got[i].Name {
				t.Errorf("page %d is named %q, tifffile says %q", i, page.Name, got[i].Name)
			}
			plane := planes[page.Channel.Mass-100]
			if diff := cmp.Diff(strconv.FormatFloat(plane.Stats().Sum, 'g', -1, 64), strconv.FormatFloat(got[i].Sum, 'g', -1, 64)); diff != "" {
				t.Errorf("channel %s: %s", page.Channel, diff)
			}
		}
	}
}

// pythonWithTifffile returns a Python that has tifffile, or skips the test.
func pythonWithTifffile(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"/usr/bin/python3", "python3"} {
		python, err := exec.LookPath(name)
		if err == nil && exec.CommandContext(t.Context(), python, "-c", "import tifffile").Run() == nil {
			return python
		}
	}
	t.Skip("no python3 with tifffile is installed")
	return ""
}
