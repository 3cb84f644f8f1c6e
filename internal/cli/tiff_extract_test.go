package cli

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// photographedTIFF is a MIBItiff of three channels, one of which is named as
// the SED page is, with SED and an optical image.
func photographedTIFF(t *testing.T) (path string, sed mibitiff.Plane, optical mibitiff.RGB) {
	t.Helper()
	meta := mibi.Metadata{
		Run: mibi.Text("run"), FOVID: mibi.Text("Point1"), FOVName: mibi.Text("tonsil"), Folder: mibi.Text("Point1"),
		Coordinates: mibi.Pair(1, 2), Size: mibi.Float(400), Dwell: mibi.Float(4), Scans: mibi.Int(1), MassOffset: mibi.Float(0.1),
		MassGain: mibi.Float(0.6), TimeResolution: mibi.Float(0.5), Date: time.Date(2019, 3, 8, 1, 2, 3, 0, time.UTC),
	}
	sed, err := mibitiff.NewPlane(3, 2, []int16{-300, 0, 1, 2, 3, 9000})
	if err != nil {
		t.Fatal(err)
	}
	optical = mibitiff.RGB{Width: 400, Height: 700}
	for i := range 3 * optical.Width * optical.Height {
		optical.Pix = append(optical.Pix, uint8(i/7))
	}
	var channels []mibi.Channel
	var planes []mibitiff.Plane
	for i, target := range []string{"CD45", "HLA-A/B", "sed"} {
		plane, err := mibitiff.NewPlane(2, 2, []uint16{uint16(i), 1, 2, 3})
		if err != nil {
			t.Fatal(err)
		}
		channels, planes = append(channels, mibi.Channel{Mass: 10 + i, Target: target}), append(planes, plane)
	}
	var content bytes.Buffer
	if err := mibitiff.Write(&content, meta, channels, planes, mibitiff.WithSED(sed), mibitiff.WithOptical(optical)); err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "fov.tiff")
	if err := os.WriteFile(path, content.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, sed, optical
}

// extracted is an element of the command's JSON.
type extracted struct {
	Target, Type, Path, SHA256 string
	Mass                       int
	Size                       int64
}

func TestExtractPagesOfAType(t *testing.T) {
	t.Parallel()
	path, sed, optical := photographedTIFF(t)
	out := t.TempDir()
	names := func(args ...string) (names []string) {
		for _, f := range printed[[]extracted](t, append([]string{"tiff", "extract", path, "--json", "--out", out}, args...)...) {
			names = append(names, f.Type+" "+filepath.Base(f.Path))
			content, err := os.ReadFile(f.Path)
			sum := sha256.Sum256(content)
			if err != nil || int64(len(content)) != f.Size || hex.EncodeToString(sum[:]) != f.SHA256 {
				t.Errorf("%s is not the file that is reported: %v", f.Path, err)
			}
		}
		return names
	}
	channels := []string{"SIMS CD45.tiff", "SIMS HLA-A-B%-s.tiff", "SIMS sed.tiff"}
	photographs := []string{"Optical Optical.png", "Label Label.png"}
	for _, c := range []struct {
		args string
		want []string
	}{
		{"", channels},
		{"--page sims", channels},
		{"--page SED", []string{"SED SED%page3.tiff"}},
		{"--page label --page Optical", photographs},
		{"--page Optical --channel 10", []string{channels[0], photographs[0]}},
		{"--page SIMS --page SED --page Optical --page Label", slices.Concat(channels, []string{"SED SED%page3.tiff"}, photographs)},
	} {
		if diff := cmp.Diff(c.want, names(strings.Fields(c.args)...)); diff != "" {
			t.Errorf("%q: %s", c.args, diff)
		}
	}
	if got := readTIFF(t, filepath.Join(out, "SED%page3.tiff")); !got.Equal(sed) {
		t.Errorf("SED became %s of %d×%d", got.DType(), got.Width(), got.Height())
	}
	content, err := os.ReadFile(filepath.Join(out, "Optical.png"))
	if err != nil {
		t.Fatal(err)
	}
	picture, err := png.Decode(bytes.NewReader(content))
	if err != nil || picture.Bounds() != optical.Bounds() {
		t.Fatalf("the optical image became %v, %v", picture.Bounds(), err)
	}
	for y := range optical.Height {
		for x := range optical.Width {
			if picture.At(x, y) != optical.At(x, y) {
				t.Fatalf("column %d, row %d: %v, want %v", x, y, picture.At(x, y), optical.At(x, y))
			}
		}
	}
	folder := filepath.Join(out, "none")
	_, stderr := ran(t, 5, "tiff", "extract", namedTIFF(t, mibi.Channel{Mass: 1, Target: "a"}), "--page", "Optical", "--page", "SED", "--out", folder)
	if _, err := os.Stat(folder); err == nil || !strings.Contains(stderr, `has no page of type "Optical", but of SIMS, SED`) {
		t.Errorf("%v, %q", err, stderr)
	}
}

// Pages of a name that is taken, also in another case, get one of their own,
// which is no channel's.
func TestExtractedNames(t *testing.T) {
	t.Parallel()
	sims := func(target string) mibitiff.Page {
		return mibitiff.Page{Type: mibitiff.SIMS, Channel: mibi.Channel{Target: target}, SamplesPerPixel: 1}
	}
	pages := []mibitiff.Page{sims("CD4"), sims("cd4"), sims("SED%page4"), sims("optical"),
		{Type: mibitiff.SED, SamplesPerPixel: 1}, {Type: mibitiff.SED, SamplesPerPixel: 1}, {Type: mibitiff.Optical, SamplesPerPixel: 3},
		{Type: mibitiff.Label, SamplesPerPixel: 1}, {Type: "../x", SamplesPerPixel: 3}}
	for i := range pages {
		pages[i].Index = i
	}
	got := extractedNames(pages)
	want := []string{"CD4.tiff", "%63%644.tiff", "SED%25page4.tiff", "optical.tiff", "SED.tiff", "SED%page5.tiff", "Optical%page6.png", "Label.tiff", "%2E.-x%s.png"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if channel, err := mibi.ChannelName("SED%page5"); err == nil {
		t.Errorf("a page's file reads as that of channel %q", channel)
	}
}

func TestExtractOME(t *testing.T) {
	t.Parallel()
	path, _, _ := photographedTIFF(t)
	folder := t.TempDir()
	target := filepath.Join(folder, "fov.ome.tiff")
	type report struct {
		Path, SHA256 string
		Size         int64
		Channels     []extracted
	}
	got := printed[report](t, "tiff", "extract", path, "--ome", target, "--channel", "sed", "--channel", "10", "--json")
	content, err := os.ReadFile(target)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	want := report{
		Path: target, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:]),
		Channels: []extracted{{Target: "CD45", Mass: 10}, {Target: "sed", Mass: 12}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if xml := string(content); !strings.Contains(xml, `SizeC="2"`) || !strings.Contains(xml, `Name="CD45"`) || strings.Contains(xml, "HLA") {
		t.Errorf("%.2000q", content)
	}
	// The same file on standard output, and in the place of another.
	if out, _ := ran(t, 0, "tiff", "extract", path, "--ome", "-", "--channel", "sed", "--channel", "10"); out != string(content) {
		t.Errorf("%d bytes on standard output", len(out))
	}
	if err := os.WriteFile(target, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, errs := ran(t, 0, "tiff", "extract", path, "--ome", target); out != "" || !strings.HasPrefix(errs, "Wrote "+target+" with 3 channels (") {
		t.Errorf("%q, %q", out, errs)
	}
	if content, err = os.ReadFile(target); err != nil || !bytes.Contains(content, []byte("HLA-A/B")) {
		t.Errorf("%v, %d bytes", err, len(content))
	}
}

func TestExtractOMERefuses(t *testing.T) {
	t.Parallel()
	path, _, _ := photographedTIFF(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	target := filepath.Join(folder, "fov.ome.tiff")
	for _, c := range []struct {
		code int
		args []string
	}{
		{2, []string{"--ome", ""}},
		{2, []string{"--ome", path}},
		{2, []string{"--ome", folder}},
		{2, []string{"--ome", "-", "--json"}},
		{2, []string{"--ome", target, "--out", folder}},
		{2, []string{"--ome", target, "--page", "SIMS"}},
		{5, []string{"--ome", target, "--channel", "CD450"}},
		{1, []string{"--ome", filepath.Join(folder, "no", "fov.ome.tiff")}},
	} {
		if out, _ := ran(t, c.code, append([]string{"tiff", "extract", path}, c.args...)...); out != "" {
			t.Errorf("%q printed %q", c.args, out)
		}
	}
	// A page that cannot be read leaves nothing behind.
	head := bytes.LastIndex(before[:bytes.LastIndex(before, []byte("sed"))], []byte{0x78, 0x9c})
	broken := filepath.Join(t.TempDir(), "broken.tiff")
	if err := os.WriteFile(broken, append(append(slices.Clone(before[:head]), "no"...), before[head+2:]...), 0o600); err != nil {
		t.Fatal(err)
	}
	_, stderr := ran(t, 1, "tiff", "extract", broken, "--ome", target)
	if !strings.Contains(stderr, broken+": writing channel") || !strings.Contains(stderr, "reading page") {
		t.Errorf("%q", stderr)
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 0 {
		t.Errorf("%v, %v", entries, err)
	}
	if after, err := os.ReadFile(path); err != nil || !bytes.Equal(after, before) {
		t.Errorf("the file that was read has changed: %v", err)
	}
}
