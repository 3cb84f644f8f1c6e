package mibitracker_test

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// catalog is what the services of the lab's vocabulary have in common: which
// requests their methods make, and what they give back.
type catalog struct {
	route string
	list  func(context.Context, mibitracker.ListOptions) (any, int, error)
	all   func(context.Context, mibitracker.ListOptions) ([]any, error)
	get   func(context.Context, int64) (any, error)
	// create makes two: one of the required fields alone, one of all.
	create  func(context.Context, int) (any, error)
	created [2]string // what goes over the wire
	object  string    // what the backend gives, with one field more than is known: "new"
}

func catalogOf[T, N any](
	route string,
	list func(context.Context, mibitracker.ListOptions) (*mibitracker.Page[T], error),
	all func(context.Context, mibitracker.ListOptions) iter.Seq2[T, error],
	get func(context.Context, int64) (*T, error),
	create func(context.Context, N) (*T, error), make [2]N, created [2]string, object string,
) catalog {
	return catalog{
		route: route, created: created, object: object,
		list: func(ctx context.Context, o mibitracker.ListOptions) (any, int, error) {
			page, err := list(ctx, o)
			if err != nil {
				return nil, 0, err
			}
			return page.Results[0], page.Count, nil
		},
		all: func(ctx context.Context, o mibitracker.ListOptions) ([]any, error) {
			var every []any
			for v, err := range all(ctx, o) {
				if err != nil {
					return nil, err
				}
				every = append(every, v)
			}
			return every, nil
		},
		get: func(ctx context.Context, id int64) (any, error) { return get(ctx, id) },
		create: func(ctx context.Context, i int) (any, error) {
			if create == nil {
				return nil, nil
			}
			return create(ctx, make[i])
		},
	}
}

func catalogs(c *mibitracker.Client) []catalog {
	half := 0.5
	return []catalog{
		catalogOf("/tissues/", c.Tissues.List, c.Tissues.All, c.Tissues.Get, c.Tissues.Create,
			[2]mibitracker.NewTissue{{Organ: "Tonsil"}, {Organ: "Breast", Subsite: "duct", Diagnosis: "DCIS", Description: "d"}},
			[2]string{`{"organ": "Tonsil"}`, `{"organ": "Breast", "subsite": "duct", "diagnosis": "DCIS", "description": "d"}`},
			`{"id": 9, "description": null, "organ": "Breast", "subsite": "duct", "diagnosis": "DCIS", "name": "Breast duct [DCIS]", "active": true, "new": [1]}`),
		catalogOf("/slides/", c.Slides.List, c.Slides.All, c.Slides.Get, c.Slides.Create,
			[2]mibitracker.NewSlide{{Name: "5"}, {Name: "5", Description: "d", ExternalID: "e", Source: "s", Lot: "l", SlideType: "coated", Location: "shelf", Project: 3}},
			[2]string{`{"name": "5"}`, `{"name": "5", "description": "d", "external_id": "e", "source": "s", "lot": "l", "slide_type": "coated", "location": "shelf", "project": 3}`},
			`{"id": 9, "name": "5", "description": "1251", "external_id": null, "source": null, "lot": "l", "slide_type": "coated", "location": null,
				"project": {"id": 3, "name": "p"}, "runs": [2482], "sections": [{"id": 319, "position": "top"}], "active": true, "new": [1]}`),
		catalogOf("/sections/", c.Sections.List, c.Sections.All, c.Sections.Get, c.Sections.Create,
			[2]mibitracker.NewSection{{}, {Position: "top", Description: "d", Block: "b", Tissue: 1, Slide: 2, Panel: 3, Project: 4, CutDate: "2022-01-22", StainDate: "2022-01-23", ReceiveDate: "2022-01-24"}},
			[2]string{`{}`, `{"position": "top", "description": "d", "block": "b", "tissue": 1, "slide": 2, "panel": 3, "project": 4, "cut_date": "2022-01-22", "stain_date": "2022-01-23", "receive_date": "2022-01-24"}`},
			`{"id": 9, "position": "top", "description": null, "tissue": 1, "slide": {"id": 2, "runs": [2482]}, "panel": {"id": 98, "name": "TNBC", "dilution": 0.5},
				"block": "b", "section_create_date": "2019-01-22", "date_type": "cut", "counterstain": "DAPI", "active": true, "project": null, "new": [1]}`),
		catalogOf("/panels/", c.Panels.List, c.Panels.All, c.Panels.Get, c.Panels.Create,
			[2]mibitracker.NewPanel{{Name: "TNBC"}, {
				Name: "TNBC", Description: "d", Dilution: &half, ManufactureDate: "2021-10-13", IsDraft: true, Project: 4, PreviousID: 97,
				Batches: []mibitracker.NewBatch{{}, {BatchID: 1, Volume: &half, AntibodyVolume: &half, BufferVolume: &half, IsDraft: true}},
				Conjugates: []mibitracker.NewConjugate{{Target: "CD3", Mass: 159}, {
					Target: "CD8", Mass: 158, ExternalID: "e", Clone: "c", Element: "Gd", Concentration: &half, RecommendedTiter: &half, Titer: &half,
					TiterUnits: "μg/mL", Volume: &half, Lot: "1352", ManufactureDate: "2020-07-20", ExpirationDate: "2021-07-20", BatchID: new(int64(1)), ConjugateID: 1336, IsDraft: true,
				}},
			}},
			[2]string{`{"name": "TNBC"}`, `{"name": "TNBC", "description": "d", "dilution": 0.5, "manufacture_date": "2021-10-13", "is_draft": true, "project": 4, "previous_id": 97,
				"batches": [{"batch_id": 0}, {"batch_id": 1, "volume": 0.5, "antibody_volume": 0.5, "buffer_volume": 0.5, "is_draft": true}],
				"conjugates": [{"target": "CD3", "mass": 159}, {"target": "CD8", "mass": 158, "external_id": "e", "clone": "c", "element": "Gd",
				"concentration": 0.5, "recommended_titer": 0.5, "titer": 0.5, "titer_units": "μg/mL", "volume": 0.5, "lot": "1352",
				"manufacture_date": "2020-07-20", "expiration_date": "2021-07-20", "batch_id": 1, "conjugate_id": 1336, "is_draft": true}]}`},
			`{"id": 9, "description": "", "name": "TNBC", "dilution": null, "manufacture_date": "2021-10-13", "active": true, "is_draft": false,
				"batches": [{"id": 131, "batch_id": 1, "volume": 0, "antibody_volume": 0, "buffer_volume": 0, "is_draft": false, "new": 1}],
				"previous_id": 97, "next_id": null, "owned_by_user": true, "new": [1],
				"conjugates": [{"id": 3045, "external_id": "x", "target": "Calprotectin", "clone": "MAC387", "mass": 69, "element": "Ga",
				"concentration": 200, "recommended_titer": null, "titer": null, "titer_units": "μg/mL", "volume": null, "lot": "1352",
				"manufacture_date": "2020-07-20", "expiration_date": null, "batch_id": 1, "conjugate_id": 1336, "is_draft": false, "new": 1}]}`),
		catalogOf("/projects/", c.Projects.List, c.Projects.All, c.Projects.Get, c.Projects.Create,
			[2]mibitracker.NewProject{{Name: "TONIC"}, {Name: "TONIC", Description: "d"}}, [2]string{`{"name": "TONIC"}`, `{"name": "TONIC", "description": "d"}`},
			`{"id": 9, "description": "d", "name": "TONIC", "is_admin": true, "active": true, "can_view": true, "can_edit": true, "is_public": false,
				"created_by": "a@example.org", "edit_date": "2022-01-06T02:24:42.949296Z", "can_share_images": false, "new": [1]}`),
		catalogOf("/instruments/", c.Instruments.List, c.Instruments.All, c.Instruments.Get, c.Instruments.Create,
			[2]mibitracker.NewInstrument{{Name: "Beta2"}, {Name: "Beta2", Description: "d"}}, [2]string{`{"name": "Beta2"}`, `{"name": "Beta2", "description": "d"}`},
			`{"id": 9, "name": "Beta2", "description": null, "active": true, "new": [1]}`),
		catalogOf[mibitracker.Aperture, struct{}]("/apertures/", c.Apertures.List, c.Apertures.All, c.Apertures.Get, nil,
			[2]struct{}{}, [2]string{}, `{"id": 9, "code": "B", "label": "B", "name": "300 µm", "new": [1]}`),
		catalogOf("/imagesets/", c.ImageSets.List, c.ImageSets.All, c.ImageSets.Get, c.ImageSets.Create,
			[2]mibitracker.NewImageSet{{Name: "s"}, {Name: "s", Images: []int64{10, 11}, Project: 1, Description: new(string)}},
			[2]string{`{"images": [], "name": "s", "description": null}`, `{"images": [10, 11], "name": "s", "project": 1, "description": ""}`},
			`{"id": 9, "name": "s", "description": null, "project": null, "images": [{"id": 244, "number": "Point9", "status": ["U"], "pngs": []}], "active": true, "new": [1]}`),
	}
}

func TestCatalogs(t *testing.T) {
	t.Parallel()
	var given atomic.Value
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		object, _ := given.Load().(string)
		switch {
		case strings.HasSuffix(r.URL.Path, "/404/"):
			reply(w, 404, map[string]string{"detail": "Not found."})
		case strings.HasSuffix(r.URL.Path, "/9/"):
			text(w, 200, object)
		case r.Method == http.MethodPost:
			text(w, 201, object)
		case r.URL.Query().Get("limit") == "100":
			text(w, 200, "["+object+", 8]") // the other form, and a bare id
		default:
			text(w, 200, `{"count": 5, "next": null, "previous": null, "results": [`+object+`]}`)
		}
	})
	ctx := t.Context()
	for _, c := range catalogs(newClient(t, srv.URL)) {
		given.Store(c.object)
		before := len(srv.all())
		page, count, err := c.list(ctx, mibitracker.ListOptions{Limit: 7, Ordering: "-id"})
		if err != nil || count != 5 {
			t.Fatalf("%s: %d, %v", c.route, count, err)
		}
		every, err := c.all(ctx, mibitracker.ListOptions{Filters: map[string][]string{"name": {"a b"}}})
		if err != nil || len(every) != 2 {
			t.Fatalf("%s: %v, %v", c.route, every, err)
		}
		one, err := c.get(ctx, 9)
		if err != nil {
			t.Fatal(c.route, err)
		}
		for how, v := range map[string]any{"listed": page, "walked": every[0], "got": one} {
			keepsAll(t, c.route+" "+how, v, c.object)
		}
		if _, err := c.get(ctx, 404); !errors.Is(err, mibitracker.ErrNotFound) {
			t.Errorf("%s: %v", c.route, err)
		}
		for i, want := range c.created {
			made, err := c.create(ctx, i)
			if want == "" {
				continue
			}
			if err != nil {
				t.Fatal(c.route, err)
			}
			keepsAll(t, c.route+" created", made, c.object)
			all := srv.all()
			sent := all[len(all)-1]
			if sent.Method != http.MethodPost || sent.Path != c.route || sent.Type != "application/json" || !sameJSON(t, sent.Body, want) {
				t.Errorf("%s %s %s: %s, want %s", sent.Method, sent.Path, sent.Type, sent.Body, want)
			}
		}
		sent := srv.all()[before:]
		if sent[0].Path == "/api-token-auth/" {
			sent = sent[1:]
		}
		for i, want := range []string{"GET " + c.route + "?limit=7&ordering=-id", "GET " + c.route + "?limit=100&name=a+b", "GET " + c.route + "9/?"} {
			if got := sent[i].Method + " " + sent[i].Path + "?" + sent[i].Query; got != want {
				t.Errorf("%s, want %s", got, want)
			}
		}
	}
}

// keepsAll checks that nothing of what a backend gave is lost: every field
// reads back as it was, where null may be an empty value.
func keepsAll(t *testing.T, what string, v any, given string) {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var kept, want any
	if err := errors.Join(json.Unmarshal(raw, &kept), json.Unmarshal([]byte(given), &want)); err != nil {
		t.Fatal(err)
	}
	contains(t, what, kept, want)
	extra, ok := reflect.Indirect(reflect.ValueOf(v)).FieldByName("Extra").Interface().(mibitracker.Extra)
	if _, found := extra["new"]; !ok || !found || len(extra) != 1 {
		t.Errorf("%s: fields that are not known: %v", what, extra)
	}
}

func contains(t *testing.T, where string, kept, want any) {
	t.Helper()
	switch want := want.(type) {
	case nil:
		switch kept := kept.(type) {
		case nil:
		case string:
			if kept != "" {
				t.Errorf("%s: %q of null", where, kept)
			}
		case float64:
			if kept != 0 {
				t.Errorf("%s: %v of null", where, kept)
			}
		default:
			t.Errorf("%s: %v of null", where, kept)
		}
	case map[string]any:
		kept, ok := kept.(map[string]any)
		if !ok {
			if id, isID := want["id"]; !isID || !idOnly(where) || id == nil {
				t.Errorf("%s is no object", where)
			}
			return
		}
		for name, v := range want {
			contains(t, where+"."+name, kept[name], v)
		}
	case []any:
		kept, ok := kept.([]any)
		if !ok || len(kept) != len(want) {
			t.Errorf("%s: %v, want %v", where, kept, want)
			return
		}
		for i := range want {
			contains(t, where+"[]", kept[i], want[i])
		}
	case float64:
		// A bare id may have become an object with it.
		if object, ok := kept.(map[string]any); ok {
			kept = object["id"]
		}
		if kept != want {
			t.Errorf("%s: %v, want %v", where, kept, want)
		}
	default:
		if kept != want {
			t.Errorf("%s: %v, want %v", where, kept, want)
		}
	}
}

// idOnly names the lists of which only ids are kept.
func idOnly(where string) bool { return strings.HasSuffix(where, ".sections[]") }
