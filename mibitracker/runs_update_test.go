package mibitracker_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

func TestRunImages(t *testing.T) {
	t.Parallel()
	for form, body := range map[string]string{
		"array": `[{"id": 2, "status": "A"}, {"id": 1}]`,
		"page":  `{"count": 2, "next": null, "previous": null, "results": [{"id": 2, "status": ["A"]}, {"id": 1}]}`,
	} {
		srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) { text(w, 200, body) })
		images, err := newClient(t, srv.URL).Runs.Images(t.Context(), "a label & more")
		if err != nil || len(images) != 2 || !images[0].Available() || images[1].ID != 1 {
			t.Errorf("%s: %v, %v", form, images, err)
		}
		if q := srv.of("/images/")[0].Query; q != "paging=no&run__label=a+label+%26+more" {
			t.Error(q)
		}
	}
}

func TestUpdateRun(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/runs/27/":
			reply(w, 403, map[string]string{"detail": "Not yours."})
		case r.Method == http.MethodDelete:
			w.WriteHeader(204)
		default:
			reply(w, 200, map[string]any{"id": 26, "label": "new"})
		}
	})
	runs := newClient(t, srv.URL).Runs
	run, err := runs.Update(t.Context(), 26, map[string]any{"label": "new", "project": nil, "slides": []int64{5, 6}})
	if err != nil || run.Label != "new" {
		t.Errorf("%v, %v", run, err)
	}
	if err := runs.Delete(t.Context(), 26); err != nil {
		t.Error(err)
	}
	sent := srv.of("/runs/26/")
	if sent[0].Method != http.MethodPut || sent[0].Type != "application/json" || sent[0].Body != `{"label":"new","project":null,"slides":[5,6]}` ||
		sent[1].Method != http.MethodDelete || sent[1].Body != "" {
		t.Errorf("%+v", sent)
	}
	if _, err := runs.Update(t.Context(), 27, nil); !errors.Is(err, mibitracker.ErrForbidden) {
		t.Error(err)
	}
	if err := runs.Delete(t.Context(), 27); !errors.Is(err, mibitracker.ErrForbidden) {
		t.Error(err)
	}
}
