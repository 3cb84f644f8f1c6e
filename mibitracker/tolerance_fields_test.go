package mibitracker_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// everyObject is a new one of each kind of object.
var everyObject = map[string]func() any{
	"Run":        func() any { return new(mibitracker.Run) },
	"Image":      func() any { return new(mibitracker.Image) },
	"ImageSet":   func() any { return new(mibitracker.ImageSet) },
	"Aperture":   func() any { return new(mibitracker.Aperture) },
	"Instrument": func() any { return new(mibitracker.Instrument) },
	"Project":    func() any { return new(mibitracker.Project) },
	"Tissue":     func() any { return new(mibitracker.Tissue) },
	"Slide":      func() any { return new(mibitracker.Slide) },
	"Section":    func() any { return new(mibitracker.Section) },
	"Panel":      func() any { return new(mibitracker.Panel) },
	"Conjugate":  func() any { return new(mibitracker.Conjugate) },
	"User":       func() any { return new(mibitracker.User) },
}

// fieldsOf are the names on the wire of an object's fields, by their kinds.
func fieldsOf(v any) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	t := reflect.TypeOf(v).Elem()
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			fields[name] = t.Field(i).Type
		}
	}
	return fields
}

// A backend may leave out any field, and give null for any.
func TestToleranceOfMissingAndNullFields(t *testing.T) {
	t.Parallel()
	for kind, fresh := range everyObject {
		for name, of := range fieldsOf(fresh()) {
			object := fresh()
			if err := json.Unmarshal([]byte(`{"id": 7, "`+name+`": null, "other": 1}`), object); err != nil {
				t.Errorf("%s with %s null: %v", kind, name, err)
				continue
			}
			value := reflect.ValueOf(object).Elem()
			if name != "id" && value.FieldByName("ID").Int() != 7 {
				t.Errorf("%s with %s null loses its id", kind, name)
			}
			if of.Kind() == reflect.Slice {
				// A null in a list is an object of which nothing is known.
				if err := json.Unmarshal([]byte(`{"`+name+`": [null]}`), fresh()); err != nil {
					t.Errorf("%s with null in the list %s: %v", kind, name, err)
				}
			}
		}
		for _, text := range []string{`{}`, ` {"id":7} `, `{"other":{"a":[1]}}`} {
			if err := json.Unmarshal([]byte(text), fresh()); err != nil {
				t.Errorf("%s of %s: %v", kind, text, err)
			}
		}
	}
}

// What this package does not name is kept, at each depth, and written back
// as it came.
func TestToleranceOfUnknownFields(t *testing.T) {
	t.Parallel()
	const added = `"future":{"list":[1,2.50,null],"text":"µ <b>"},"big":12345678901234567890`
	for kind, fresh := range everyObject {
		object := fresh()
		if err := json.Unmarshal([]byte(`{"id":7,`+added+`}`), object); err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		raw, err := json.Marshal(object)
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		again := map[string]json.RawMessage{}
		if err := json.Unmarshal(raw, &again); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		var text struct {
			Text string `json:"text"`
			List []json.Number
		}
		if err := json.Unmarshal(again["future"], &text); err != nil || text.Text != "µ <b>" || text.List[1] != "2.50" || string(again["big"]) != "12345678901234567890" {
			t.Errorf("%s writes back %s", kind, raw)
		}
		// Each object inside of it keeps its own.
		for name, of := range fieldsOf(fresh()) {
			inner, list := of, false
			if inner.Kind() == reflect.Slice {
				inner, list = inner.Elem(), true
			}
			if inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			if inner.Kind() != reflect.Struct {
				continue
			}
			value := `{"id":8,` + added + `}`
			if list {
				value = "[" + value + "]"
			}
			outer := fresh()
			if err := json.Unmarshal([]byte(`{"`+name+`":`+value+`}`), outer); err != nil {
				t.Errorf("%s.%s: %v", kind, name, err)
				continue
			}
			if raw, err := json.Marshal(outer); err != nil || strings.Count(string(raw), "12345678901234567890") != 1 {
				t.Errorf("%s.%s writes back %s, %v", kind, name, raw, err)
			}
		}
	}
}

// An aperture comes as an object, an id, a code or null, in runs and images,
// by themselves and within lists.
func TestToleranceOfApertures(t *testing.T) {
	t.Parallel()
	for form, want := range map[string]*mibitracker.Aperture{
		`{"id": 2, "code": "B", "label": "B", "name": "300 µm"}`: {ID: 2, Code: "B", Label: "B", Name: "300 µm"},
		`{"code": "B", "name": "300 µm"}`:                        {Code: "B", Name: "300 µm"},
		`2`:                                                      {ID: 2},
		`"B"`:                                                    {Code: "B"},
		`null`:                                                   nil,
	} {
		srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
			object := `{"id": 1, "aperture": ` + form + `, "run": {"id": 2, "aperture": ` + form + `}}`
			if !strings.HasSuffix(r.URL.Path, "/1/") {
				object = `{"results": [` + object + `]}`
			}
			text(w, 200, object)
		})
		c := newClient(t, srv.URL)
		run, err := c.Runs.Get(t.Context(), 1)
		if err != nil || !reflect.DeepEqual(run.Aperture, want) {
			t.Errorf("%s in a run: %+v, %v", form, run, err)
		}
		image, err := c.Images.Get(t.Context(), 1)
		if err != nil || !reflect.DeepEqual(image.Aperture, want) || !reflect.DeepEqual(image.Run.Aperture, want) {
			t.Errorf("%s in an image: %+v, %v", form, image, err)
		}
		runs, err := c.Runs.List(t.Context(), mibitracker.RunFilter{})
		if err != nil || !reflect.DeepEqual(runs.Results[0].Aperture, want) {
			t.Errorf("%s in a list: %+v, %v", form, runs, err)
		}
	}
}

// A related object comes whole, or as its id; in older backends a section has
// ids only.
func TestToleranceOfBareIDs(t *testing.T) {
	t.Parallel()
	var image mibitracker.Image
	err := json.Unmarshal([]byte(`{"id": 1, "project": 2, "tissue": 3, "section": {"id": 4, "tissue": 5, "slide": 6, "panel": 7,
		"section_create_date": "2019-01-01", "date_type": "cut"}, "run": 8, "imagesets": [9, {"id": 10}], "status": "A"}`), &image)
	if err != nil {
		t.Fatal(err)
	}
	if image.Project.ID != 2 || image.Tissue.ID != 3 || image.Section.Tissue.ID != 5 || image.Section.Slide.ID != 6 ||
		image.Section.Panel.ID != 7 || image.Run.ID != 8 || image.ImageSets[0].ID != 9 || image.ImageSets[1].ID != 10 || !image.Available() ||
		image.Section.DateType != "cut" {
		t.Errorf("%+v", image)
	}
}

// A value of a type that no backend is known to give is the typed error.
func TestToleranceOfOtherTypes(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{"id": "seven"}`, `{"id": 7, "fov_size": {}}`, `{"id": 7, "slide_ids": {}}`, `[1]`, `true`} {
		srv := newRecorder(t, func(w http.ResponseWriter, _ *http.Request) { text(w, 200, body) })
		if run, err := newClient(t, srv.URL).Runs.Get(t.Context(), 7); !errors.Is(err, mibitracker.ErrUnexpected) {
			t.Errorf("%s: %+v, %v", body, run, err)
		}
	}
}
