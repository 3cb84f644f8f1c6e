package mibitracker

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"testing/iotest"
)

func TestImageless(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		`{"results":[{"id":1,"imageset":{"id":2,"images":[{"id":3,"pngs":["a]","\\"]},[]],"name":"n"},"x":[1]}]}`: `{"results":[{"id":1,"imageset":{"id":2,"images":[],"name":"n"},"x":[1]}]}`,
		`[ { "imageset" : { "images" : [ 1 ] } , "images" : [ 1 ] } ]`:                                            `[ { "imageset" : { "images" : [] } , "images" : [ 1 ] } ]`,
		`{"imageset":{"in":{"images":[1]},"images":null,"more":["images",[1]]},"images":[1]}`:                     `{"imageset":{"in":{"images":[1]},"images":null,"more":["images",[1]]},"images":[1]}`,
		`{"imageset":[{"images":[1]}],"a":"imageset","b":{"images":[2]}}`:                                         `{"imageset":[{"images":[1]}],"a":"imageset","b":{"images":[2]}}`,
		`"\"imageset\":{\"images\":[1]"`:                                                                          `"\"imageset\":{\"images\":[1]"`,
		`]]}{"imageset"`:                                                                                          `]]}{"imageset"`,
		``:                                                                                                        ``,
	} {
		for name, r := range map[string]io.Reader{"at once": strings.NewReader(given), "in bytes": iotest.OneByteReader(strings.NewReader(given))} {
			if got, err := io.ReadAll(withoutImages(r)); err != nil || string(got) != want {
				t.Errorf("%s %s\nis   %s\nwant %s (%v)", name, given, got, want, err)
			}
		}
	}
	broken := iotest.TimeoutReader(iotest.OneByteReader(strings.NewReader(`{"imageset":{}}`)))
	if _, err := io.ReadAll(withoutImages(broken)); !errors.Is(err, iotest.ErrTimeout) {
		t.Errorf("a broken connection is %v", err)
	}
}

// What comes out is what a decoder makes of the whole, but for the images.
func FuzzImageless(f *testing.F) {
	f.Add([]byte(`{"imageset":{"images":[{"id":3}],"name":"n"},"x":[{"imageset":{"images":[[]]}}]}`))
	f.Fuzz(func(t *testing.T, given []byte) {
		got, err := io.ReadAll(withoutImages(bytes.NewReader(given)))
		if err != nil || len(got) > len(given) {
			t.Fatalf("%d bytes of %d: %v", len(got), len(given), err)
		}
		var before, after any
		if json.Unmarshal(given, &before) != nil {
			return
		}
		if bytes.Contains(given, []byte(`\`)) { // a key may be written in many ways
			return
		}
		if err := json.Unmarshal(got, &after); err != nil {
			t.Fatalf("%s became %s: %v", given, got, err)
		}
		if !reflect.DeepEqual(emptied(before), after) {
			t.Errorf("%s became %s", given, got)
		}
	})
}

// emptied empties the lists of images.
func emptied(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = emptied(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = emptied(v[name])
			set, isSet := v[name].(map[string]any)
			if _, has := set[keyOfImages].([]any); isSet && has && name == keyOfSet {
				set[keyOfImages] = []any{}
			}
		}
	}
	return v
}
