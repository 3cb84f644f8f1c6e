package mibitracker_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// Numbers come as texts from backends that keep decimals, and whole ones with
// a point.
func TestNumbersInOtherForms(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		`{"id": 5, "depths": 4, "fov_size": 400, "tiff_size": 9007199254740993, "lens1_voltage": null}`,
		`{"id": 5.0, "depths": 4.0, "fov_size": 4e2, "tiff_size": "9007199254740993"}`,
		`{"id": "5", "depths": "4", "fov_size": "400.00", "tiff_size": 9007199254740993, "lens1_voltage": ""}`,
		`{"id": " 5 ", "depths": "4.0", "fov_size": "4E2", "tiff_size": 9007199254740993, "point": "7.0", "new": "1.0"}`,
	} {
		var list mibitracker.Page[mibitracker.Image]
		err := json.Unmarshal([]byte(`[{"id": 1, "run": {"imageset": {"images": [`+body+`]}}}]`), &list)
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		i := list.Results[0].Run.ImageSet.Images[0]
		if i.ID != 5 || *i.Depths != 4 || *i.FOVSize != 400 || *i.TIFFSize != 9007199254740993 || i.Lens1Voltage != nil {
			t.Errorf("%s: %+v", body, i)
		}
		if strings.Contains(body, "new") && (i.Point != "7.0" || string(i.Extra["new"]) != `"1.0"`) {
			t.Errorf("texts became %q, %s", i.Point, i.Extra["new"])
		}
	}
	for _, body := range []string{
		`{"depths": "many"}`, `{"depths": "0,5"}`, `{"depths": 4.5}`, `{"depths": "4.5"}`, `{"depths": 1e300}`, `{"depths": true}`,
		`{"fov_size": "NaN"}`, `{"fov_size": "0x10"}`, `{"fov_size": "[4]"}`, `{"fov_size": "\"4\""}`, `{"id": "null?"}`,
	} {
		var i mibitracker.Image
		if json.Unmarshal([]byte(body), &i) == nil {
			t.Errorf("%s became %+v", body, i)
		}
	}
}

// Odd numbers at each depth cost no more than plain ones: an object within
// objects is not decoded once more at each of them.
func TestOddNumbersInDepth(t *testing.T) {
	t.Parallel()
	const depth = 200
	body := strings.Repeat(`{"depths": "4", "run": {"fov_size": "4", "imageset": {"images": [`, depth) + strings.Repeat(`]}}}`, depth)
	var i mibitracker.Image
	if err := json.Unmarshal([]byte(body), &i); err != nil || *i.Depths != 4 || *i.Run.FOVSize != 4 {
		t.Error(err)
	}
}
