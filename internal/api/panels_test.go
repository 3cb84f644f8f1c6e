package api_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fullPanel has every field that a client writes.
const fullPanel = `{"name": "TONIC_TNBC", "description": "of two batches", "dilution": 0.5, "manufacture_date": "2021-10-13", "is_draft": true,
	"batches": [
		{"batch_id": 2, "volume": 200, "antibody_volume": 20.5, "buffer_volume": 179.5, "is_draft": true},
		{"batch_id": 1, "volume": 0, "antibody_volume": 0, "buffer_volume": 0}],
	"conjugates": [
		{"external_id": "a (b)", "target": "Calprotectin", "clone": "MAC387", "mass": 69, "element": "Ga", "concentration": 200,
		 "recommended_titer": 0.25, "titer": 1e-3, "titer_units": "μg/mL", "volume": 1.5, "lot": "1352 (x)", "manufacture_date": "2020-07-20",
		 "expiration_date": "2022-07-20", "batch_id": 1, "is_draft": true},
		{"target": "CD8", "mass": 158, "batch_id": 2, "clone": "C8/144B"},
		{"target": "HLA class 1 A, B, and C", "mass": 160},
		{"target": "dsDNA", "mass": 89, "clone": "-", "batch_id": 2}]}`

func (s *server) addPanel(t *testing.T, who user, body string) map[string]any {
	t.Helper()
	return s.do(t, who, "POST", "/panels/", body).want(t, 201).object(t)
}

func panelPath(panel map[string]any) string { return "/panels/" + itoa(idOf(panel)) + "/" }

func partsOf(t *testing.T, of map[string]any, name string) []map[string]any {
	t.Helper()
	list, ok := of[name].([]any)
	if !ok {
		t.Fatalf("no list %s in %v", name, of)
	}
	out := make([]map[string]any, len(list))
	for i := range list {
		out[i], _ = list[i].(map[string]any)
	}
	return out
}

// without leaves fields out.
func withoutFields(list []map[string]any, names ...string) []map[string]any {
	out := make([]map[string]any, len(list))
	for i := range list {
		out[i] = maps.Clone(list[i])
		for _, name := range names {
			delete(out[i], name)
		}
	}
	return out
}

// Every field that is written is read, here, in the list, and written back.
func TestPanelFields(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	var wrote map[string]any
	must(t, json.Unmarshal([]byte(fullPanel), &wrote))
	made := s.addPanel(t, s.alice, fullPanel)
	for _, name := range []string{"name", "description", "dilution", "manufacture_date", "is_draft"} {
		if made[name] != wrote[name] {
			t.Errorf("%s: %v, want %v", name, made[name], wrote[name])
		}
	}
	batches, conjugates := partsOf(t, made, "batches"), partsOf(t, made, "conjugates")
	wantBatches := partsOf(t, wrote, "batches")
	slices.Reverse(wantBatches) // they come by their numbers
	wantBatches[0]["is_draft"] = false
	if diff := cmp.Diff(wantBatches, withoutFields(batches, "id")); diff != "" {
		t.Errorf("batches (-want +got):\n%s", diff)
	}
	for i, want := range partsOf(t, wrote, "conjugates") {
		got := maps.Clone(conjugates[i])
		if got["conjugate_id"] != got["id"] {
			t.Errorf("conjugate_id %v of a new conjugate %v", got["conjugate_id"], got["id"])
		}
		for _, name := range []string{"id", "conjugate_id"} {
			delete(got, name)
		}
		for _, name := range []string{"external_id", "clone", "element", "concentration", "recommended_titer", "titer", "titer_units", "volume",
			"lot", "manufacture_date", "expiration_date", "batch_id"} {
			if _, given := want[name]; !given {
				want[name] = nil
			}
		}
		if want["is_draft"] == nil {
			want["is_draft"] = false
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("conjugate %d (-want +got):\n%s", i+1, diff)
		}
	}
	if diff := cmp.Diff([]any{made}, s.do(t, s.alice, "GET", "/panels/?paging=no", nil).array(t)); diff != "" {
		t.Errorf("in the list (-want +got):\n%s", diff)
	}
	for _, method := range []string{"PUT", "PATCH"} {
		if diff := cmp.Diff(made, s.do(t, s.alice, method, panelPath(made), made).want(t, 200).object(t)); diff != "" {
			t.Errorf("%s of what was read (-want +got):\n%s", method, diff)
		}
	}
	if diff := cmp.Diff(made, s.do(t, s.alice, "GET", panelPath(made), nil).want(t, 200).object(t)); diff != "" {
		t.Errorf("read again (-want +got):\n%s", diff)
	}
}

// A list that is given replaces the one before; what has an id in it stays.
func TestPanelChange(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	made := s.addPanel(t, s.alice, fullPanel)
	path, old := panelPath(made), partsOf(t, made, "conjugates")
	change := func(body any) map[string]any {
		t.Helper()
		return s.do(t, s.alice, "PATCH", path, body).want(t, 200).object(t)
	}
	got := change(`{"name": "other", "description": null, "dilution": null, "is_draft": false}`)
	if got["name"] != "other" || got["description"] != nil || got["dilution"] != nil || got["is_draft"] != false || got["manufacture_date"] != "2021-10-13" {
		t.Errorf("fields: %v", got)
	}
	if diff := cmp.Diff(old, partsOf(t, got, "conjugates")); diff != "" {
		t.Errorf("conjugates that were not given (-want +got):\n%s", diff)
	}
	// The last goes first, with another target; the first stays; a new one comes between; two go.
	got = change(map[string]any{"conjugates": []any{
		map[string]any{"id": old[3]["id"], "target": "DNA", "batch_id": nil}, map[string]any{"target": "CD3", "mass": 159, "batch_id": 7}, map[string]any{"id": old[0]["id"]},
	}})
	now := partsOf(t, got, "conjugates")
	if len(now) != 3 || now[0]["id"] != old[3]["id"] || now[0]["target"] != "DNA" || now[0]["mass"] != 89.0 || now[0]["batch_id"] != nil || now[1]["target"] != "CD3" {
		t.Errorf("conjugates: %v", now)
	}
	if diff := cmp.Diff(old[0], now[2]); diff != "" {
		t.Errorf("a conjugate that stays (-want +got):\n%s", diff)
	}
	batches := partsOf(t, got, "batches")
	if len(batches) != 3 || batches[2]["batch_id"] != 7.0 || batches[2]["volume"] != nil {
		t.Errorf("a batch for the new conjugate: %v", batches)
	}
	// Batch 2 has nobody left; 1 stays by its id, 7 by its number.
	got = change(map[string]any{"batches": []any{map[string]any{"batch_id": 7, "volume": 9}, map[string]any{"id": batches[0]["id"], "is_draft": true}}})
	after := partsOf(t, got, "batches")
	if len(after) != 2 || after[0]["id"] != batches[0]["id"] || after[0]["batch_id"] != 1.0 || after[0]["volume"] != 0.0 || after[0]["is_draft"] != true ||
		after[1]["id"] != batches[2]["id"] || after[1]["volume"] != 9.0 {
		t.Errorf("batches: %v", after)
	}
	for name, test := range map[string]struct{ body, says string }{
		"another's conjugate": {`{"conjugates": [{"id": 999, "target": "a", "mass": 1}]}`, `1. conjugate, id: It is no conjugate`},
		"twice":               {`{"conjugates": [{"id": ` + jsonText(t, now[0]["id"]) + `}, {"id": ` + jsonText(t, now[0]["id"]) + `}]}`, `2. conjugate, id: It is in the list twice`},
		"another batch":       {`{"batches": [{"id": 999, "batch_id": 1}, {"batch_id": 7}]}`, `1. batch, id`},
		"batch renumbered":    {`{"batches": [{"id": ` + jsonText(t, after[0]["id"]) + `, "batch_id": 5}]}`, `keeps its number`},
		"batch twice":         {`{"batches": [{"batch_id": 1}, {"batch_id": 7}, {"batch_id": 1}]}`, `two batches 1`},
		"batch in use":        {`{"batches": [{"batch_id": 7}]}`, `Batch 1 has conjugates`},
		"batch of nobody":     {`{"batches": [], "conjugates": [{"target": "a", "mass": 1, "batch_id": 3}]}`, `1. conjugate, batch_id: There is no batch 3`},
		"batch without one":   {`{"batches": [{"volume": 1}]}`, `1. batch, batch_id: This field is required`},
		"null batches":        {`{"batches": null}`, `Expected a list`},
		"null conjugates":     {`{"conjugates": null}`, `Expected a list`},
		"null target":         {`{"conjugates": [{"id": ` + jsonText(t, now[0]["id"]) + `, "target": null}]}`, `1. conjugate, target`},
		"null mass":           {`{"conjugates": [{"id": ` + jsonText(t, now[0]["id"]) + `, "mass": null}]}`, `1. conjugate, mass`},
		"unknown conjugate":   {`{"conjugates": [{"target": "a", "mass": 1, "conjugate_id": 999}]}`, `1. conjugate, conjugate_id`},
		"formula":             {`{"conjugates": [{"target": "=1+1", "mass": 1}]}`, `spreadsheet`},
		"formula in a lot":    {`{"conjugates": [{"target": "a", "mass": 1, "lot": "@x"}]}`, `1. conjugate, lot`},
		"hidden formula":      {`{"conjugates": [{"target": "'=1", "mass": 1}]}`, `spreadsheet`},
		"two lines":           {`{"conjugates": [{"target": "a\nb", "mass": 1}]}`, `one line`},
		"no target to a tool": {`{"conjugates": [{"target": "NA", "mass": 1}]}`, `cannot be written as CSV`},
		"broken lot":          {`{"conjugates": [{"target": "a", "mass": 1, "lot": "a)("}]}`, `brackets`},
		"infinite":            {`{"conjugates": [{"target": "a", "mass": 1, "titer": 1e999}]}`, `1. conjugate, titer`},
		"no date":             {`{"conjugates": [{"target": "a", "mass": 1, "expiration_date": "2021-02-30"}]}`, `1. conjugate, expiration_date`},
		"half a mass":         {`{"conjugates": [{"target": "a", "mass": 1.5}]}`, `1. conjugate, mass`},
		"long target":         {`{"conjugates": [{"target": "` + strings.Repeat("x", 256) + `", "mass": 1}]}`, `255 characters`},
		"many conjugates":     {`{"conjugates": [` + strings.Repeat(`{"target": "a", "mass": 1},`, 1000) + `{}]}`, `More than 1000`},
		"many batches":        {`{"batches": [` + strings.Repeat(`{},`, 100) + `{}]}`, `More than 100`},
		"name":                {`{"name": " "}`, `"name"`},
		"name is a formula":   {`{"name": "=x"}`, `"name"`},
		"dilution":            {`{"dilution": "NaN"}`, `"dilution"`},
		"previous":            {`{"previous_id": 1}`, `"previous_id"`},
		"project":             {`{"project": 99}`, `"project"`},
	} {
		t.Run(name, func(t *testing.T) { s.do(t, s.alice, "PUT", path, test.body).want(t, 400, test.says) })
	}
	if diff := cmp.Diff(got, s.do(t, s.alice, "GET", path, nil).object(t)); diff != "" {
		t.Errorf("refused, and changed all the same (-want +got):\n%s", diff)
	}
	// Deleted, found all the same, and restored.
	s.do(t, s.alice, "DELETE", path, nil).want(t, 204)
	s.do(t, s.alice, "GET", "/panels/", nil).want(t, 200, `"count":0`)
	s.do(t, s.alice, "GET", "/panels/?active=false", nil).want(t, 200, `"count":1`)
	s.do(t, s.alice, "GET", path, nil).want(t, 200, `"active":false`)
	s.do(t, s.alice, "POST", "/sections/", `{"panel": 1}`).want(t, 400, `"panel"`)
	s.do(t, s.alice, "POST", "/panels/", `{"previous_id": 1}`).want(t, 400, `"previous_id"`)
	s.do(t, s.alice, "PUT", path, `{"active": true}`).want(t, 200, `"active":true`)
}

func jsonText(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	must(t, err)
	return string(text)
}

func TestPanelFilters(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	project := s.do(t, s.alice, "POST", "/projects/", `{"name": "TONIC"}`).want(t, 201).id(t)
	s.addPanel(t, s.alice, `{"name": "b", "dilution": 2, "manufacture_date": "2021-10-13", "project": `+itoa(project)+`}`)
	s.addPanel(t, s.alice, `{"name": "a", "is_draft": true, "previous_id": 1}`)
	for query, want := range map[string][]float64{
		"": {2, 1}, "ordering=name": {2, 1}, "ordering=-name": {1, 2}, "name=a": {2}, "is_draft=false": {1}, "dilution=2": {2, 1},
		"manufacture_date=2021-10-13": {2, 1}, "project__name=TONIC": {2, 1}, "project=" + itoa(project): {2, 1}, "previous_id=1": {2}, "id=1": {1},
	} {
		got := []float64{}
		for _, p := range s.do(t, s.alice, "GET", "/panels/?paging=no&"+query, nil).want(t, 200).array(t) {
			got = append(got, p.(map[string]any)["id"].(float64))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	s.do(t, s.alice, "GET", "/panels/?colour=red", nil).want(t, 400, `"colour"`)
	s.do(t, s.alice, "GET", "/panels/?ordering=colour", nil).want(t, 400, `"ordering"`)
}
