package cli

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// shelf is a backend's slides. One without the route answers 404 to all.
type shelf struct {
	slides  []mibitracker.Slide
	noRoute bool
	filters bool // by name
}

func (s shelf) kind() kind[mibitracker.Slide] {
	k := slides(&mibitracker.Client{})
	missing := &mibitracker.APIError{Status: 404}
	k.get = func(_ context.Context, id int64) (*mibitracker.Slide, error) {
		i := slices.IndexFunc(s.slides, func(v mibitracker.Slide) bool { return v.ID == id })
		if s.noRoute || i < 0 {
			return nil, missing
		}
		return &s.slides[i], nil
	}
	k.all = func(_ context.Context, o mibitracker.ListOptions) iter.Seq2[mibitracker.Slide, error] {
		return func(yield func(mibitracker.Slide, error) bool) {
			if s.noRoute {
				yield(mibitracker.Slide{}, missing)
				return
			}
			name := o.Filters.Get("name")
			for _, v := range s.slides {
				if (!s.filters || name == "" || v.Name == name) && !yield(v, nil) {
					return
				}
			}
		}
	}
	return k
}

func TestFindByIDOrName(t *testing.T) {
	t.Parallel()
	slides := []mibitracker.Slide{
		{ID: 1, Name: "2169"}, {ID: 2, Name: "2170"}, {ID: 3, Name: "twin"}, {ID: 4, Name: "twin"}, {ID: 5, Name: "7"}, {ID: 7, Name: "Käse"},
	}
	full, plain, none := shelf{slides: slides, filters: true}, shelf{slides: slides}, shelf{noRoute: true}
	for _, test := range []struct {
		name, text string
		shelf      shelf
		want       int64
		says       []string // in the error, which then is ErrNotOne
		warns      string
	}{
		{name: "name", text: "Käse", shelf: full, want: 7},
		{name: "a filter that is ignored", text: "Käse", shelf: plain, want: 7},
		{name: "id", text: "2", shelf: full, want: 2},
		{name: "number that is only a name", text: "2170", shelf: full, want: 2},
		{name: "number that is both", text: "7", shelf: full, want: 7, warns: "that of Käse (id 7); as a name it is 7 (id 5)'s"},
		{name: "two of a name", text: "twin", shelf: full, says: []string{"there are 2", "twin (id 3), twin (id 4)", "--slide"}},
		{name: "none of a name", text: "twn", shelf: full, says: []string{`no slide "twn"`, "nearest: twin (id"}},
		{name: "none of an id", text: "99", shelf: full, says: []string{`no slide "99"`, "there are: 2169 (id 1), "}},
		{name: "names in their case", text: "TWIN", shelf: plain, says: []string{"nearest: twin (id"}},
		{name: "an id where there is no such list", text: "99", shelf: none, want: 99},
		{name: "a name where there is no such list", text: "Käse", shelf: none, says: nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var stderr bytes.Buffer
			g := &globals{streams: Streams{Err: &stderr}}
			_, id, err := test.shelf.kind().find(t.Context(), g, test.text)
			if test.want != 0 && (err != nil || id != test.want) {
				t.Fatalf("id %d, %v; want %d", id, err, test.want)
			}
			if test.want == 0 {
				if code := codeOf(err); err == nil || code != exitNotFound {
					t.Fatalf("id %d, %v: exit code %d", id, err, code)
				}
				for _, part := range test.says {
					if !strings.Contains(err.Error(), part) {
						t.Errorf("%q does not say %q", err, part)
					}
				}
				if test.says != nil && !errors.Is(err, mibitracker.ErrNotOne) {
					t.Errorf("%v is not ErrNotOne", err)
				}
			}
			if (test.warns == "") != (stderr.Len() == 0) || !strings.Contains(stderr.String(), test.warns) {
				t.Errorf("warns %q, want %q", stderr.String(), test.warns)
			}
		})
	}
	if _, _, err := full.kind().find(t.Context(), &globals{}, ""); codeOf(err) != exitUsage {
		t.Errorf("an empty text: %v", err)
	}
}

func TestParseID(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"1": 1, "429": 429, "9223372036854775807": 1<<63 - 1,
		"": 0, "0": 0, "-1": 0, "1.0": 0, "1e3": 0, " 1": 0, "x": 0, "9223372036854775808": 0, "0x10": 0, "1_000": 0,
	} {
		id, ok := parseID(text)
		if ok != (want > 0) || ok && id != want {
			t.Errorf("%q: %d, %v", text, id, ok)
		}
	}
}

func TestStatusCode(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"A": "A", "a": "A", "available": "A", "Unavailable": "U", "no tiff yet": "U", "error": "E", "processing error": "E",
		"mass": "M", "check mass calibration": "M", "SCAN": "S", "x": "X", "foo": "", "": "", "1": "", "É": "",
	} {
		got, err := statusCode(text)
		if got != want || (err == nil) != (want != "") || err != nil && codeOf(err) != exitUsage {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
	if got := statusText([]string{"A", "M", "Q"}); got != "available, check mass calibration, Q" {
		t.Errorf("statuses read %q", got)
	}
}
