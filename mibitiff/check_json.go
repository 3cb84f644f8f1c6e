package mibitiff

import (
	"slices"
	"strings"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
)

// member is a key of a description and its value as JSON in the format's form.
type member struct{ key, json string }

// given tells whether a value is there and not empty.
func given(json string) bool { return json != "" && json != "null" && json != `""` }

// checkedText is the description of a page.
type checkedText struct {
	mibi.Description
	members []member // in the order of the text, keys that come twice twice
	ok      bool     // whether it is an object
	plain   bool     // whether it is written as the format has it
	hasNaN  bool
}

// has tells whether a key is there, with or without a value.
func (d *checkedText) has(key string) bool {
	return slices.ContainsFunc(d.members, func(m member) bool { return m.key == key })
}

// name is what a page is called that has no name of its own.
func (d *checkedText) name(p *checkedPage) string {
	if p.kind == SIMS && !d.Mass.IsZero() {
		if channel, ok := d.Channel(); ok {
			return channel.PageName()
		}
	}
	return string(p.kind)
}

// readDescription reads tag 270, and what kind of page it says this is.
func (c *checker) readDescription(p *checkedPage, t *tiff.Page) *checkedText {
	d := &checkedText{}
	tag, given := t.Tag(tiff.ImageDescription)
	text, ok := t.Text(tiff.ImageDescription)
	switch {
	case tag.Count > maxDescription:
		c.add("description-long", t.Index, tiff.ImageDescription, "")
		return d
	case !given || !ok:
		found := ""
		if given {
			found = "no text, but " + tag.Type.String()
		}
		c.add("description-missing", t.Index, tiff.ImageDescription, found)
		return d
	}
	var err error
	if d.Description, err = mibi.ParseDescription([]byte(text)); err != nil {
		c.add("description-json", t.Index, tiff.ImageDescription, err.Error())
		return d
	}
	// The description is an object, so this reads it too.
	whole, err := mibi.ParseValue(text)
	if err != nil {
		c.add("description-json", t.Index, tiff.ImageDescription, err.Error())
		return d
	}
	d.ok, d.plain = true, whole.JSON() == text
	d.members, d.hasNaN = splitObject(whole.JSON())
	p.kind = pageType(d.ImageType)
	return d
}

// splitObject takes an object apart that is written as the format has it, and
// tells whether a bare NaN or Infinity is in it.
func splitObject(object string) (members []member, hasNaN bool) {
	rest := strings.TrimSuffix(strings.TrimPrefix(object, "{"), "}")
	for rest != "" {
		key, after := cutValue(rest)
		json, next := cutValue(strings.TrimPrefix(after, ": "))
		rest = strings.TrimPrefix(next, ", ")
		hasNaN = hasNaN || nanInside(json)
		members = append(members, member{unquoted(key), json})
	}
	return members, hasNaN
}

// unquoted returns a JSON text as it is meant.
func unquoted(json string) string {
	if !strings.Contains(json, `\`) {
		return strings.Trim(json, `"`)
	}
	text, err := mibi.ParseValue(json)
	if err != nil {
		return json
	}
	return text.String()
}

// cutValue cuts the JSON value off that a text begins with.
func cutValue(text string) (value, rest string) {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case depth == 0 && (c == ',' || c == ':'):
			return text[:i], text[i:]
		}
	}
	return text, ""
}

// nanInside tells whether a JSON value is or holds a bare NaN or Infinity: of
// all words only these begin with such capitals.
func nanInside(raw string) bool {
	quoted := false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case !quoted && (c == 'N' || c == 'I'):
			return true
		}
	}
	return false
}
