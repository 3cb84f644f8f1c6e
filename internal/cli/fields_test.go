package cli

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseField(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]struct {
		name string
		json string // of the value; empty where the text is refused
	}{
		"a=1": {"a", "1"}, "a=-0": {"a", "-0"}, "a=1.50": {"a", "1.50"}, "a=-2e10": {"a", "-2e10"},
		"a=123456789012345678901234567890": {"a", "123456789012345678901234567890"},
		"a=true":                           {"a", "true"}, "a=false": {"a", "false"}, "a=null": {"a", "null"},
		"a=True": {"a", `"True"`}, "a=007": {"a", `"007"`}, "a=1 ": {"a", `"1 "`}, "a= 1": {"a", `" 1"`}, "a=+1": {"a", `"+1"`},
		"a=.5": {"a", `".5"`}, "a=1.": {"a", `"1."`}, "a=0x10": {"a", `"0x10"`}, "a=NaN": {"a", `"NaN"`}, "a=-": {"a", `"-"`},
		"a=": {"a", `""`}, "a:=": {"a", `""`}, "a:=1": {"a", `"1"`}, "a:=null": {"a", `"null"`},
		"a=@file": {"a", `"@file"`}, "a=b=c": {"a", `"b=c"`}, "a==": {"a", `"="`}, "a=:=": {"a", `":="`},
		"a:b=1": {"a:b", "1"}, "a::=1": {"a:", `"1"`}, `a="x"`: {"a", `"\"x\""`}, "a=[1]": {"a", `"[1]"`}, "ä b=ö": {"ä b", `"ö"`},
		"": {}, "a": {}, "=1": {}, ":=1": {}, "=": {},
	} {
		f, err := parseField(text)
		if want.json == "" {
			if err == nil {
				t.Errorf("%q was taken as %+v", text, f)
			}
			continue
		}
		got, jsonErr := json.Marshal(f.value)
		if err := errors.Join(err, jsonErr); err != nil || f.name != want.name || string(got) != want.json {
			t.Errorf("%q: %q = %s, %v; want %q = %s", text, f.name, got, err, want.name, want.json)
		}
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	var f fieldFlag
	for _, text := range []string{"label:=007", "fov_size=500", "sed=null", "ok=True"} {
		if err := f.Set(text); err != nil {
			t.Fatal(err)
		}
	}
	object, err := f.object()
	if want := map[string]any{"label": "007", "fov_size": json.Number("500"), "sed": nil, "ok": "True"}; err != nil || !cmp.Equal(object, want) {
		t.Errorf("object %v, %v", object, err)
	}
	texts, err := f.texts()
	if want := map[string]string{"label": "007", "fov_size": "500", "ok": "True"}; err != nil || !cmp.Equal(texts, want) {
		t.Errorf("texts %v, %v", texts, err)
	}
	if got := f.query().Encode(); got != "fov_size=500&label=007&ok=True&sed=null" {
		t.Errorf("query %s", got)
	}
	f = append(f, f[0])
	var bad *usageError
	if _, err := f.object(); !errors.As(err, &bad) {
		t.Errorf("a field twice: %v", err)
	}
	if _, err := f.texts(); !errors.As(err, &bad) {
		t.Errorf("a field twice: %v", err)
	}
	if got := f.query()["label"]; !cmp.Equal(got, []string{"007", "007"}) {
		t.Errorf("query %v", got)
	}
}

// What is taken can be sent: as JSON, and with := unchanged.
func FuzzParseField(f *testing.F) {
	for _, seed := range []string{"a=1", "a:=1", "a=null", "a=-1.5e-7", "a==", "a=\x00\xff", "a=1e99999"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		field, err := parseField(text)
		if err != nil {
			return
		}
		if field.name == "" || !strings.HasSuffix(text, "="+field.text) {
			t.Fatalf("%q: name %q, text %q", text, field.name, field.text)
		}
		raw, err := json.Marshal(field.value)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if n, ok := field.value.(json.Number); ok && string(raw) != field.text {
			t.Fatalf("%q: the number %s became %s", text, n, raw)
		}
		if literal, err := parseField(field.name + ":=" + field.text); err != nil || literal.value != any(field.text) {
			t.Fatalf("%q as text: %+v, %v", text, literal, err)
		}
	})
}
