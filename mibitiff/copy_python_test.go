package mibitiff_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// copyScript says what other readers make of one-page files.
const copyScript = `
import hashlib, json, os, sys
import skimage.io, tifffile
def digest(data):
    return hashlib.sha256(data.astype(data.dtype.newbyteorder('<')).tobytes()).hexdigest()
out = {}
for name in sorted(os.listdir(sys.argv[1])):
    path = os.path.join(sys.argv[1], name)
    with tifffile.TiffFile(path) as tif:
        assert len(tif.pages) == 1, path
        one = digest(tif.pages[0].asarray())
    out[name] = [one, digest(skimage.io.imread(path))]
json.dump(out, sys.stdout)
`

// mibilibScript says what MIBItracker's own tools see.
const mibilibScript = `
import hashlib, json, os, sys, warnings
warnings.simplefilter('ignore')
from mibidata import tiff
out = {}
for name in sorted(os.listdir(sys.argv[1])):
    try:
        image = tiff.read(os.path.join(sys.argv[1], name))
        data = image.data
        assert data.shape[2] == 1
        out[name] = hashlib.sha256(data[:, :, 0].astype(data.dtype.newbyteorder('<')).tobytes()).hexdigest()
    except Exception as problem:
        out[name] = type(problem).__name__
json.dump(out, sys.stdout)
`

// TestOtherReadersReadCopies compares what tifffile and scikit-image see in
// copies of pages with the pages; libtiff has nothing to say of them.
func TestOtherReadersReadCopies(t *testing.T) {
	t.Parallel()
	python := pythonWithTifffile(t)
	folder := t.TempDir()
	want := copiesOfAllKinds(t, folder)
	out, err := exec.CommandContext(t.Context(), python, "-c", copyScript, folder).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	got := map[string][2]string{}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if len(got) != len(want) {
		t.Errorf("%d files were read of %d", len(got), len(want))
	}
	for name, hash := range want {
		if got[name] != [2]string{hash, hash} {
			t.Errorf("%s: tifffile and scikit-image see %s, want %s", name, got[name], hash)
		}
	}
	tiffinfo, err := exec.LookPath("tiffinfo")
	if err != nil {
		return
	}
	for name := range want {
		out, err := exec.CommandContext(t.Context(), tiffinfo, "-D", filepath.Join(folder, name)).CombinedOutput()
		if err != nil || bytes.Contains(out, []byte("arning")) {
			t.Errorf("%s: tiffinfo: %v\n%s", name, err, out)
		}
	}
}

// TestMibilibReadsCopies lets MIBItracker's own tools read the copies of what
// they read as a whole.
func TestMibilibReadsCopies(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	want := copiesOfAllKinds(t, folder)
	unread := map[string]string{}
	for _, c := range writtenCases(t) {
		unread[c.name] = c.unread
	}
	got := map[string]string{}
	if err := json.Unmarshal(runMibilib(t, mibilibScript, folder), &got); err != nil {
		t.Fatal(err)
	}
	for name, hash := range want {
		kind, _, _ := strings.Cut(name, "+")
		if unread[kind] != "" {
			continue // nor the whole
		}
		if got[name] != hash {
			t.Errorf("%s: %s, want %s", name, got[name], hash)
		}
	}
}

// copiesOfAllKinds fills a folder with copies of pages, and gives the hashes of
// their samples.
func copiesOfAllKinds(t *testing.T, folder string) map[string]string {
	t.Helper()
	want := map[string]string{}
	add := func(name string, data []byte) {
		f := openBytes(t, data)
		for _, page := range f.Pages() {
			if page.Type != mibitiff.SIMS {
				continue
			}
			plane, err := f.ReadPlane(t.Context(), page.Index)
			if err != nil {
				t.Fatal(err)
			}
			file := fmt.Sprintf("%s+%02d.tiff", name, page.Index)
			want[file] = fmt.Sprintf("%x", plane.SHA256())
			one := copied(t, f, page.Index)
			if diff := cmp.Diff(openBytes(t, one).Metadata(), f.Metadata(), cmp.Comparer(func(a, b mibi.Value) bool { return a == b })); diff != "" {
				t.Errorf("%s: the metadata differs: %s", file, diff)
			}
			strips, _ := chunks(t, data, page.Index)
			again, _ := chunks(t, one, 0)
			if !slices.EqualFunc(strips, again, bytes.Equal) {
				t.Errorf("%s: the strips differ", file)
			}
			if err := os.WriteFile(filepath.Join(folder, file), one, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range writtenCases(t) {
		if !c.single {
			add(c.name, writeImage(t, c.meta, c.channels, c.planes, c.options()...))
		}
	}
	if root := os.Getenv("MIBI_TESTDATA"); root != "" {
		for name, file := range map[string]string{"real": "cohort-point1-raw.tiff", "old": "v0.1.tiff"} {
			if data, err := os.ReadFile(filepath.Join(root, "mibitiff", file)); err == nil {
				add(name, data)
			}
		}
	}
	return want
}
