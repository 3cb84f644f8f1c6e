package mibitiff

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/openmibi/openmibi/internal/tiff"
)

// The kinds of pages, by the tags that they have.
const (
	onChannel = 1 << iota
	onSED
	onColour // Optical and Label
	onAll    = onChannel | onSED | onColour
)

// tagForm is a tag of the format.
type tagForm struct {
	id       uint16
	typ      tiff.Type
	count    uint64 // of values, 0 for any
	on       int    // the kinds of pages that have it
	optional bool
}

// tagForms are the tags of the format in their order.
var tagForms = [...]tagForm{
	{id: tiff.ImageWidth, typ: tiff.Long, count: 1, on: onAll},
	{id: tiff.ImageLength, typ: tiff.Long, count: 1, on: onAll},
	{id: tiff.BitsPerSample, typ: tiff.Short, on: onAll}, // a value a sample
	{id: tiff.Compression, typ: tiff.Short, count: 1, on: onAll},
	{id: tiff.PhotometricInterpretation, typ: tiff.Short, count: 1, on: onAll},
	{id: tiff.ImageDescription, typ: tiff.ASCII, on: onAll},
	{id: tiff.StripOffsets, typ: tiff.Long, on: onAll}, // a value a strip
	{id: tiff.SamplesPerPixel, typ: tiff.Short, count: 1, on: onAll},
	{id: tiff.RowsPerStrip, typ: tiff.Long, count: 1, on: onAll},
	{id: tiff.StripByteCounts, typ: tiff.Long, on: onAll},
	{id: tiff.XResolution, typ: tiff.Rational, count: 1, on: onAll},
	{id: tiff.YResolution, typ: tiff.Rational, count: 1, on: onAll},
	{id: tiff.PlanarConfiguration, typ: tiff.Short, count: 1, on: onColour},
	{id: tiff.PageName, typ: tiff.ASCII, on: onChannel | onSED},
	{id: tiff.XPosition, typ: tiff.SRational, count: 1, on: onChannel | onSED},
	{id: tiff.YPosition, typ: tiff.SRational, count: 1, on: onChannel | onSED},
	{id: tiff.ResolutionUnit, typ: tiff.Short, count: 1, on: onAll},
	{id: tiff.Software, typ: tiff.ASCII, on: onAll},
	{id: tiff.DateTime, typ: tiff.ASCII, on: onChannel},
	{id: tiff.SampleFormat, typ: tiff.Short, count: 1, on: onChannel | onSED, optional: true},
	{id: tiff.SMinSampleValue, on: onChannel, count: 1}, // LONG or DOUBLE, see rangeType
	{id: tiff.SMaxSampleValue, on: onChannel, count: 1},
}

// orientation is a tag that the format does not have.
const orientation = 274

// checkedTags are the tags whose values a check needs.
func checkedTags() []uint16 {
	ids := []uint16{tiff.NewSubfileType, orientation}
	for _, f := range tagForms {
		ids = append(ids, f.id)
	}
	return ids
}

// kindMask returns the kind of a page, 0 for one that the format does not have.
func kindMask(kind PageType) int {
	switch kind {
	case SIMS:
		return onChannel
	case SED:
		return onSED
	case Optical, Label:
		return onColour
	}
	return 0
}

// tags compares which tags a page has, and their types, with the format.
func (c *checker) tags(p *checkedPage, t *tiff.Page) {
	kind := kindMask(p.kind)
	for i := range tagForms {
		f := &tagForms[i]
		tag, ok := t.Tag(f.id)
		switch {
		case kind != 0 && f.on&kind == 0:
		case !ok && kind != 0 && !f.optional:
			c.missing(p, t, f.id)
		case ok:
			c.form(p, t, f, tag)
		}
	}
	for i, tag := range t.Tags {
		if i == 0 || t.Tags[i-1].ID != tag.ID {
			c.extra(kind, t, tag)
		}
	}
}

// missing adds the finding for a tag that a page lacks.
func (c *checker) missing(p *checkedPage, t *tiff.Page, id uint16) {
	const code = "missing-tag"
	switch id {
	case tiff.StripOffsets, tiff.RowsPerStrip, tiff.StripByteCounts:
		if t.Tiled() {
			return
		}
		c.addAs(code, SeverityNote, "tifffile, libtiff and mibitiff work it out", t.Index, id, "")
	case tiff.ImageDescription: // a finding of its own
	case tiff.Software:
		if t.Index > 0 {
			c.addAs(code, SeverityNote, none+": they look at the first page", t.Index, id, "")
		}
	case tiff.XResolution, tiff.YResolution, tiff.XPosition, tiff.YPosition, tiff.ResolutionUnit, tiff.DateTime:
		c.addMetadata(code, "mibilib fails without it", p, id, "")
	case tiff.PhotometricInterpretation:
		c.addAs(code, SeverityWarning, "programs that draw by libtiff refuse the page; tifffile and mibitiff read it", t.Index, id, "")
	case tiff.PageName:
		c.addAs(code, SeverityWarning, "viewers that show page names name no channel; mibilib and mibitiff take it from the description", t.Index, id, "")
	case tiff.SMinSampleValue, tiff.SMaxSampleValue:
		c.addAs(code, SeverityNote, "programs choose a display range of their own", t.Index, id, "")
	default:
		c.add(code, t.Index, id, "")
	}
}

// form checks the type of a tag and how many values it has.
func (c *checker) form(p *checkedPage, t *tiff.Page, f *tagForm, tag tiff.Tag) {
	typ := f.typ
	if typ == 0 {
		typ = rangeType(t)
	}
	wide := c.tiff.Big && tag.Type == tiff.Long8 && (f.id == tiff.StripOffsets || f.id == tiff.StripByteCounts)
	if tag.Type != typ && !wide {
		c.wrongType(p, f.id, tag.Type, typ)
	}
	count := f.count
	if f.id == tiff.BitsPerSample {
		count = uint64(t.SamplesPerPixel())
	}
	if count != 0 && tag.Count != count {
		c.wrongCount(p, f.id, fmt.Sprintf("%d values, not %d", tag.Count, count))
	}
}

func (c *checker) wrongCount(p *checkedPage, id uint16, found string) {
	const code = "tag-count"
	switch id {
	case tiff.ImageWidth, tiff.ImageLength, tiff.Compression, tiff.SamplesPerPixel:
		c.addAs(code, SeverityError, "tifffile, and so mibilib, fails; libtiff and mibitiff take the first", p.index, id, found)
	case tiff.ResolutionUnit:
		c.addMetadata(code, "mibilib fails", p, id, found)
	default:
		c.add(code, p.index, id, found)
	}
}

// rangeType is the type of the display range.
func rangeType(t *tiff.Page) tiff.Type {
	if t.SampleFormat() == tiff.FormatFloat {
		return tiff.Double
	}
	return tiff.Long
}

func (c *checker) wrongType(p *checkedPage, id uint16, got, want tiff.Type) {
	const code = "tag-type"
	found := fmt.Sprintf("%s, not %s", got, want)
	first := "mibilib fails"
	switch id {
	case tiff.XPosition, tiff.YPosition:
		if got == tiff.Rational {
			c.add("position-unsigned", p.index, id, "")
			return
		}
		c.addMetadata(code, first, p, id, found)
	case tiff.XResolution, tiff.YResolution:
		if got == tiff.SRational {
			c.add(code, p.index, id, found)
			return
		}
		c.addMetadata(code, first, p, id, found)
	case tiff.DateTime:
		c.addMetadata(code, first, p, id, found)
	case tiff.Software:
		if p.index == 0 {
			c.addAs(code, SeverityError, "mibilib fails; mibitiff reads bytes as text", p.index, id, found)
			return
		}
		c.add(code, p.index, id, found)
	default:
		c.add(code, p.index, id, found)
	}
}

// extra checks a tag that the format does not have on this kind of page.
func (c *checker) extra(kind int, t *tiff.Page, tag tiff.Tag) {
	value, whole := tag.Uint(0)
	switch tag.ID {
	case tiff.NewSubfileType:
		if value != 0 {
			c.add("subfile-type", t.Index, tag.ID, strconv.FormatUint(value, 10))
			return
		}
	case orientation:
		if whole && value != 1 {
			c.add("orientation", t.Index, tag.ID, strconv.FormatUint(value, 10))
			return
		}
	case tiff.SampleFormat:
		if kind&(onChannel|onSED) != 0 && t.SampleFormat() != tiff.FormatUint {
			return
		}
	case tiff.Predictor, tiff.TileWidth, tiff.TileLength, tiff.TileOffsets, tiff.TileByteCounts:
		if tag.ID != tiff.Predictor || t.Predictor() != 1 {
			return // said of the layout
		}
	default:
		for i := range tagForms {
			if tagForms[i].id == tag.ID && (kind == 0 || tagForms[i].on&kind != 0) {
				return
			}
		}
	}
	found := ""
	if whole && tag.Count == 1 {
		found = strconv.FormatUint(value, 10)
	}
	c.add("extra-tag", t.Index, tag.ID, found)
}

// texts checks how the texts of a page end and which bytes they hold.
func (c *checker) texts(p *checkedPage, t *tiff.Page) {
	for _, id := range []uint16{tiff.ImageDescription, tiff.PageName, tiff.Software, tiff.DateTime} {
		tag, ok := t.Tag(id)
		data := tag.Bytes()
		if !ok || tag.Type != tiff.ASCII || len(data) == 0 {
			continue
		}
		if data[len(data)-1] != 0 {
			c.add("text-end", t.Index, id, "")
		}
		text, rest, _ := bytes.Cut(data, []byte{0})
		if rest = bytes.Trim(rest, "\x00"); len(rest) > 0 {
			const code, effect = "text-after-nul", "mibilib, which reads all of it, fails; mibitiff and libtiff read up to the NUL"
			switch id {
			case tiff.ImageDescription:
				c.addAs(code, SeverityError, effect, t.Index, id, shown(string(rest)))
			case tiff.DateTime:
				c.addMetadata(code, effect, p, id, shown(string(rest)))
			default:
				c.add(code, t.Index, id, shown(string(rest)))
			}
		}
		if !utf8.Valid(text) {
			c.add("text-encoding", t.Index, id, shown(string(text)))
		}
	}
}
