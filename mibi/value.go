package mibi

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// Value is one value of a MIBItiff's metadata: text, a number, true or false,
// a list, an object, or nothing. Files in the field hold any of these under
// any key, so a Value keeps what was there and converts when asked.
//
// The zero Value is "not given", which a file writes as null. Values can be
// compared with ==: equal means the same JSON.
type Value struct {
	// json is the value as Python's json prints it, in ASCII; empty for
	// not given.
	json string
}

// Text returns a Value that holds text.
func Text(s string) Value { return Value{json: string(appendJSONText(nil, s))} }

// Int returns a Value that holds an integer, written without a decimal point.
func Int(i int64) Value { return Value{json: strconv.FormatInt(i, 10)} }

// Float returns a Value that holds a real number, written with a decimal point
// or an exponent: 400 becomes 400.0.
func Float(f float64) Value { return Value{json: string(appendJSONFloat(nil, f))} }

// Bool returns a Value that holds true or false.
func Bool(b bool) Value { return Value{json: strconv.FormatBool(b)} }

// Pair returns a Value that holds a list of two real numbers, such as the
// stage coordinates of an image in µm.
func Pair(x, y float64) Value {
	out := append([]byte{'['}, appendJSONFloat(nil, x)...)
	out = append(out, ", "...)
	out = appendJSONFloat(out, y)
	return Value{json: string(append(out, ']'))}
}

// ParseValue reads one JSON value. It also takes the bare NaN and Infinity
// that Python's json writes. Its error is a [*SyntaxError].
func ParseValue(text string) (Value, error) {
	p := parser{src: []byte(text)}
	out, err := p.value(nil, 0)
	if err != nil {
		return Value{}, err
	}
	if err := p.end(); err != nil {
		return Value{}, err
	}
	return fromCanonical(out), nil
}

func fromCanonical(b []byte) Value {
	if string(b) == "null" {
		return Value{}
	}
	return Value{json: string(b)}
}

// IsZero reports whether nothing was given: the key is absent or null.
func (v Value) IsZero() bool { return v.json == "" }

// JSON returns the value as a MIBItiff holds it: ASCII, null for not given.
func (v Value) JSON() string {
	if v.json == "" {
		return "null"
	}
	return v.json
}

// String returns text as it is, a number or a list as its JSON, and "" for not
// given.
func (v Value) String() string {
	if !v.isText() {
		return v.json
	}
	if plain := v.json[1 : len(v.json)-1]; strings.IndexByte(plain, '\\') < 0 {
		return plain
	}
	var s string
	if err := json.Unmarshal([]byte(v.json), &s); err != nil {
		return v.json
	}
	return s
}

func (v Value) isText() bool { return strings.HasPrefix(v.json, `"`) }

// Float returns a number, or text that holds one in decimal notation, and
// whether there was one. NaN and infinities are not numbers here.
func (v Value) Float() (float64, bool) { return decimal(v.String()) }

// Int returns a whole number, or text that holds one (92, 92.0, "92"), and
// whether there was one.
func (v Value) Int() (int64, bool) {
	if i, err := strconv.ParseInt(strings.TrimSpace(v.String()), 10, 64); err == nil {
		return i, true
	}
	f, ok := v.Float()
	if !ok || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, false
	}
	return int64(f), true
}

// Bool returns true or false, also from the text or the number that stands for
// one, and whether the value says either. The -1 that instruments write for
// "not checked" says neither.
func (v Value) Bool() (value, ok bool) {
	switch strings.ToLower(v.String()) {
	case "true", "1", "1.0":
		return true, true
	case "false", "0", "0.0":
		return false, true
	}
	return false, false
}

// Pair returns a list of two numbers, or text that holds one, such as
// [x, y] coordinates in µm, and whether there was one.
func (v Value) Pair() (x, y float64, ok bool) {
	pair, ok := v.elements(2)
	if !ok || len(pair) != 2 {
		return 0, 0, false
	}
	x, okX := pair[0].Float()
	y, okY := pair[1].Float()
	if !okX || !okY {
		return 0, 0, false
	}
	return x, y, true
}

// elements returns the elements of a list, or of text that holds one, if they
// are not more than limit.
func (v Value) elements(limit int) ([]Value, bool) {
	if v.IsZero() {
		return nil, false
	}
	p := parser{src: []byte(v.String())}
	if !p.take('[') {
		return nil, false
	}
	var list []Value
	for !p.take(']') {
		if len(list) == limit || len(list) > 0 && !p.take(',') {
			return nil, false
		}
		raw, err := p.value(nil, 1)
		if err != nil {
			return nil, false
		}
		list = append(list, fromCanonical(raw))
	}
	return list, p.end() == nil
}

// MarshalJSON writes the value as it is; what JSON proper cannot say (NaN,
// infinities) becomes null.
func (v Value) MarshalJSON() ([]byte, error) {
	if b := []byte(v.JSON()); json.Valid(b) {
		return b, nil
	}
	return []byte("null"), nil
}

// UnmarshalJSON reads any JSON value.
func (v *Value) UnmarshalJSON(b []byte) error {
	parsed, err := ParseValue(string(b))
	if err != nil {
		return err
	}
	*v = parsed
	return nil
}
