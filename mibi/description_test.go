package mibi_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/mibi"
)

// canonical is a description as a file holds it, with values of every kind
// under the specified keys.
const canonical = `{"mibi.run": "R \u00b5", "mibi.coordinates": [-241.0, -14967.999999999998], "mibi.size": 400.0, ` +
	`"mibi.slide": 5, "mibi.fov_id": "FOV1", "mibi.fov_name": "pt1", "mibi.folder": "FOV1/RowNumber0", "mibi.dwell": "4", ` +
	`"mibi.scans": 1, "mibi.aperture": "B", "mibi.instrument": null, "mibi.tissue": NaN, "mibi.panel": 7.5, ` +
	`"mibi.mass_offset": 0, "mibi.mass_gain": 0.2, "mibi.time_resolution": 0.5, "mibi.miscalibrated": -1, "mibi.check_reg": false, ` +
	`"mibi.filename": "R\nx", "mibi.description": null, "mibi.version": "alpha", "zz": "\ud83d\ude00", "mibi.other": 1e-07, ` +
	`"nested": {"b": [1, 2.0, null], "a": "\ud800"}, "image.type": "SIMS", "channel.mass": 92.0, "channel.target": null, "shape": [16, 24]}`

func TestDescriptionReadsAndWritesTheSameBytes(t *testing.T) {
	t.Parallel()
	d, err := mibi.ParseDescription([]byte(canonical))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(canonical, string(d.AppendJSON(nil))); diff != "" {
		t.Error(diff)
	}
	if got := string(d.AppendJSON([]byte("prefix{"))); got != "prefix{"+canonical {
		t.Errorf("appended: %s", got)
	}
	channel, ok := d.Channel()
	if want := (mibi.Channel{Mass: 92}); !ok || channel != want || channel.Label() != "92" {
		t.Errorf("channel %+v, %v", channel, ok)
	}
	if !slices.Equal(d.Shape, []int{16, 24}) || d.ImageType != "SIMS" {
		t.Errorf("shape %v, type %s", d.Shape, d.ImageType)
	}
	m := d.Metadata
	if offset, ok := m.MassOffset.Float(); !ok || offset != 0 || m.MassOffset.IsZero() {
		t.Error("a mass offset of zero is not the same as none")
	}
	if v, ok := m.Get("mibi.dwell"); !ok || v != m.Dwell {
		t.Errorf("mibi.dwell is %v, %v", v, ok)
	}
	if v, ok := m.Get("zz"); !ok || v.String() != "😀" {
		t.Errorf("zz is %v, %v", v, ok)
	}
	if _, ok := m.Get("instrument"); ok {
		t.Error("null is a value")
	}
}

func TestDescriptionOfOtherPages(t *testing.T) {
	t.Parallel()
	const sed = `{"image.type": "SED", "shape": [8, 9]}`
	d, err := mibi.ParseDescription([]byte(sed + "\x00\x00"))
	if err != nil {
		t.Fatal(err)
	}
	if got := string(d.AppendJSON(nil)); got != sed {
		t.Error(got)
	}
	if _, ok := d.Channel(); ok {
		t.Error("an SED page has a channel")
	}
}

func TestReservedKeysAreNotWritten(t *testing.T) {
	t.Parallel()
	m := mibi.Metadata{User: []mibi.UserValue{{"shape", mibi.Int(1)}, {"mine", mibi.Int(2)}, {"SIMS", mibi.Int(3)}, {"mibi.run", mibi.Text("x")}}}
	if got := m.DroppedKeys(); !slices.Equal(got, []string{"shape", "SIMS", "mibi.run"}) {
		t.Errorf("dropped %q", got)
	}
	d := mibi.Description{Metadata: m, ImageType: "SIMS", Mass: mibi.Int(1), Target: mibi.Text("a"), Shape: []int{1, 1}}
	text := string(d.AppendJSON(nil))
	if strings.Count(text, `"shape"`) != 1 || strings.Contains(text, `"SIMS":`) || strings.Count(text, `"mibi.run"`) != 1 || !strings.Contains(text, `"mine": 2`) {
		t.Error(text)
	}
}

func TestKeysThatComeTwiceHoldTheLast(t *testing.T) {
	t.Parallel()
	d, err := mibi.ParseDescription([]byte(`{"a": 1, "mibi.run": "x", "b": 2, "a": 3, "mibi.run": "y"}`))
	if err != nil {
		t.Fatal(err)
	}
	if d.Metadata.Run != mibi.Text("y") || !slices.Equal(d.Metadata.User, []mibi.UserValue{{"a", mibi.Int(3)}, {"b", mibi.Int(2)}}) {
		t.Errorf("%+v", d.Metadata)
	}
}

func TestDescriptionRefusesWhatIsNoObject(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "[]", "null", "1", `{"a": 1`, "ImageJ=1.0", `{"a": 1} x`} {
		if _, err := mibi.ParseDescription([]byte(text)); err == nil {
			t.Errorf("%q was read", text)
		}
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	all := mibi.Metadata{}.Missing()
	want := []string{"run", "coordinates", "size", "fov_id", "fov_name", "folder", "dwell", "scans", "mass_offset", "mass_gain", "time_resolution", "date"}
	if !slices.Equal(all, want) {
		t.Errorf("missing from nothing: %q", all)
	}
	d, err := mibi.ParseDescription([]byte(canonical))
	if err != nil {
		t.Fatal(err)
	}
	m := d.Metadata
	m.Date = time.Date(2019, 10, 16, 14, 48, 12, 0, time.UTC)
	if got := m.Missing(); got != nil {
		t.Errorf("missing from all: %q", got)
	}
	m.Run, m.MassOffset = mibi.Text(""), mibi.Value{}
	if got := m.Missing(); !slices.Equal(got, []string{"run", "mass_offset"}) {
		t.Errorf("missing: %q", got)
	}
}

func TestUpgrade(t *testing.T) {
	t.Parallel()
	old := mibi.Metadata{Description: mibi.Text("R1C3"), Folder: mibi.Text("Point1/RowNumber0"), Aperture: mibi.Text("300um")}
	want := mibi.Metadata{FOVName: mibi.Text("R1C3"), FOVID: mibi.Text("Point1"), Folder: old.Folder, Aperture: mibi.Text("B")}
	if got := old.Upgrade(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %+v", got)
	}
	if got := (mibi.Metadata{FOVID: mibi.Text("FOV3")}).Upgrade(); got.Folder != mibi.Text("FOV3") {
		t.Errorf("folder %v", got.Folder)
	}
	kept := mibi.Metadata{FOVID: mibi.Text("Point3"), FOVName: mibi.Text("n"), Description: mibi.Text("d"), Aperture: mibi.Text("2 mm")}
	if got := kept.Upgrade(); fmt.Sprint(got) != fmt.Sprint(kept) {
		t.Errorf("got %+v", got)
	}
}

func ExampleParseDescription() {
	d, err := mibi.ParseDescription([]byte(`{"mibi.run": "run1", "mibi.scans": "0,1", "mibi.size": 400.0, ` +
		`"image.type": "SIMS", "channel.mass": 147, "channel.target": "CD45"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	channel, _ := d.Channel()
	size, _ := d.Metadata.Size.Float()
	fmt.Println(channel, d.Metadata.Run, d.Metadata.Scans, size)
	// Output: CD45 (147) run1 0,1 400
}

func ExampleSortChannels() {
	channels := []mibi.Channel{{Mass: 97}, {Mass: 158, Target: "dsDNA"}, {Mass: 165, Target: "CD8"}, {Mass: 147, Target: "CD20"}}
	mibi.SortChannels(channels)
	for _, c := range channels {
		fmt.Println(c.PageName())
	}
	// Output:
	// CD20 (147)
	// CD8 (165)
	// dsDNA (158)
	// 97 (97)
}
