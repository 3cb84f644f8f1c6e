package api

import (
	"bytes"
	"encoding/json"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// opt is a field of a write: absent, null, or a value.
type opt[T any] struct {
	Given bool
	Value *T // nil: null
}

// has tells whether there is a value.
func (o opt[T]) has() bool { return o.Given && o.Value != nil }

// given is the fields of a write, from JSON or from a form. The methods that
// read a field note what is wrong with it; err tells all of it at once. Fields
// that nobody reads are ignored, so that what was read can be written back.
type given struct {
	json  map[string]json.RawMessage // nil for a form
	form  url.Values
	file  bool // a file came with it
	wrong map[string][]string
	asked func(input) // see description
}

// ask tells which field is about to be read.
func (g *given) ask(in input) {
	if g.asked != nil {
		g.asked(in)
	}
}

// nested is the fields of an object inside field name.
func (g *given) nested(name string, fields map[string]json.RawMessage) *given {
	if fields == nil {
		fields = map[string]json.RawMessage{}
	}
	in := &given{json: fields, wrong: map[string][]string{}}
	if g.asked != nil {
		in.asked = func(item input) { g.asked(someObjects(name, body{item})) }
	}
	return in
}

func newGiven() *given { return &given{wrong: map[string][]string{}} }

// maxWrong is how many mistakes of one field an answer tells.
const maxWrong = 20

// bad notes what is wrong with a field.
func (g *given) bad(name, text string) {
	if len(g.wrong[name]) < maxWrong {
		g.wrong[name] = append(g.wrong[name], text)
	}
}

// err is the 400 with everything that was wrong, or nil.
func (g *given) err() error {
	if len(g.wrong) == 0 {
		return nil
	}
	return &problem{status: http.StatusBadRequest, fields: g.wrong}
}

// raw finds a field: in a form its last part, in JSON a string's text or
// another value's own letters.
func (g *given) raw(name string) (text string, isString, null, found bool) {
	if g.json == nil {
		values := g.form[name]
		if len(values) == 0 {
			return "", false, false, false
		}
		text = values[len(values)-1]
		if !clean(text) {
			g.bad(name, "The text is not valid UTF-8 or holds a NUL character.")
			return "", false, false, false
		}
		return text, true, false, true
	}
	value, found := g.json[name]
	if !found {
		return "", false, false, false
	}
	value = bytes.TrimSpace(value)
	if !utf8.Valid(value) {
		g.bad(name, "The text is not valid UTF-8.")
		return "", false, false, false
	}
	if string(value) == "null" {
		return "", false, true, true
	}
	if len(value) > 0 && value[0] == '"' {
		if json.Unmarshal(value, &text) != nil || strings.ContainsRune(text, 0) {
			g.bad(name, "The text holds a NUL character.")
			return "", false, false, false
		}
		return text, true, false, true
	}
	return string(value), false, false, true
}

// Lengths of texts, in characters.
const (
	maxName = 255
	maxText = 64 << 10
)

// text reads a text of at most max characters. In a form an empty text is an
// empty text.
func (g *given) text(name string, max int) opt[string] {
	g.ask(aText(name, max))
	return g.readText(name, max)
}

func (g *given) readText(name string, max int) (o opt[string]) {
	text, isString, null, found := g.raw(name)
	switch {
	case !found:
		return o
	case null:
		return opt[string]{Given: true}
	case !isString && (text == "" || strings.ContainsAny(text[:1], "{[")):
		g.bad(name, "Not a valid string.")
		return o
	case utf8.RuneCountInString(text) > max:
		g.bad(name, "Ensure this field has no more than "+strconv.Itoa(max)+" characters.")
		return o
	}
	return opt[string]{true, &text}
}

// filled reads a text that must not be empty. required: nor absent.
func (g *given) filled(name string, max int, required bool) opt[string] {
	in := aFilled(name, max)
	in.need = required
	g.ask(in)
	o := g.readText(name, max)
	switch {
	case !o.Given && required && g.wrong[name] == nil:
		g.bad(name, "This field is required.")
	case o.Given && o.Value == nil:
		g.bad(name, "This field may not be null.")
	case o.Given && strings.TrimSpace(*o.Value) == "":
		g.bad(name, "This field may not be blank.")
	}
	return o
}

// scalar is raw for what is no text: there an empty part of a form is absent.
func (g *given) scalar(name string) (text string, null, found bool) {
	text, isString, null, found := g.raw(name)
	text = strings.TrimSpace(text)
	if found && !null && text == "" && isString && g.json == nil {
		return "", false, false
	}
	return text, null, found
}

// number reads a finite number, given as a number or as its text.
func (g *given) number(name string) opt[float64] {
	g.ask(aNumber(name))
	return g.readNumber(name)
}

func (g *given) readNumber(name string) (o opt[float64]) {
	text, null, found := g.scalar(name)
	if !found {
		return o
	}
	if null {
		return opt[float64]{Given: true}
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || strings.ContainsAny(text, "xX_") {
		g.bad(name, "A valid number is required.")
		return o
	}
	return opt[float64]{true, &v}
}

// integer reads an integer of at least min.
func (g *given) integer(name string, min int64) opt[int64] {
	g.ask(anInteger(name, min))
	return g.readInteger(name, min)
}

func (g *given) readInteger(name string, min int64) (o opt[int64]) {
	n := g.readNumber(name)
	if !n.has() {
		return opt[int64]{Given: n.Given}
	}
	v := *n.Value
	if v != math.Trunc(v) || math.Abs(v) > 1<<53 {
		g.bad(name, "A valid integer is required.")
		return o
	}
	i := int64(v)
	if i < min {
		g.bad(name, "Ensure this value is greater than or equal to "+strconv.FormatInt(min, 10)+".")
		return o
	}
	return opt[int64]{true, &i}
}

// id reads the id of a related object.
func (g *given) id(name string) opt[int64] {
	g.ask(anID(name))
	return g.readInteger(name, 1)
}

// boolean reads true or false, in a form True and False, too.
func (g *given) boolean(name string) (o opt[bool]) {
	g.ask(aBool(name))
	text, null, found := g.scalar(name)
	if !found {
		return o
	}
	if null {
		g.bad(name, "This field may not be null.")
		return o
	}
	v, err := parseBool(text)
	if err != nil {
		g.bad(name, "Must be a valid boolean.")
		return o
	}
	return opt[bool]{true, &v}
}

func parseBool(s string) (bool, error) {
	switch s {
	case "true", "True", "1":
		return true, nil
	case "false", "False", "0":
		return false, nil
	}
	return false, strconv.ErrSyntax
}

// date reads a day, with or without a time behind it; the time is dropped. A
// client that had no date says "NoneT00:00:00".
func (g *given) date(name string) (o opt[string]) {
	g.ask(aDate(name))
	text, null, found := g.scalar(name)
	if !found {
		return o
	}
	if null {
		return opt[string]{Given: true}
	}
	day, _, _ := strings.Cut(strings.Replace(text, " ", "T", 1), "T")
	if day == "None" {
		return o
	}
	if _, err := time.Parse(time.DateOnly, day); err != nil || len(text) > 64 || !validTime(text[len(day):]) {
		g.bad(name, "Not a date. Use YYYY-MM-DD.")
		return o
	}
	return opt[string]{true, &day}
}

// validTime accepts nothing, or what RFC 3339 and ISO 8601 put behind a day.
func validTime(s string) bool {
	if s == "" {
		return true
	}
	s = strings.Replace(s, " ", "T", 1)
	for _, layout := range []string{"T15:04:05.999999999", "T15:04:05.999999999Z07:00", "T15:04", "T15:04Z07:00"} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}

// maxIDs is how many related objects a field can name.
const maxIDs = 100_000

// ids reads related ids: a JSON array, or ids joined by commas, in a form also
// as repeated parts. An empty part means absent.
func (g *given) ids(name string) (o opt[[]int64]) {
	g.ask(someIDs(name))
	parts, ok := g.idParts(name)
	if !ok {
		return o
	}
	out := []int64{}
	seen := map[int64]bool{}
	for _, part := range parts {
		id, err := strconv.ParseInt(strings.TrimSpace(part), 10, 64)
		if err != nil || id <= 0 {
			g.bad(name, "Not a valid id: "+quote(part)+".")
			return o
		}
		if !seen[id] {
			seen[id] = true
			out = append(out, id)
		}
	}
	if len(out) > maxIDs {
		g.bad(name, "More than "+strconv.Itoa(maxIDs)+" ids.")
		return o
	}
	return opt[[]int64]{true, &out}
}

func (g *given) idParts(name string) (parts []string, ok bool) {
	if g.json == nil {
		for _, value := range g.form[name] {
			for part := range strings.SplitSeq(value, ",") {
				if strings.TrimSpace(part) != "" {
					parts = append(parts, part)
				}
			}
		}
		return parts, len(parts) > 0
	}
	raw, found := g.json[name]
	if !found {
		return nil, false
	}
	if string(bytes.TrimSpace(raw)) == "null" {
		return nil, true
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		if text == "" {
			return nil, true
		}
		return strings.Split(text, ","), true
	}
	var items []json.RawMessage
	if json.Unmarshal(raw, &items) != nil {
		g.bad(name, "Expected a list of ids.")
		return nil, false
	}
	for _, item := range items {
		parts = append(parts, strings.Trim(string(item), `"`))
	}
	return parts, true
}
