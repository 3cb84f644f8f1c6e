package mibitracker_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

func TestSectionWireForms(t *testing.T) {
	t.Parallel()
	for form, body := range map[string]string{
		"objects": `{"id": 319, "position": "top", "tissue": {"id": 1, "organ": "Tonsil"}, "slide": {"id": 2, "runs": [2482]},
			"panel": {"id": 98, "name": "TNBC", "batches": [{"id": 131, "batch_id": 1, "volume": 0}], "previous_id": null}, "cut_date": "2022-01-22"}`,
		"ids":  `{"id": 319, "position": "top", "tissue": 1, "slide": 2, "panel": 98, "section_create_date": "2022-01-22", "date_type": "cut", "counterstain": "x"}`,
		"bare": `319`,
	} {
		var s mibitracker.Section
		if err := json.Unmarshal([]byte(body), &s); err != nil || s.ID != 319 {
			t.Fatalf("%s: %+v, %v", form, s, err)
		}
		if form == "bare" {
			continue
		}
		if s.Tissue.ID != 1 || s.Slide.ID != 2 || s.Panel.ID != 98 || len(s.Extra) != 0 || s.CutDate+s.SectionCreateDate != "2022-01-22" {
			t.Errorf("%s: %+v", form, s)
		}
		if form == "objects" && (!slices.Equal(s.Slide.Runs, []int64{2482}) || s.Panel.Batches[0].BatchID != 1 || *s.Panel.Batches[0].Volume != 0) {
			t.Errorf("%s: %+v, %+v", form, s.Slide, s.Panel)
		}
	}
}

func TestIDsWireForms(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][]int64{
		`[1, 2]`: {1, 2}, `[{"id": 1, "name": "x"}, 2]`: {1, 2}, `[]`: nil, `null`: nil, `[null, 3]`: {3},
	} {
		ids := mibitracker.IDs{9}
		if err := json.Unmarshal([]byte(body), &ids); err != nil || !slices.Equal(ids, want) {
			t.Errorf("%s: %v, %v", body, ids, err)
		}
	}
	for _, body := range []string{`{"id": 1}`, `["a"]`, `[{"id": "a"}]`} {
		var ids mibitracker.IDs
		if json.Unmarshal([]byte(body), &ids) == nil {
			t.Errorf("%s became %v", body, ids)
		}
	}
}
