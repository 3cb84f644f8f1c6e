package mibitracker_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// editable is how the services of the lab's vocabulary change and delete.
type editable struct {
	route  string
	update func(context.Context, int64, map[string]any) (any, error)
	remove func(context.Context, int64) error
}

func editableOf[T any](
	route string, update func(context.Context, int64, map[string]any) (*T, error), remove func(context.Context, int64) error,
) editable {
	return editable{route, func(ctx context.Context, id int64, fields map[string]any) (any, error) {
		return update(ctx, id, fields)
	}, remove}
}

// What is given goes over the wire and nothing else, null as null.
func TestCatalogsChange(t *testing.T) {
	t.Parallel()
	const object = `{"id": 9, "name": "as it then is", "new": [1]}`
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasSuffix(r.URL.Path, "/404/"):
			reply(w, 404, map[string]string{"detail": "Not found."})
		case r.Method == http.MethodDelete:
			w.WriteHeader(204)
		default:
			text(w, 200, object)
		}
	})
	client := newClient(t, srv.URL)
	ctx := t.Context()
	for _, c := range []editable{
		editableOf("/projects/", client.Projects.Update, client.Projects.Delete),
		editableOf("/slides/", client.Slides.Update, client.Slides.Delete),
		editableOf("/sections/", client.Sections.Update, client.Sections.Delete),
		editableOf("/panels/", client.Panels.Update, client.Panels.Delete),
		editableOf("/tissues/", client.Tissues.Update, client.Tissues.Delete),
		editableOf("/instruments/", client.Instruments.Update, client.Instruments.Delete),
	} {
		for _, want := range []struct {
			fields map[string]any
			body   string
		}{
			{map[string]any{"description": nil, "project": 3}, `{"description": null, "project": 3}`}, {nil, `{}`},
		} {
			after, err := c.update(ctx, 9, want.fields)
			if err != nil {
				t.Fatal(c.route, err)
			}
			if c.route != "/sections/" { // which have no name
				keepsAll(t, c.route+" updated", after, object)
			}
			sent := lastSeen(srv)
			if sent.Method != http.MethodPut || sent.Path != c.route+"9/" || sent.Type != "application/json" || !sameJSON(t, sent.Body, want.body) {
				t.Errorf("%s %s %s: %s, want %s", sent.Method, sent.Path, sent.Type, sent.Body, want.body)
			}
		}
		if err := c.remove(ctx, 9); err != nil {
			t.Error(c.route, err)
		}
		if sent := lastSeen(srv); sent.Method != http.MethodDelete || sent.Path != c.route+"9/" {
			t.Errorf("%s %s", sent.Method, sent.Path)
		}
		_, err := c.update(ctx, 404, nil)
		if !errors.Is(err, mibitracker.ErrNotFound) || !errors.Is(c.remove(ctx, 404), mibitracker.ErrNotFound) {
			t.Errorf("%s: %v", c.route, err)
		}
	}
}

// A search sends its text as it is, and walks all pages.
func TestTissueSearch(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("offset") == "" {
			text(w, 200, `{"count": 2, "next": "http://elsewhere.example.org/tissues/search/?q=a+%26+b&limit=1&offset=1", "results": [{"id": 1}]}`)
			return
		}
		text(w, 200, `{"count": 2, "next": null, "results": [{"id": 2}]}`)
	})
	var found []int64
	for tissue, err := range newClient(t, srv.URL).Tissues.Search(t.Context(), "a & b", mibitracker.ListOptions{Limit: 1}) {
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, tissue.ID)
	}
	if len(found) != 2 || found[0] != 1 || found[1] != 2 {
		t.Errorf("found %v", found)
	}
	all := srv.all()
	if first := all[len(all)-2]; first.Path != "/tissues/search/" || first.Query != "limit=1&q=a+%26+b" {
		t.Errorf("asked %s?%s", first.Path, first.Query)
	}
}

func lastSeen(r *recorder) seen {
	all := r.all()
	return all[len(all)-1]
}
