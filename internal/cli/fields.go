package cli

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
)

// fieldFlag is the flag -f: fields of a request, in the order given.
//
//	-f key=value   a number, true, false or null is sent as such, the rest as text
//	-f key:=text   is sent as text, whatever it looks like
type fieldFlag []field

// field is one -f. Its value is a string, json.Number (all digits kept), bool
// or nil; text is what was written.
type field struct {
	name, text string
	value      any
}

// parseField reads KEY=VALUE or KEY:=TEXT. The first = counts: a key has none.
func parseField(s string) (field, error) {
	name, text, ok := strings.Cut(s, "=")
	if !ok {
		return field{}, fmt.Errorf("%q is not of the form key=value", s)
	}
	name, literal := strings.CutSuffix(name, ":")
	if name == "" {
		return field{}, fmt.Errorf("%q has no key before the =", s)
	}
	f := field{name: name, text: text, value: text}
	if !literal {
		f.value = typed(text)
	}
	return f, nil
}

// typed gives the words and numbers of JSON as such, and the rest as text.
func typed(text string) any {
	switch text {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	case "":
		return text
	}
	first := text[0]
	number := first == '-' || first >= '0' && first <= '9'
	// No space around it: a number that is one from its first to its last byte.
	if number && strings.TrimSpace(text) == text && json.Valid([]byte(text)) {
		return json.Number(text)
	}
	return text
}

// Set, String and Type make it a flag; what Set refuses is bad usage.
func (f *fieldFlag) Set(s string) error {
	parsed, err := parseField(s)
	if err == nil {
		*f = append(*f, parsed)
	}
	return err
}

func (f *fieldFlag) String() string { return "" }

func (f *fieldFlag) Type() string { return "key=value" }

// object is the fields as a JSON object. A key that is given twice is bad usage.
func (f fieldFlag) object() (map[string]any, error) {
	out := make(map[string]any, len(f))
	for _, v := range f {
		if _, twice := out[v.name]; twice {
			return nil, usage(fmt.Errorf("the field %s is given twice", v.name))
		}
		out[v.name] = v.value
	}
	return out, nil
}

// texts is the fields as a form has them. A form has no null: such a field is
// left out. A key that is given twice is bad usage.
func (f fieldFlag) texts() (map[string]string, error) {
	object, err := f.object()
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(f))
	for _, v := range f {
		if object[v.name] != nil {
			out[v.name] = v.text
		}
	}
	return out, nil
}

// query is the fields as parameters of a query, as they were written.
func (f fieldFlag) query() url.Values {
	out := url.Values{}
	for _, v := range f {
		out.Add(v.name, v.text)
	}
	return out
}
