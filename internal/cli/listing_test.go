package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"iter"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

var errBroke = errors.New("the list broke off")

// numbered is a list of n slides, which then ends, or breaks off.
func numbered(n int, end error, asked *int) iter.Seq2[mibitracker.Slide, error] {
	return func(yield func(mibitracker.Slide, error) bool) {
		for i := range n {
			if *asked = i + 1; !yield(mibitracker.Slide{ID: int64(i + 1), Name: "s"}, nil) {
				return
			}
		}
		if end != nil {
			yield(mibitracker.Slide{}, end)
		}
	}
}

func TestListing(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		n     int
		limit uint
		end   error
		json  bool
		jq    string

		asked int // how many objects are taken of the list
		lines int
		valid bool // JSON
	}{
		{name: "all, more than a page", n: 250, asked: 250, lines: 250},
		{name: "none", lines: 0},
		{name: "at most 3", n: 250, limit: 3, asked: 3, lines: 3},
		{name: "at most more than there are", n: 2, limit: 3, asked: 2, lines: 2},
		{name: "a list that breaks off shows what came", n: 130, end: errBroke, asked: 130, lines: 130},
		{name: "what comes after the limit does not matter", n: 2, limit: 2, end: errBroke, asked: 2, lines: 2},
		{name: "JSON is one line", n: 250, json: true, asked: 250, lines: 1, valid: true},
		{name: "JSON of none is an empty array", json: true, lines: 1, valid: true},
		{name: "JSON at most 3", n: 250, limit: 3, json: true, asked: 3, lines: 1, valid: true},
		{name: "JSON that breaks off is none", n: 130, end: errBroke, json: true, asked: 130},
		{name: "jq sees the whole", n: 250, jq: "length", asked: 250, lines: 1, valid: true},
		{name: "jq sees nothing of a part", n: 130, end: errBroke, jq: "length", asked: 130},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			g := &globals{streams: Streams{Out: &out, Err: &out}, json: test.json || test.jq != ""}
			if test.jq != "" {
				var err error
				if g.jq, err = compileJQ(test.jq); err != nil {
					t.Fatal(err)
				}
			}
			list := listing[mibitracker.Slide]{g: g, limit: test.limit, heads: []string{"ID"}, cells: func(s *mibitracker.Slide) []any { return []any{s.ID} }}
			asked := 0
			err := list.show(numbered(test.n, test.end, &asked))
			cut := test.end != nil && (test.limit == 0 || int(test.limit) > test.n)
			if cut != errors.Is(err, errBroke) {
				t.Errorf("the error is %v", err)
			}
			if asked != test.asked {
				t.Errorf("%d objects were taken, want %d", asked, test.asked)
			}
			if n := strings.Count(out.String(), "\n"); n != test.lines {
				t.Errorf("%d lines, want %d:\n%s", n, test.lines, out.String())
			}
			if g.json && json.Valid(out.Bytes()) != test.valid {
				t.Errorf("JSON: %v, want %v:\n%s", !test.valid, test.valid, out.String())
			}
		})
	}
}

func TestListingAsksForNoMoreThanItPrints(t *testing.T) {
	t.Parallel()
	for limit, want := range map[uint]int{0: 100, 1: 1, 99: 99, 100: 100, 5000: 100} {
		if got := (listing[mibitracker.Run]{limit: limit}).options().Limit; got != want {
			t.Errorf("limit %d: pages of %d, want %d", limit, got, want)
		}
	}
}

func TestLean(t *testing.T) {
	t.Parallel()
	var run mibitracker.Run
	given := `{"id": 26, "label": "a & b", "fov_size": 400.50, "color": "red", "lasers": [{"power": 0, "name": "x"}],
		"project": {"id": 1, "name": "Sampler", "hue": null},
		"imageset": {"id": 40, "images": [{"id": 244, "number": "Point9", "status": ["U"], "sims_pngs": []}]}}`
	if err := json.Unmarshal([]byte(given), &run); err != nil {
		t.Fatal(err)
	}
	raw, err := lean(run)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, part := range []string{
		`"label":"a & b"`, `"operator":""`, `"magnification":null`, `"active":false`, `"slide_ids":null`, // its own fields, all of them
		`"color":"red"`, `"lasers":[{"name":"x"}]`, // what the server gives besides
		`"project":{"id":1,"name":"Sampler"}`, // and of what is inside it only what was said
		`"images":[{"id":244,"number":"Point9","status":["U"],"sims_pngs":[]}]`,
	} {
		if !strings.Contains(text, part) {
			t.Errorf("%s is missing in %s", part, text)
		}
	}
	if !json.Valid(raw) || strings.Contains(text, "\n") {
		t.Errorf("not one line of JSON: %s", text)
	}
	if again, err := lean(json.RawMessage(raw)); err != nil || string(again) != text {
		t.Errorf("lean again, it differs: %s, %v", again, err)
	}
	for text, want := range map[string]string{`[]`: `[]`, `"<"`: `"<"`, `12345678901234567890.10`: `12345678901234567890.10`, `null`: `null`, `{"a":[{"b":0},[],null]}`: `{"a":[{},[],null]}`} {
		if got, err := lean(json.RawMessage(text)); err != nil || string(got) != want {
			t.Errorf("%s: %s, %v; want %s", text, got, err, want)
		}
	}
}
