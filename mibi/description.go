package mibi

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// Description is the JSON that a page of a MIBItiff carries in its tag 270,
// ImageDescription: the image's metadata and what the page shows.
type Description struct {
	// Metadata holds the specified keys and the user's; its Date is never set,
	// the date lives in a tag of its own.
	Metadata Metadata
	// ImageType is what the page shows: SIMS, SED, Optical or Label.
	ImageType string
	// Mass and Target name the channel of a SIMS page.
	Mass, Target Value
	// Shape is the page's rows and columns, and samples if there are several;
	// empty where the text does not say.
	Shape []int
}

// ReservedKeys returns the keys that belong to the page and that a user's own
// key cannot take.
func ReservedKeys() []string {
	return []string{"image.type", "SIMS", "channel.mass", "channel.target", "shape"}
}

func isReserved(key string) bool {
	switch key {
	case "image.type", "SIMS", "channel.mass", "channel.target", "shape":
		return true
	}
	return false
}

// MaxDescriptionKeys is the number of keys of its own above which a description
// is refused. Real ones have a few.
const MaxDescriptionKeys = 1 << 16

// ParseDescription reads the text of tag 270. The key order does not matter; a
// key that comes twice holds what came last. A key that begins with "mibi."
// and is not specified is kept among the user's under its whole name; one that
// holds half of a surrogate pair has U+FFFD there. Text that is not UTF-8 is
// read as windows-1252 where it is not. Its error is a [*SyntaxError], also for
// nesting deeper than 200 and for more keys than [MaxDescriptionKeys].
func ParseDescription(text []byte) (Description, error) {
	var d Description
	r := descriptionReader{parser: parser{src: text}, to: &d, specified: d.Metadata.specified()}
	err := r.members(r.member)
	if err == nil {
		err = r.end()
	}
	if err != nil {
		return Description{}, err
	}
	d.ImageType, d.Shape = r.imageType.String(), parseShape(r.shape)
	return d, nil
}

type descriptionReader struct {
	parser
	to               *Description
	specified        []namedValue
	imageType, shape Value
	unused           Value          // under a reserved key that says nothing
	user             map[string]int // places in Metadata.User
	scratch          []byte
}

func (r *descriptionReader) member() error {
	raw, err := r.key(r.scratch[:0])
	if err != nil {
		return err
	}
	to := r.field(raw)
	if len(r.to.Metadata.User) > MaxDescriptionKeys {
		return r.fail("too many keys")
	}
	if raw, err = r.value(raw[:0], 1); err != nil {
		return err
	}
	*to, r.scratch = fromCanonical(raw), raw
	return nil
}

// field finds where the value of a key belongs, which is JSON as parser prints
// it. It stays the place until the next call.
func (r *descriptionReader) field(rawKey []byte) *Value {
	key := rawKey[1 : len(rawKey)-1]
	switch string(key) {
	case "image.type":
		return &r.imageType
	case "channel.mass":
		return &r.to.Mass
	case "channel.target":
		return &r.to.Target
	case "shape":
		return &r.shape
	}
	if isReserved(string(key)) {
		return &r.unused
	}
	if name, ok := bytes.CutPrefix(key, []byte(keyPrefix)); ok {
		for _, s := range r.specified {
			if s.name == string(name) {
				return s.value
			}
		}
	}
	text := Value{json: string(rawKey)}.String()
	m := &r.to.Metadata
	at, seen := r.user[text]
	if !seen {
		if r.user == nil {
			r.user = make(map[string]int)
		}
		at = len(m.User)
		r.user[text] = at
		m.User = append(m.User, UserValue{Key: text})
	}
	return &m.User[at].Value
}

// maxShape is how many sizes a shape may have: rows, columns, samples, and what
// nobody has written yet.
const maxShape = 8

func parseShape(v Value) []int {
	sizes, ok := v.elements(maxShape)
	if !ok {
		return nil
	}
	shape := make([]int, len(sizes))
	for i, size := range sizes {
		n, ok := size.Int()
		if !ok || n != int64(int(n)) {
			return nil
		}
		shape[i] = int(n)
	}
	return shape
}

// Channel returns the page's channel. It reports false where the mass is
// neither a whole number nor a text that holds one.
func (d Description) Channel() (Channel, bool) {
	mass, ok := d.Mass.Int()
	if !ok || mass != int64(int(mass)) {
		return Channel{}, false
	}
	return Channel{Mass: int(mass), Target: d.Target.String()}, true
}

// AppendJSON appends the text of tag 270 to dst, byte for byte as the format
// has it: ASCII, ", " and ": " as separators, the specified keys in their
// order with null for what is not given, then the user's keys, then the
// page's. Pages that are not SIMS carry only their type and shape. User keys
// that the format reserves or specifies are left out, see
// [Metadata.DroppedKeys].
func (d Description) AppendJSON(dst []byte) []byte {
	dst = append(dst, '{')
	if strings.EqualFold(d.ImageType, "SIMS") {
		for key, value := range d.Metadata.All() {
			dst = appendMember(dst, key, value.JSON())
		}
	}
	dst = appendMember(dst, "image.type", Text(d.ImageType).JSON())
	if strings.EqualFold(d.ImageType, "SIMS") {
		dst = appendMember(dst, "channel.mass", d.Mass.JSON())
		dst = appendMember(dst, "channel.target", d.Target.JSON())
	}
	if len(d.Shape) > 0 {
		sizes := make([]string, len(d.Shape))
		for i, n := range d.Shape {
			sizes[i] = strconv.Itoa(n)
		}
		dst = appendMember(dst, "shape", "["+strings.Join(sizes, ", ")+"]")
	}
	return append(dst, '}')
}

func appendMember(dst []byte, key, value string) []byte {
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ", "...)
	}
	dst = appendJSONText(dst, key)
	return append(append(dst, ": "...), value...)
}

// DroppedKeys returns the user's keys that cannot be written because the
// format reserves or specifies them; nil if every key can.
func (m Metadata) DroppedKeys() []string {
	specified := m.specified()
	var dropped []string
	for _, u := range m.User {
		if isTaken(u.Key, specified) {
			dropped = append(dropped, u.Key)
		}
	}
	return dropped
}

func isTaken(key string, specified []namedValue) bool {
	name, prefixed := strings.CutPrefix(key, keyPrefix)
	return isReserved(key) || prefixed && slices.ContainsFunc(specified, func(s namedValue) bool { return s.name == name })
}
