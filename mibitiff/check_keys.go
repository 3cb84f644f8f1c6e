package mibitiff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
)

// mibiPrefix stands before the keys that the format specifies.
const mibiPrefix = "mibi."

// specifiedKeys are the keys of the format in its order.
func specifiedKeys() []string {
	var keys []string
	for key := range (mibi.Metadata{}).All() {
		keys = append(keys, key)
	}
	return keys
}

// pageKeys are the keys that a page has of its own, in the format's order.
func pageKeys() []string { return []string{"image.type", "channel.mass", "channel.target", "shape"} }

// describe checks a description.
func (c *checker) describe(p *checkedPage, t *tiff.Page, d *checkedText) {
	if !d.ok {
		return
	}
	const tag = tiff.ImageDescription
	if !d.plain {
		c.add("description-form", p.index, tag, "")
	}
	if d.hasNaN {
		c.add("nan-in-description", p.index, tag, "")
	}
	c.imageType(p, d)
	c.shape(p, t, d)
	c.lostText(p, d)
	keys := c.keys(p, d)
	if p.kind == SED {
		c.detector(p, t)
	}
	if p.kind != SIMS {
		return
	}
	c.channel(p, t, d)
	c.required(p, keys)
	c.metadata(p, t, d)
	if p != c.first {
		c.sameImage(p, d)
	}
}

func (c *checker) imageType(p *checkedPage, d *checkedText) {
	const tag = tiff.ImageDescription
	i := slices.IndexFunc(d.members, func(m member) bool { return m.key == "image.type" })
	switch {
	case i < 0 || !strings.HasPrefix(d.members[i].json, `"`) || d.ImageType == "":
		effect, found := ruleOf("image-type").effect, ""
		if i >= 0 {
			found = shown(d.members[i].json)
		}
		if d.ImageType != "" {
			effect = "mibilib fails; mibitiff takes it for a type that it does not know"
		}
		c.addAs("image-type", SeverityError, effect, p.index, tag, found)
	case kindMask(p.kind) == 0:
		c.add("image-type-unknown", p.index, tag, shown(d.ImageType))
	case string(p.kind) != d.ImageType:
		c.add("image-type-spelling", p.index, tag, shown(d.ImageType))
	}
}

func (c *checker) shape(p *checkedPage, t *tiff.Page, d *checkedText) {
	if kindMask(p.kind) == 0 {
		return
	}
	want := []int{t.Height(), t.Width()}
	if t.SamplesPerPixel() > 1 {
		want = append(want, t.SamplesPerPixel())
	}
	switch {
	case slices.Equal(d.Shape, want):
	case !d.has("shape"):
		c.addAs("shape", SeverityNote, "tifffile.imread arranges the pages by their sizes", p.index, tiff.ImageDescription, "it is missing")
	default:
		c.add("shape", p.index, tiff.ImageDescription, fmt.Sprintf("%v, not %v", d.Shape, want))
	}
}

// lostText looks for what is left where a character was lost.
func (c *checker) lostText(p *checkedPage, d *checkedText) {
	var lost []string
	for _, m := range d.members {
		if strings.Contains(m.json, `\ufffd`) || lostMicro(m.json) {
			lost = append(lost, m.key)
		}
	}
	if len(lost) > 0 {
		c.add("lost-text", p.index, tiff.ImageDescription, listed(lost))
	}
}

// lostMicro tells whether a text has "?m" after a number: "300 ?m".
func lostMicro(text string) bool {
	for rest := text; ; {
		before, after, ok := strings.Cut(rest, "?m")
		if !ok {
			return false
		}
		before = strings.TrimRight(before, " ")
		if before != "" && before[len(before)-1] >= '0' && before[len(before)-1] <= '9' &&
			(after == "" || !(after[0] >= 'a' && after[0] <= 'z')) {
			return true
		}
		rest = after
	}
}

// keys checks the names of the keys and their order, and returns those that
// are there with their values.
func (c *checker) keys(p *checkedPage, d *checkedText) map[string]string {
	const tag = tiff.ImageDescription
	others := len(c.specified) // the place of the user's keys
	order := func(key string) int {
		if i := slices.Index(c.specified, key); i >= 0 {
			return i
		}
		if i := slices.Index(pageKeys(), key); i >= 0 {
			return others + 1 + i
		}
		return others
	}
	values := make(map[string]string, len(d.members))
	var twice, unknown, unexpected []string
	sorted, reserved, last := true, false, 0
	for _, m := range d.members {
		if _, seen := values[m.key]; seen {
			twice = append(twice, m.key)
		}
		values[m.key] = m.json
		at := order(m.key)
		sorted, last = sorted && at >= last, at
		switch {
		case m.key == "SIMS":
			reserved = true
		case p.kind == SIMS && at == others && strings.HasPrefix(m.key, mibiPrefix):
			unknown = append(unknown, m.key)
		case p.kind != SIMS && m.key != "image.type" && m.key != "shape":
			unexpected = append(unexpected, m.key)
		}
	}
	for _, f := range []struct {
		code string
		keys []string
	}{{"duplicate-key", twice}, {"unknown-mibi-key", unknown}, {"key-unexpected", unexpected}} {
		if len(f.keys) > 0 && (f.code != "key-unexpected" || kindMask(p.kind) != 0) {
			c.add(f.code, p.index, tag, listed(f.keys))
		}
	}
	if reserved {
		c.add("reserved-key", p.index, tag, shown("SIMS"))
	}
	if !sorted && kindMask(p.kind) != 0 {
		c.add("key-order", p.index, tag, "")
	}
	return values
}
