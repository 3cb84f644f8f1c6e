package mibi_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/mibi"
)

const singleFOVs = `{"id": 7, "fovs": [
  {"name": "tonsil µ", "runOrder": 2, "scanCount": 3, "centerPointMicrons": {"x": -1200.5, "y": 40}, "fovSizeMicrons": 400,
   "frameSizePixels": {"width": 1024, "height": 512}, "timingDescription": "0.5 ms",
   "imagingPreset": {"preset": "Normal", "aperture": "2", "displayName": "Fine"},
   "sectionId": 11, "slideId": 12, "standardTarget": "Molybdenum Foil", "notes": "edge", "other": [{"deep": [1, null]}]},
  {"runOrder": 1, "scans": [{"n": 1}, {"n": 2}], "sectionId": null, "notes": null}
]}`

const tiledRegions = `{"rois": [
  {"name": "A", "fovs": [{"name": "A1", "runOrder": 1, "gridPosition": {"x": 0, "y": 1}},
    {"name": "A2", "runOrder": 2, "fovSizeMicrons": 200, "standardTarget": "own", "frameSizePixels": {"width": 8, "height": 16}}],
   "xMargin": -10, "yMargin": 2.5, "fovSizeMicrons": 400, "frameSizePixels": {"width": 64, "height": 32}, "standardTarget": "shared"},
  {"name": "B", "fovs": [{"name": "B1", "runOrder": 12}]}
]}`

func ptr[T any](v T) *T { return &v }

func TestParseRunJSON(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want mibi.RunJSON
	}{
		"fovs": {"\ufeff" + singleFOVs, mibi.RunJSON{FOVs: []mibi.RunJSONFOV{
			{Name: "tonsil µ", RunOrder: 2, Scans: 3, Center: &mibi.RunPosition{X: -1200.5, Y: 40}, Size: 400, FrameWidth: 1024, FrameHeight: 512,
				Timing: "0.5 ms", Preset: "Normal", Aperture: "2", PresetName: "Fine", SectionID: ptr(int64(11)), SlideID: ptr(int64(12)),
				StandardTarget: "Molybdenum Foil", Notes: "edge"},
			{RunOrder: 1, Scans: 2},
		}}},
		"rois": {tiledRegions, mibi.RunJSON{
			FOVs: []mibi.RunJSONFOV{
				{Name: "A1", RunOrder: 1, Scans: 1, Size: 400, FrameWidth: 64, FrameHeight: 32, Grid: &mibi.RunPosition{Y: 1}, StandardTarget: "shared"},
				{Name: "A2", RunOrder: 2, Scans: 1, Size: 200, FrameWidth: 8, FrameHeight: 16, StandardTarget: "own"},
				{Name: "B1", RunOrder: 12, Scans: 1},
			},
			Regions: []mibi.RunRegion{{Name: "A", XMargin: -10, YMargin: 2.5, Count: 2}, {Name: "B", First: 2, Count: 1}},
		}},
		"no order yet": {`{"fovs": [{"scans": 5}, {"scans": []}]}`, mibi.RunJSON{FOVs: []mibi.RunJSONFOV{{Scans: 1}, {Scans: 1}}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := mibi.ParseRunJSON(strings.NewReader(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(&tt.want, got); diff != "" {
				t.Errorf("run (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseRunJSONRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		line       int
		path, says string
	}{
		{"empty", "", 1, "", "ends before"},
		{"a list", "[]", 1, "", "an object"},
		{"no FOVs", `{"fovs": [], "rois": [{"fovs": []}]}`, 0, "", "no FOVs"},
		{"cut", "{\"fovs\": [\n{\"name\": \"a\"", 2, "fovs[0]", "ends before"},
		{"null list", `{"fovs": null}`, 1, "fovs", "a list"},
		{"after it", "{\"fovs\": [{}]}\n{}", 2, "", "follows"},
		{"broken", "{\"fovs\": [\n{},\n{nope}]}", 3, "fovs[1]", "broken JSON"},
		{"text for a number", "{\"fovs\": [\n\n{\"runOrder\":\n\"1\"}]}", 3, "fovs[0].runOrder", "string where int"},
		{"deep text for a number", `{"rois": [{"fovs": [{"centerPointMicrons": {"x": "1"}}]}]}`, 1, "rois[0].fovs[0].centerPointMicrons.x", "float64"},
		{"order zero", `{"fovs": [{"runOrder": 0}]}`, 1, "fovs[0]", "runOrder is 0"},
		{"order twice", "{\"fovs\": [{\"runOrder\": 1},\n{\"runOrder\":\n 1}]}", 2, "fovs[1]", "another FOV"},
		{"no scans", `{"fovs": [{"scanCount": 0}]}`, 1, "fovs[0]", "scanCount is 0"},
		{"size", `{"rois": [{"fovSizeMicrons": -4}]}`, 1, "rois[0]", "fovSizeMicrons is -4"},
		{"frame", `{"fovs": [{"frameSizePixels": {"width": 8}}]}`, 1, "fovs[0]", "8 by 0"},
		{"not UTF-8", "{\"fovs\": [{\"name\": \"\xb5\"}]}", 0, "", "UTF-8"},
		{"many", `{"fovs": [{}` + strings.Repeat(",{}", mibi.MaxRunJSONFOVs) + "]}", 1, "fovs[100000]", "more than"},
		{"deep", `{"x": ` + strings.Repeat("[", 1<<20), 1, "x", "depth"},
		{"large", strings.Repeat(" ", mibi.MaxRunJSONBytes+1), 0, "", "larger than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := mibi.ParseRunJSON(strings.NewReader(tt.text))
			var e *mibi.RunJSONError
			if !errors.As(err, &e) || !errors.Is(err, mibi.ErrRunJSON) {
				t.Fatalf("error %v is no RunJSONError", err)
			}
			if e.Line != tt.line || e.Path != tt.path || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%q at line %d, %q; want %q at line %d, %q", err, e.Line, e.Path, tt.says, tt.line, tt.path)
			}
		})
	}
	broken := errors.New("unplugged")
	if _, err := mibi.ParseRunJSON(iotest.ErrReader(broken)); !errors.Is(err, broken) || errors.Is(err, mibi.ErrRunJSON) {
		t.Errorf("the reader's error came as %v", err)
	}
}

func TestRunJSONFOVDwell(t *testing.T) {
	t.Parallel()
	for timing, want := range map[string]float64{"0.5 ms": 0.5, "2ms": 2, " 1 ms ": 1, "": 0, "ms": 0, "fast": 0, "-1 ms": 0, "NaN ms": 0, "Inf ms": 0, "3 us": 0} {
		f := mibi.RunJSONFOV{Timing: timing}
		if got, ok := f.Dwell(); got != want || ok != (want != 0) {
			t.Errorf("Dwell of %q = %v, %t, want %v", timing, got, ok, want)
		}
	}
}

func ExampleParseRunJSON() {
	run, err := mibi.ParseRunJSON(strings.NewReader(`{"rois": [{"name": "tonsil", "fovSizeMicrons": 400,
		"fovs": [{"name": "R1C1", "runOrder": 1, "timingDescription": "0.5 ms"}, {"name": "R1C2", "runOrder": 2}]}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range run.FOVs {
		fmt.Println(f.ID(), f.Name, f.Size, "µm")
	}
	dwell, _ := run.FOVs[0].Dwell()
	fmt.Println(dwell, "ms")
	// Output:
	// FOV1 R1C1 400 µm
	// FOV2 R1C2 400 µm
	// 0.5 ms
}
