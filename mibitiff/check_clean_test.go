package mibitiff_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/openmibi/openmibi/mibitiff"
)

// wantClean fails for a report that has findings.
func wantClean(t *testing.T, name string, r *mibitiff.Report, pages int) {
	t.Helper()
	if len(r.Pages) != pages || r.Decoded != pages {
		t.Errorf("%s: %d pages, %d decoded, want %d", name, len(r.Pages), r.Decoded, pages)
	}
	for _, f := range r.Findings {
		t.Errorf("%s: %s: %s", name, f.Code, f)
	}
}

func TestCheckOfWhatIsWritten(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 9, 33)
	channels[2].Target, channels[3].Target = "A\u00b5 \U0001d6fc", "23"
	wantClean(t, "uint16", checked(t, writeImage(t, madeMetadata(), channels, planes)), 9)
	channels, planes = madeImage[float32](t, 3, 40)
	wantClean(t, "float32", checked(t, writeImage(t, madeMetadata(), channels, planes)), 3)
	d := newDraft(t)
	wantClean(t, "all kinds of pages", checked(t, d.bytes()), 5)
	wantClean(t, "another time", checked(t, draftOf(t, d.bytes()).bytes()), 5)
	structure := checked(t, d.bytes(), mibitiff.CheckStructureOnly())
	if structure.Decoded != 0 || len(structure.Findings) != 0 || len(structure.Pages) != 5 {
		t.Errorf("structure alone: %+v", structure)
	}
	golden, err := os.ReadFile("testdata/python-uint16.tiff")
	if err != nil {
		t.Fatal(err)
	}
	wantClean(t, "python-uint16.tiff", checked(t, golden), 7)
}

// checkScript writes files of every kind with mibilib.
const checkScript = `
import datetime, os, sys
import numpy as np
from mibidata import mibi_image, tiff

random = np.random.default_rng(7)
channels = ((147, 'CD45'), (89, 'dsDNA'), (12, 'b/x'), (2, 'A\u00b5'), (23, '23'))

def image(dtype, **changes):
    shape = (48, 48, len(channels))
    data = (random.random(shape) < 0.1) * random.integers(1, 40000, shape)
    metadata = dict(
        run='r', date=datetime.datetime(2019, 10, 16, 14, 48, 12), coordinates=(-241., -14968.), size=400.,
        slide='5', fov_id='FOV1', fov_name='R1 \u00b5', folder='FOV1/RowNumber0', dwell=4, scans='0,5', aperture='B',
        mass_offset=.1, mass_gain=.2, time_resolution=.5, miscalibrated=False, description='line\nbreak', mine={'a': [1, None]})
    metadata.update(changes)
    return mibi_image.MibiImage(data.astype(dtype), channels, **metadata)

os.chdir(sys.argv[1])
grey = random.integers(0, 255, (16, 16)).astype('uint8')
optical = random.integers(0, 255, (2100, 1000, 3)).astype('uint8')
tiff.write('uint16.tiff', image('uint16'))
tiff.write('float32.tiff', image('float32', size=333.3))
tiff.write('sed-uint8.tiff', image('uint16'), sed=grey)
tiff.write('sed-int16.tiff', image('uint16'), sed=grey.astype('int16'))
tiff.write('sed-float64.tiff', image('float32'), sed=grey / 3)
tiff.write('optical.tiff', image('uint16', coordinates=(1.5, 2.)), sed=grey, optical=optical)
tiff.write('.', image('uint16'), multichannel=False)
`

// TestCheckOfWhatPythonWrites checks files that the field's own tool writes.
func TestCheckOfWhatPythonWrites(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	runMibilib(t, checkScript, folder)
	files, err := filepath.Glob(filepath.Join(folder, "*.tiff"))
	if err != nil {
		t.Fatal(err)
	}
	pages := map[string]int{"uint16.tiff": 5, "float32.tiff": 5, "sed-uint8.tiff": 6, "sed-int16.tiff": 6, "sed-float64.tiff": 6, "optical.tiff": 8}
	if len(files) != len(pages)+5 {
		t.Fatalf("%d files: %q", len(files), files)
	}
	for _, path := range files {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := pages[filepath.Base(path)]
		if want == 0 { // of the folder of single channels
			want = 1
		}
		wantClean(t, filepath.Base(path), checked(t, content), want)
	}
}

// runMibilib runs a script with the field's Python tools, which MIBILIB_DIR
// names a checkout of, and gives what it prints.
func runMibilib(t *testing.T, script string, args ...string) []byte {
	t.Helper()
	lib := os.Getenv("MIBILIB_DIR")
	if lib == "" {
		t.Skip("MIBILIB_DIR is not set: it names a checkout of the Python client (ionpath/mibilib)")
	}
	python := pythonWithTifffile(t)
	command := exec.CommandContext(t.Context(), python, append([]string{"-c", script}, args...)...)
	command.Dir = t.TempDir()
	command.Env = append(os.Environ(), "PYTHONPATH="+lib, "PYTHONDONTWRITEBYTECODE=1")
	var complaint bytes.Buffer
	command.Stderr = &complaint
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaint.String())
	}
	return out
}

func TestCheckOfRealFiles(t *testing.T) {
	t.Parallel()
	folder := realFiles(t)
	for name, want := range map[string][]string{
		"cohort-point1-raw.tiff": {"odd-offset", "extra-tag", "compression-older", "strip-alignment", "missing-tag"},
		"v0.1.tiff": {"extra-tag", "compression-older", "key-order", "keys-missing", "keys-older", "aperture-older", "strip-alignment",
			"software-version", "extra-tag", "odd-offset", "missing-tag"},
	} {
		content, err := os.ReadFile(filepath.Join(folder, name))
		if errors.Is(err, os.ErrNotExist) {
			t.Skip(err)
		}
		if err != nil {
			t.Fatal(err)
		}
		report := checked(t, content)
		var got []string
		for _, g := range report.Groups() {
			got = append(got, g.Code)
			if g.Severity != mibitiff.SeverityNote {
				t.Errorf("%s: %s", name, g.Text())
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
		for i := range min(len(got), len(want)) {
			if got[i] != want[i] {
				t.Errorf("%s: group %d is %s, want %s", name, i, got[i], want[i])
			}
		}
	}
}
