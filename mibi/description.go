package mibi

import (
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

// ParseDescription reads the text of tag 270. The key order does not matter; a
// key that comes twice holds what came last. A key that begins with "mibi."
// and is not specified is kept among the user's under its whole name.
// Its error is a [*SyntaxError].
func ParseDescription(text []byte) (Description, error) {
	var d Description
	specified := map[string]*Value{}
	for _, s := range d.Metadata.specified() {
		specified[keyPrefix+s.name] = s.value
	}
	p := parser{src: text}
	user := map[string]int{}
	err := p.members(func() error {
		rawKey, err := p.key(nil)
		if err != nil {
			return err
		}
		rawValue, err := p.value(nil, 1)
		if err != nil {
			return err
		}
		key, value := Value{json: string(rawKey)}.String(), fromCanonical(rawValue)
		switch field := specified[key]; {
		case field != nil:
			*field = value
		case key == "image.type":
			d.ImageType = value.String()
		case key == "channel.mass":
			d.Mass = value
		case key == "channel.target":
			d.Target = value
		case key == "shape":
			d.Shape = parseShape(value)
		case slices.Contains(ReservedKeys(), key):
		default:
			at, seen := user[key]
			if !seen {
				at = len(d.Metadata.User)
				user[key] = at
				d.Metadata.User = append(d.Metadata.User, UserValue{Key: key})
			}
			d.Metadata.User[at].Value = value
		}
		return nil
	})
	if err == nil {
		err = p.end()
	}
	if err != nil {
		return Description{}, err
	}
	return d, nil
}

func parseShape(v Value) []int {
	shape, _ := unmarshalList[int](v)
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
	taken := ReservedKeys()
	for _, s := range m.specified() {
		taken = append(taken, keyPrefix+s.name)
	}
	var dropped []string
	for _, u := range m.User {
		if slices.Contains(taken, u.Key) {
			dropped = append(dropped, u.Key)
		}
	}
	return dropped
}
