package mibitracker_test

import (
	"errors"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

func TestUpdateImage(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			w.WriteHeader(204)
			return
		}
		reply(w, 200, map[string]any{"id": 12, "tissue": map[string]any{"id": 3}})
	})
	images := newClient(t, srv.URL).Images
	image, err := images.Update(t.Context(), 12, map[string]any{"tissue": 3, "lens1_voltage": nil, "imaging_preset": "Fine"})
	if err != nil || image.Tissue.ID != 3 {
		t.Errorf("%v, %v", image, err)
	}
	if _, err := images.Update(t.Context(), 12, nil); err != nil {
		t.Error(err)
	}
	image, err = images.UpdateWithSED(t.Context(), 12, mibitracker.FromBytes("s.PNG", []byte("pixels")), map[string]any{"tissue": 3, "lens1_voltage": nil})
	if err != nil || image.ID != 12 {
		t.Errorf("%v, %v", image, err)
	}
	if err := images.Delete(t.Context(), 12); err != nil {
		t.Error(err)
	}
	sent := srv.of("/images/12/")
	if len(sent) != 4 || sent[0].Method != http.MethodPut || sent[0].Type != "application/json" ||
		sent[0].Body != `{"imaging_preset":"Fine","lens1_voltage":null,"tissue":3}` || sent[1].Body != `{}` || sent[3].Method != http.MethodDelete {
		t.Fatalf("%+v", sent)
	}
	texts, files := formOf(t, sent[2])
	want := sentFile{"attachment", `form-data; name="attachment"; filename="s.PNG"`, "image/png", "pixels"}
	if sent[2].Method != http.MethodPut || !maps.Equal(texts, map[string]string{"tissue": "3"}) || len(files) != 1 || files[0] != want {
		t.Errorf("%v, %+v", texts, files)
	}
}

func TestUpdateImageRefusals(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		reply(w, 400, map[string][]string{"tissue": {"Invalid pk."}})
	})
	images := newClient(t, srv.URL).Images
	var refused *mibitracker.APIError
	if _, err := images.Update(t.Context(), 12, map[string]any{"tissue": 99}); !errors.As(err, &refused) || refused.Fields["tissue"][0] != "Invalid pk." {
		t.Error(err)
	}
	if err := images.Delete(t.Context(), 12); !errors.Is(err, mibitracker.ErrBadRequest) {
		t.Error(err)
	}
	before := len(srv.all())
	var kind *mibitracker.FileTypeError
	_, err := images.UpdateWithSED(t.Context(), 12, mibitracker.FromBytes("sed.jpeg", []byte("x")), nil)
	if !errors.As(err, &kind) || kind.Name != "sed.jpeg" || !errors.Is(err, errors.ErrUnsupported) || !strings.Contains(err.Error(), ".bmp, .tif, .tiff, .png") {
		t.Error(err)
	}
	if _, err := images.UpdateWithSED(t.Context(), 12, mibitracker.Source{Name: "a.png"}, nil); err == nil {
		t.Error("an SED image without content was sent")
	}
	for _, bad := range []any{func() {}, []any{1, make(chan int)}} {
		fields := map[string]any{"frame": bad}
		if _, err := images.Update(t.Context(), 12, fields); err == nil {
			t.Error("what is no JSON was sent")
		}
		if _, err := images.UpdateWithSED(t.Context(), 12, mibitracker.FromBytes("a.png", []byte("x")), fields); err == nil || !strings.Contains(err.Error(), "frame") {
			t.Error(err)
		}
	}
	if n := len(srv.all()); n != before {
		t.Errorf("%d requests were sent all the same", n-before)
	}
}
