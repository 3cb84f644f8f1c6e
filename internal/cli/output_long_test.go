package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
)

// A list that is written while it is made is what it is when it is whole.
func TestLongList(t *testing.T) {
	t.Parallel()
	type element struct {
		Name string `json:"name"`
		More []int  `json:"more"`
	}
	for _, elements := range [][]element{{}, {{"<a>", []int{1, 2}}}, {{"a", nil}, {"b", []int{}}}} {
		list := newLongList(without(slices.Values(elements)))
		text, err := encoded(map[string]any{"a": 1, "files": list, "z": []string{"last"}})
		if err != nil {
			t.Fatal(err)
		}
		plain, err := encoded(map[string]any{"a": 1, "files": elements, "z": []string{"last"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, indent := range []bool{false, true} {
			want := string(plain)
			if indent {
				want = string(indented(plain, ""))
			}
			var got bytes.Buffer
			if err := list.write(&got, text, indent); err != nil || got.String() != want+"\n" {
				t.Errorf("%v, %s\nwant %s", err, got.String(), want)
			}
		}
	}
	broken := errors.New("broken")
	list := newLongList(func(yield func(int, error) bool) { _ = yield(1, nil) && yield(0, broken) })
	text, err := encoded(map[string]any{"files": list})
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := list.write(&got, text, false); !errors.Is(err, broken) || !json.Valid(got.Bytes()) {
		t.Errorf("%v, %s", err, got.String())
	}
}

// A table that is not kept is the table that is.
func TestLongTable(t *testing.T) {
	t.Parallel()
	for _, width := range []int{0, 30, 80} {
		for _, rows := range [][]string{nil, {"short"}, {"short", strings.Repeat("long ", 20), "x"}} {
			people := func(t *table) {
				t.head("A", "B")
				for i, text := range rows {
					t.row(text, i)
				}
			}
			var kept, long bytes.Buffer
			a, b := &table{out: &kept, width: width}, &table{out: &long, width: width}
			people(a)
			if err := errors.Join(a.print(), b.printLong(people)); err != nil || kept.String() != long.String() {
				t.Errorf("%v:\n%s\nwant\n%s", err, long.String(), kept.String())
			}
		}
	}
}
