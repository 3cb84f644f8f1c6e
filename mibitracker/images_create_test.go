package mibitracker_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

func TestCreateImage(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		reply(w, 201, map[string]any{"id": 430, "folder": "FOV1", "status": []string{"U"}})
	})
	zero, one, n := 0.0, 1.5, int64(9007199254740993)
	images := newClient(t, srv.URL).Images
	for want, new := range map[string]mibitracker.NewImage{
		`{"run": 26, "folder": "FOV1"}`: {Run: 26, Folder: "FOV1"},
		`{"run": 26, "folder": "FOV1/R", "number": "FOV1", "point": "tonsil", "dwell_time": 1.5, "fov_size": 1.5, "time_bin": 1.5, "depths": 9007199254740993,
			"frame": 9007199254740993, "mass_gain": 1.5, "mass_offset": 0, "x_coord": 0, "y_coord": 1.5, "tissue": 1, "section": 2, "aperture": 3,
			"imaging_preset": "", "lens1_voltage": 0}`: {
			Run: 26, Folder: "FOV1/R", Number: "FOV1", Point: "tonsil", DwellTime: &one, FOVSize: &one, TimeBin: &one, Depths: &n, Frame: &n, MassGain: &one,
			MassOffset: &zero, XCoord: &zero, YCoord: &one, Tissue: 1, Section: 2, Aperture: 3, ImagingPreset: new(string), Lens1Voltage: &zero,
		},
		`{"run": 26, "folder": "FOV1", "depths": "0,5", "aperture": "B", "project": 4}`: {
			Run: 26, Folder: "FOV1", Aperture: 3, Fields: map[string]any{"depths": "0,5", "aperture": "B", "project": 4},
		},
	} {
		image, err := images.Create(t.Context(), new)
		if err != nil || image.ID != 430 || image.Available() {
			t.Fatalf("%v, %v", image, err)
		}
		all := srv.of("/images/")
		sent := all[len(all)-1]
		if sent.Method != http.MethodPost || sent.Type != "application/json" || !sameJSON(t, sent.Body, want) {
			t.Errorf("%s %s: %s, want %s", sent.Method, sent.Type, sent.Body, want)
		}
	}
	if _, err := images.Create(t.Context(), mibitracker.NewImage{Fields: map[string]any{"x": func() {}}}); err == nil || len(srv.of("/images/")) != 3 {
		t.Error("what is no JSON was sent")
	}
}

func TestSearchImages(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("offset") {
		case "":
			reply(w, 200, map[string]any{"count": 2, "next": "http://hidden.invalid/images/search_advanced/?offset=1&tissue=x", "results": []any{map[string]any{"id": 1}}})
		case "1":
			reply(w, 200, map[string]any{"count": 2, "next": nil, "results": []any{map[string]any{"id": 2}}})
		default:
			reply(w, 400, map[string][]string{"startDate": {"Not a date."}})
		}
	})
	images := newClient(t, srv.URL).Images
	var ids []int64
	for image, err := range images.Search(t.Context(), mibitracker.ImageSearch{
		Tissue: "tonsil", Run: "r", Point: "p", Project: "pr", Instrument: "i", Slide: "s", Mass: 159, AntibodyTarget: "CD3", Panel: "TNBC",
		StartDate: "2022-01-01", EndDate: "2022-12-31", Status: []string{"A", "M"}, ListOptions: mibitracker.ListOptions{Limit: 1, Ordering: "-id"},
	}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, image.ID)
	}
	if len(ids) != 2 || ids[1] != 2 {
		t.Error(ids)
	}
	sent := srv.of("/images/search_advanced/")
	if want := "antibodyTarget=CD3&endDate=2022-12-31&instrument=i&limit=1&mass=159&ordering=-id&panelName=TNBC&point=p&project=pr&run=r&slide=s&startDate=2022-01-01&status=A&status=M&tissue=tonsil"; sent[0].Query != want {
		t.Errorf("%s, want %s", sent[0].Query, want)
	}
	for _, err := range images.Search(t.Context(), mibitracker.ImageSearch{StartDate: "today", ListOptions: mibitracker.ListOptions{Offset: 5}}) {
		if !errors.Is(err, mibitracker.ErrBadRequest) {
			t.Error(err)
		}
	}
}
