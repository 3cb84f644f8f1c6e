package mibi_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/openmibi/openmibi/mibi"
)

// FuzzDescription holds the description's parser against encoding/json, where
// the two mean to agree: they take the same texts, but for NaN and infinities,
// raw control characters within text, NULs after it and nesting beyond 200;
// and they find the same values. What is read and written is a fixed point.
func FuzzDescription(f *testing.F) {
	f.Add([]byte(canonical))
	f.Add([]byte(`{"image.type": "sims", "shape": [1], "a": [1E5, -0, NaN], "\ud800": ""}`))
	f.Add([]byte(`{"image.type":"SIMS","channel.mass":92.0,"channel.target":null,"shape":[2,3],"mibi.own":{"b":1,"a":[{}]},"a":1,"a":2}`))
	f.Add([]byte("{\"mibi.fov_name\": \"20 \xb5m\", \"x\": \"a\nb\", \"y\": \"\\ud83d\\ude00\\ud83d\"}\x00\x00"))
	f.Add([]byte(`{"big": 123456789012345678901234567890, "huge": 1e999999, "small": 1e-400, "e": 1e16, "f": 1e-5, "z": -0.0}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		d, err := mibi.ParseDescription(text)
		strict := isObject(text)
		if err != nil {
			if strict && nesting(text) < 200 {
				t.Fatalf("%v in %s", err, text)
			}
			return
		}
		// Whatever is taken beyond JSON proper needs one of these.
		if loose := bytes.ContainsFunc(text, func(r rune) bool { return r < ' ' }) ||
			bytes.Contains(text, []byte("NaN")) || bytes.Contains(text, []byte("Infinity")); !strict && !loose {
			t.Fatalf("taken: %s", text)
		}
		checkFixedPoint(t, d)
		d.ImageType = "SIMS"
		checkFixedPoint(t, d)
		if strict && utf8.Valid(text) {
			checkValues(t, text, d)
		}
	})
}

func isObject(text []byte) bool {
	return json.Valid(text) && bytes.HasPrefix(bytes.TrimLeft(text, " \t\r\n"), []byte("{"))
}

// nesting is at least how deep lists and objects nest.
func nesting(text []byte) int {
	return bytes.Count(text, []byte("[")) + bytes.Count(text, []byte("{"))
}

func checkFixedPoint(t *testing.T, d mibi.Description) {
	t.Helper()
	first := d.AppendJSON(nil)
	for _, b := range first {
		if b < ' ' || b > '~' {
			t.Fatalf("byte %#x in %s", b, first)
		}
	}
	again, err := mibi.ParseDescription(first)
	if err != nil {
		t.Fatalf("%v in %s", err, first)
	}
	if second := again.AppendJSON(nil); string(first) != string(second) {
		t.Fatalf("%s\nthen %s", first, second)
	}
	if !strings.EqualFold(d.ImageType, "SIMS") {
		return // other pages carry no metadata
	}
	if before, after := pairs(d.Metadata), pairs(again.Metadata); !slices.Equal(before, after) {
		t.Fatalf("%v\nthen %v", before, after)
	}
}

func pairs(m mibi.Metadata) []mibi.UserValue {
	var list []mibi.UserValue
	for key, value := range m.All() {
		list = append(list, mibi.UserValue{Key: key, Value: value})
	}
	return list
}

// checkValues compares with what encoding/json reads.
func checkValues(t *testing.T, text []byte, d mibi.Description) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var want map[string]any
	if err := decoder.Decode(&want); err != nil {
		t.Fatal(err)
	}
	for _, reserved := range mibi.ReservedKeys() {
		delete(want, reserved)
	}
	for key, value := range d.Metadata.All() {
		expected, ok := want[key]
		delete(want, key)
		if !ok && !value.IsZero() {
			t.Fatalf("key %q is not in %s", key, text)
		}
		decoder := json.NewDecoder(strings.NewReader(value.JSON()))
		decoder.UseNumber()
		var got any
		if err := decoder.Decode(&got); err != nil {
			if strings.Contains(value.JSON(), "Infinity") {
				continue // a number beyond float64, which Python prints so
			}
			t.Fatalf("%v in %s", err, value.JSON())
		}
		if !sameJSON(expected, got) {
			t.Fatalf("key %q: %s where %v is written", key, value.JSON(), expected)
		}
	}
	if len(want) != 0 {
		t.Fatalf("keys %q are lost from %s", slices.Collect(maps.Keys(want)), text)
	}
}

func sameJSON(want, got any) bool {
	switch want := want.(type) {
	case json.Number:
		got, ok := got.(json.Number)
		if !ok {
			return false
		}
		if !strings.ContainsAny(string(want), ".eE") {
			return got == want || want == "-0" && got == "0"
		}
		a, _ := strconv.ParseFloat(string(want), 64)
		b, _ := strconv.ParseFloat(string(got), 64)
		return a == b && strings.ContainsAny(string(got), ".e")
	case []any:
		got, ok := got.([]any)
		return ok && slices.EqualFunc(want, got, sameJSON)
	case map[string]any:
		got, ok := got.(map[string]any)
		return ok && maps.EqualFunc(want, got, sameJSON)
	}
	return want == got
}
