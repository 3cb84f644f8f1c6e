package mibitracker_test

import (
	"encoding/json"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

func TestImageWireForms(t *testing.T) {
	t.Parallel()
	var image mibitracker.Image
	err := json.Unmarshal([]byte(`{
		"id": 429, "description": null, "point": null, "number": "Point4", "folder": "Point4/RowNumber0/Depth_Profile0",
		"dwell_time": 4.0, "depths": 4, "frame": 1024, "fov_size": 500.0, "mass_gain": 0.62, "mass_offset": 0,
		"x_coord": 209610, "sed": "sed.bmp", "aperture": {"id": 1, "code": "A", "name": "1 mm", "future": [1]},
		"lens1_voltage": null, "project": {"id": 1, "name": "Validation", "can_edit": true}, "tissue": 5,
		"section": {"id": 5, "position": "Bottom", "panel": {"id": 98, "name": "P", "batches": []}, "counterstain": "x"},
		"run": {"id": 26, "label": "r", "path": "r-uuid", "aperture": "A"},
		"status": ["U", "M"], "sims_pngs": ["CD3"], "extra_pngs": ["cells"], "new_field": {"a": 1}, "tiff_size": 9007199254740993}`), &image)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case image.ID != 429, image.Point != "", *image.MassOffset != 0, image.TimeBin != nil, image.Lens1Voltage != nil,
		image.Aperture.Code != "A", string(image.Aperture.Extra["future"]) != "[1]", image.Tissue.ID != 5,
		image.Section.Panel.Name != "P", image.Section.Counterstain != "x",
		image.Run.Aperture.Code != "A", string(image.Extra["new_field"]) != `{"a": 1}`, len(image.Extra) != 1,
		*image.TIFFSize != 9007199254740993, image.SIMSChannels[0] != "CD3", image.Available(), image.Failed():
		t.Errorf("%+v", image)
	}
	if p, err := image.TIFFPath(); err != nil || p != "r-uuid/Point4/RowNumber0/Depth_Profile0/summed_image.tiff" {
		t.Errorf("%q, %v", p, err)
	}
	raw, err := json.Marshal(image)
	if err != nil {
		t.Fatal(err)
	}
	var again mibitracker.Image
	if err := json.Unmarshal(raw, &again); err != nil || string(again.Extra["new_field"]) != `{"a":1}` ||
		again.Section.Counterstain != "x" || again.Number != "Point4" {
		t.Errorf("written and read again: %s, %v", raw, err)
	}
}

func TestRunWireForms(t *testing.T) {
	t.Parallel()
	var run mibitracker.Run
	err := json.Unmarshal([]byte(`{"id": 26, "aperture": 3, "instrument": {"id": 2, "name": "Beta2"}, "project": null,
		"slide_ids": [{"id": 5, "name": "5"}, 6], "operator": null, "run_date": null,
		"imageset": {"id": 40, "images": [{"id": 244, "status": "A", "pngs": ["CD3"]}, 245]}}`), &run)
	if err != nil {
		t.Fatal(err)
	}
	if run.Aperture.ID != 3 || run.Project != nil || run.Slides[1].ID != 6 || run.RunDate != "" ||
		!run.ImageSet.Images[0].Available() || run.ImageSet.Images[1].ID != 245 || run.Extra != nil {
		t.Errorf("%+v", run)
	}
	if _, err := run.ImageSet.Images[0].TIFFPath(); err == nil {
		t.Error("an image without its run has a path")
	}
}

func FuzzWire(f *testing.F) {
	f.Add([]byte(`{"count": 1, "next": null, "results": [{"id": 1, "status": "A", "run": 5, "x": {}}]}`))
	f.Add([]byte(`[{"id": 1, "aperture": "A", "section": {"panel": 3}}, 4]`))
	f.Fuzz(func(t *testing.T, in []byte) {
		var page mibitracker.Page[mibitracker.Image]
		if json.Unmarshal(in, &page) != nil {
			return
		}
		// What was read can be written, and reads back as the same.
		raw, err := json.Marshal(page.Results)
		if err != nil {
			t.Fatal(err)
		}
		var again []mibitracker.Image
		if err := json.Unmarshal(raw, &again); err != nil || len(again) != len(page.Results) {
			t.Fatalf("%s: %v", raw, err)
		}
	})
}
