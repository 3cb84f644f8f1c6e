package mibi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibi"
)

// FuzzParseRunJSON holds a run JSON against what encoding/json makes of the
// same text: both take it for JSON, and both find as many FOVs and regions.
func FuzzParseRunJSON(f *testing.F) {
	f.Add([]byte(singleFOVs))
	f.Add([]byte(tiledRegions))
	f.Add([]byte(`{"fovs": [{"scans": {}}, {"name": "\ud800", "runOrder": 3}], "rois": [], "x": [[{"fovs": 1}]]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		run, err := mibi.ParseRunJSON(bytes.NewReader(text))
		generic, members, valid := genericRun(bytes.TrimPrefix(text, []byte("\xef\xbb\xbf")))
		if err != nil {
			if run != nil || !errors.Is(err, mibi.ErrRunJSON) {
				t.Fatalf("%v, %v", run, err)
			}
			if valid && (strings.Contains(err.Error(), "broken") || strings.Contains(err.Error(), "ends before")) && !strings.Contains(err.Error(), "expected") && !strings.Contains(err.Error(), "cannot") {
				t.Fatalf("JSON is refused: %v", err)
			}
			return
		}
		if !valid {
			t.Fatalf("what is no JSON was read as %+v", run)
		}
		ids := make(map[string]bool)
		for _, fov := range run.FOVs {
			if fov.Scans < 1 || fov.RunOrder < 0 || fov.Size < 0 || (fov.FrameWidth == 0) != (fov.FrameHeight == 0) {
				t.Fatalf("FOV %+v", fov)
			}
			if id := fov.ID(); id != "" && ids[id] {
				t.Fatalf("two FOVs %s", id)
			}
			ids[fov.ID()] = true
			if ms, ok := fov.Dwell(); ok != (ms > 0) {
				t.Fatalf("timing %q is %v ms, %t", fov.Timing, ms, ok)
			}
		}
		for _, region := range run.Regions {
			_ = run.FOVs[region.First : region.First+region.Count]
		}
		// A key that comes twice is two lists here and the last there.
		if members != bytes.Count(text, []byte(":")) {
			return
		}
		fovs, regions := list(generic["fovs"]), list(generic["rois"])
		for _, r := range regions {
			region, _ := r.(map[string]any)
			fovs = append(fovs, list(region["fovs"])...)
		}
		if len(fovs) != len(run.FOVs) || len(regions) != len(run.Regions) {
			t.Fatalf("%d FOVs and %d regions, want %d and %d", len(run.FOVs), len(run.Regions), len(fovs), len(regions))
		}
	})
}

func list(v any) []any {
	entries, _ := v.([]any)
	return entries
}

// genericRun reads a text without knowing what it is, and counts the members of
// its objects.
func genericRun(text []byte) (run map[string]any, members int, valid bool) {
	if !json.Valid(text) || json.Unmarshal(text, &run) != nil {
		return nil, 0, json.Valid(text)
	}
	var count func(v any)
	count = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			members += len(v)
			for _, m := range v {
				count(m)
			}
		case []any:
			for _, m := range v {
				count(m)
			}
		}
	}
	count(run)
	return run, members, true
}
