package api

import (
	"encoding/json"
	"testing"
)

// For what is a JSON object, the numbers are those that a decoder finds.
func FuzzShapeOf(f *testing.F) {
	for _, text := range []string{`{}`, `{"a":1}`, `{"a":{"b":[1,{"c":2}]},"d":":\"{["}`, `{"a":"\\","b":"\\\"}"}`, `[`, `"`, `{"a":"\`, `{"a":"x` + "\xff" + `"}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		depth, members := shapeOf(text)
		var object map[string]any
		if json.Unmarshal(text, &object) != nil || object == nil {
			return
		}
		if want := deepest(object); depth < want || members < len(object) {
			t.Errorf("%q: depth %d, members %d; it has %d and %d at least", text, depth, members, want, len(object))
		}
	})
}

func deepest(v any) (depth int) {
	switch v := v.(type) {
	case map[string]any:
		for _, member := range v {
			depth = max(depth, deepest(member))
		}
		return depth + 1
	case []any:
		for _, item := range v {
			depth = max(depth, deepest(item))
		}
		return depth + 1
	}
	return 0
}
