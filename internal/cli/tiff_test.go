package cli

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// ran runs a command that must end with an exit code, and gives what it printed.
func ran(t *testing.T, want int, args ...string) (out, errs string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), args, Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr}); code != want {
		t.Fatalf("mibi %q: code %d, want %d: %s", args, code, want, &stderr)
	}
	return stdout.String(), stderr.String()
}

func printed[T any](t *testing.T, args ...string) (v T) {
	t.Helper()
	out, _ := ran(t, 0, args...)
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// expectedPage is a page as the contract has it.
type expectedPage struct {
	Type, Target, DType string
	Mass                int
	Width, Height       int
	Sum, Max            float64
	NonZero             int
	SHA256              string
}

// compareTIFF holds all three commands against what a file is known to hold.
func compareTIFF(t *testing.T, path string, want []expectedPage) {
	t.Helper()
	got := printed[struct{ Pages []expectedPage }](t, "tiff", "info", path, "--stats", "--json").Pages
	hashes := printed[[]expectedPage](t, "tiff", "hash", path, "--json")
	out := t.TempDir()
	files := printed[[]struct {
		Target, Path string
		Mass         int
	}](t, "tiff", "extract", path, "--out", out, "--json")
	if len(got) != len(hashes) || len(got) != len(files) {
		t.Fatalf("%d pages, %d hashes, %d files", len(got), len(hashes), len(files))
	}
	for i, h := range hashes {
		got[i].SHA256 = h.SHA256
		if h.Target != got[i].Target || h.Mass != got[i].Mass || h.Type != got[i].Type {
			t.Errorf("hash %d is of %v, the page %v", i, h, got[i])
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for i, f := range files {
		content, err := os.ReadFile(f.Path)
		if err != nil {
			t.Fatal(err)
		}
		plane, err := mibitiff.ReadPicture(t.Context(), bytes.NewReader(content), int64(len(content)))
		if err != nil || f.Mass != want[i].Mass || f.Target != want[i].Target {
			t.Fatalf("%v, %v", f, err)
		}
		if sum := plane.SHA256(); hex.EncodeToString(sum[:]) != want[i].SHA256 || plane.DType().String() != want[i].DType || plane.Width() != want[i].Width {
			t.Errorf("%s does not hold what its page does", f.Path)
		}
	}
}

func TestTIFFOfAMadeFOV(t *testing.T) {
	t.Parallel()
	image, err := synth.FOV(3, synth.Options{Size: 96, Channels: 7})
	if err != nil {
		t.Fatal(err)
	}
	content, err := image.TIFF()
	if err != nil {
		t.Fatal(err)
	}
	var want []expectedPage
	file, err := mibitiff.Open(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range file.Channels() { // the panel's order is another one
		for i, made := range image.Channels {
			if made == c {
				s, sum := image.Planes[i].Stats(), image.Planes[i].SHA256()
				want = append(want, expectedPage{Type: "SIMS", Target: c.Target, Mass: c.Mass, DType: "uint16", Width: 96, Height: 96,
					Sum: s.Sum, Max: s.Max, NonZero: s.NonZero, SHA256: hex.EncodeToString(sum[:])})
			}
		}
	}
	path := filepath.Join(t.TempDir(), "fov.tiff")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	compareTIFF(t, path, want)
	info := printed[struct {
		Date     string
		Metadata map[string]any
	}](t, "tiff", "info", path, "--json")
	for key, value := range file.Metadata().All() {
		raw, err := json.Marshal(info.Metadata[key])
		if err != nil {
			t.Fatal(err)
		}
		var wanted any
		if err := json.Unmarshal([]byte(value.JSON()), &wanted); err != nil {
			t.Fatal(err)
		}
		if again, err := json.Marshal(wanted); err != nil || !bytes.Equal(raw, again) {
			t.Errorf("%s is %s, want %s", key, raw, again)
		}
	}
	if want := image.Metadata.Date.Format("2006-01-02T15:04:05"); info.Date != want {
		t.Errorf("date %q, want %q", info.Date, want)
	}
}

// The real file, against what another reader found in it.
func TestTIFFOfARealFile(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("millions of pixels, one after the other")
	}
	root := os.Getenv("MIBI_TESTDATA")
	if root == "" {
		t.Skip("MIBI_TESTDATA is not set: no real files to read")
	}
	raw, err := os.ReadFile(filepath.Join(root, "mibitiff", "expected.json"))
	if err != nil {
		t.Skipf("no real files to read: %v", err)
	}
	var known map[string][]struct {
		expectedPage
		Shape [2]int
	}
	if err := json.Unmarshal(raw, &known); err != nil || len(known) == 0 {
		t.Fatalf("%d files, %v", len(known), err)
	}
	for name, pages := range known {
		var want []expectedPage
		for _, p := range pages {
			p.Height, p.Width = p.Shape[0], p.Shape[1]
			want = append(want, p.expectedPage)
		}
		compareTIFF(t, filepath.Join(root, "mibitiff", name), want)
	}
}

// namedTIFF is a MIBItiff of a pixel a channel, its mass and a half, and an SED
// page.
func namedTIFF(t *testing.T, channels ...mibi.Channel) string {
	t.Helper()
	meta := mibi.Metadata{
		Run: mibi.Text("run\x1b[31m"), FOVID: mibi.Text("Point1"), FOVName: mibi.Text("β"), Folder: mibi.Text("Point1"),
		Coordinates: mibi.Pair(1, 2), Size: mibi.Float(400), Dwell: mibi.Float(4), Scans: mibi.Int(1), MassOffset: mibi.Float(0.1),
		MassGain: mibi.Float(0.6), TimeResolution: mibi.Float(0.5), Date: time.Date(2019, 3, 8, 1, 2, 3, 0, time.UTC),
	}
	var content bytes.Buffer
	w, err := mibitiff.NewWriter(&content, meta)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range slices.SortedFunc(slices.Values(channels), mibi.CompareChannels) {
		plane, err := mibitiff.NewPlane(1, 1, []float32{float32(c.Mass) + 0.5})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.WriteChannel(c, plane); err != nil {
			t.Fatal(err)
		}
	}
	sed, err := mibitiff.NewPlane(2, 1, []uint8{0, 9})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteSED(sed); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "fov.tiff")
	if err := os.WriteFile(path, content.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTIFFNamesOfAnyKind(t *testing.T) {
	t.Parallel()
	path := namedTIFF(t, mibi.Channel{Mass: 1, Target: "a/b"}, mibi.Channel{Mass: 2, Target: "A_b"}, mibi.Channel{Mass: 3, Target: "a_b_1"},
		mibi.Channel{Mass: 4, Target: "../up"}, mibi.Channel{Mass: 5, Target: "red\x1b[31m"}, mibi.Channel{Mass: 7, Target: "5"})
	type named struct {
		Path, Target string
		Mass         int
	}
	out := t.TempDir()
	got := map[int]string{}
	for _, f := range printed[[]named](t, "tiff", "extract", path, "--out", out, "--json") {
		got[f.Mass] = filepath.Base(f.Path)
		plane := readTIFF(t, f.Path)
		if want := float64(f.Mass) + 0.5; plane.At(0, 0) != want || plane.DType() != mibitiff.Float32 {
			t.Errorf("%s holds %v, want %v", f.Path, plane.At(0, 0), want)
		}
	}
	if diff := cmp.Diff(map[int]string{1: "a-b%s.tiff", 2: "A_b.tiff", 3: "a_b_1.tiff", 4: "%2E.-up%s.tiff", 5: "red%1B[31m.tiff", 7: "5.tiff"}, got); diff != "" {
		t.Error(diff)
	}
	entries, err := os.ReadDir(out)
	if err != nil || len(entries) != len(got) {
		t.Errorf("%d files, %v", len(entries), err)
	}
	// One channel gets the same name as among all; a name goes before a mass.
	if one := printed[[]named](t, "tiff", "extract", path, "--channel", "a/b", "--channel", "5", "--out", out, "--json"); len(one) != 2 ||
		filepath.Base(one[0].Path) != "a-b%s.tiff" || one[1].Mass != 7 {
		t.Errorf("%v", one)
	}
	// A terminal obeys nothing of it.
	for _, args := range [][]string{{"info", path}, {"hash", path}, {"info", path, "--json"}, {"extract", path, "--channel", "red\x1b[31m", "--out", out}} {
		stdout, stderr := ran(t, 0, append([]string{"tiff"}, args...)...)
		if strings.Contains(stdout+stderr, "\x1b") {
			t.Errorf("%q prints a terminal's code: %q %q", args, stdout, stderr)
		}
	}
	if _, stderr := ran(t, 5, "tiff", "extract", path, "--channel", "red", "--out", out); strings.Contains(stderr, "\x1b") || !strings.Contains(stderr, `nearest: "red\x1b[31m"`) {
		t.Errorf("%q", stderr)
	}
}

func readTIFF(t *testing.T, path string) mibitiff.Plane {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	plane, err := mibitiff.ReadPicture(t.Context(), bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	return plane
}

// The page of the electron detector is no channel: it has no mass and no file.
func TestTIFFWithSED(t *testing.T) {
	t.Parallel()
	path := namedTIFF(t, mibi.Channel{Mass: 89, Target: "dsDNA"})
	out, _ := ran(t, 0, "tiff", "info", path, "--stats", "--jq", ".pages[1] | tojson")
	want := `{"dtype":"uint8","height":1,"mass":null,"max":9,"nonzero":1,"sum":9,"target":null,"type":"SED","width":2}`
	if strings.TrimSpace(out) != want {
		t.Errorf("%s, want %s", out, want)
	}
	if out, _ := ran(t, 0, "tiff", "hash", path, "--jq", "map(.sha256 | length) | tojson"); strings.TrimSpace(out) != "[64,64]" {
		t.Errorf("hashes of %s", out)
	}
	if out, _ := ran(t, 0, "tiff", "extract", path, "--out", t.TempDir(), "--jq", "length"); strings.TrimSpace(out) != "1" {
		t.Errorf("%s files", out)
	}
}

// A page whose bytes do not unpack is named, with what is wrong.
func TestTIFFBrokenPage(t *testing.T) {
	t.Parallel()
	path := namedTIFF(t, mibi.Channel{Mass: 1, Target: "first"}, mibi.Channel{Mass: 2, Target: "second"})
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head := bytes.LastIndex(content[:bytes.LastIndex(content, []byte("SED"))], []byte{0x78, 0x9c})
	if head < 0 {
		t.Fatal("no strip of the second channel was found")
	}
	copy(content[head:], "no") // the strip's first bytes
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	ran(t, 0, "tiff", "info", path)
	for _, args := range [][]string{{"info", path, "--stats"}, {"hash", path}, {"extract", path, "--channel", "second", "--out", t.TempDir()}} {
		stdout, stderr := ran(t, 1, append([]string{"tiff"}, args...)...)
		if stdout != "" || !strings.Contains(stderr, path+": reading page 1 (\"second (2)\")") {
			t.Errorf("%q: %q", args, stderr)
		}
	}
	folder := t.TempDir()
	_, stderr := ran(t, 3, "tiff", "extract", path, "--out", folder)
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 || entries[0].Name() != "first.tiff" || !strings.Contains(stderr, "page 1") {
		t.Errorf("%v, %v, %q", entries, err, stderr)
	}
}
