package mibitiff_test

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zlib"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibitiff"
)

// draft is a MIBItiff as a test wants it, right or wrong.
type draft struct {
	pages     []draftPage
	big       bool // a BigTIFF
	bigEndian bool
	align     int    // of strips, 16 as the format wants it
	lead      int    // bytes between the header and the first page
	gap       int    // bytes behind each page
	tail      []byte // what follows the last strip
	reversed  bool   // the pages lie in the file from the last to the first
	early     bool   // strips lie before their directories
}

// draftPage is a page of it. Offsets and byte counts of the strip are set where
// they are not among the fields.
type draftPage struct {
	fields []tiff.Field
	strip  []byte
	share  int // the page whose strip it names instead of its own, and 1
}

// newDraft is the draft of a file that the writer made: two channels, an SED
// page, and an optical image with its label.
func newDraft(t testing.TB) *draft {
	t.Helper()
	channels, planes := madeImage[uint16](t, 2, 8)
	var out bytes.Buffer
	w, err := mibitiff.NewWriter(&out, madeMetadata())
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range channels {
		if err := w.WriteChannel(c, planes[i]); err != nil {
			t.Fatal(err)
		}
	}
	sed, err := mibitiff.NewPlane(4, 4, []float32{15: 0.5})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.WriteSED(sed); err != nil {
		t.Fatal(err)
	}
	// So small that a few pixels of the label are on it.
	if err := w.WriteOptical(mibitiff.RGB{Width: 361, Height: 1425, Pix: make([]uint8, 3*361*1425)}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return draftOf(t, out.Bytes())
}

// draftOf takes a file apart.
func draftOf(t testing.TB, data []byte) *draft {
	t.Helper()
	d := &draft{align: 16}
	f, err := tiff.Open(bytes.NewReader(data), int64(len(data)), tiff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.Pages {
		p := draftPage{}
		for offset, count := range f.Pages[i].Chunks() {
			p.strip = data[offset:][:count]
		}
		for _, tag := range f.Pages[i].Tags {
			if tag.ID == tiff.StripOffsets || tag.ID == tiff.StripByteCounts {
				continue
			}
			loaded, err := f.Load(i, tag.ID, 1<<20)
			if err != nil {
				t.Fatal(err)
			}
			p.fields = append(p.fields, tiff.Field{ID: tag.ID, Type: tag.Type, Count: uint32(tag.Count), Data: loaded.Bytes()})
		}
		d.pages = append(d.pages, p)
	}
	return d
}

// set puts fields in the place of those with the same tags, or adds them.
func (p *draftPage) set(fields ...tiff.Field) {
	for _, f := range fields {
		p.drop(f.ID)
		p.fields = append(p.fields, f)
	}
}

func (p *draftPage) drop(id uint16) {
	p.fields = slices.DeleteFunc(slices.Clone(p.fields), func(f tiff.Field) bool { return f.ID == id })
}

func (p *draftPage) text(id uint16) string {
	for _, f := range p.fields {
		if f.ID == id {
			return string(bytes.TrimRight(f.Data, "\x00"))
		}
	}
	return ""
}

// describe replaces a part of the description.
func (p *draftPage) describe(old, replacement string) {
	text := p.text(tiff.ImageDescription)
	if !strings.Contains(text, old) {
		panic("the description has no " + old)
	}
	p.set(tiff.TextField(tiff.ImageDescription, strings.Replace(text, old, replacement, 1)))
}

// bytes writes the draft down. Fields come in the order of their tags, but for
// a page whose first field is marked by a Room below zero.
func (d *draft) bytes() []byte {
	out := d.header()
	link := len(out) - d.offsetBytes()
	out = append(out, make([]byte, d.lead)...)
	order := make([]int, len(d.pages))
	for i := range order {
		order[i] = i
	}
	if d.reversed {
		slices.Reverse(order)
	}
	directories, next, strips := make([]int, len(d.pages)), make([]int, len(d.pages)), make([]int, len(d.pages))
	type slot struct{ at, of int }
	var slots []slot
	for _, i := range order {
		p := &d.pages[i]
		fields := slices.Clone(p.fields)
		unsorted := fields[0].Room < 0
		has := func(id uint16) bool {
			return slices.ContainsFunc(fields, func(f tiff.Field) bool { return f.ID == id })
		}
		if !has(tiff.StripOffsets) && !has(tiff.TileOffsets) {
			fields = append(fields, tiff.LongField(tiff.StripOffsets, 0))
		}
		if !has(tiff.StripByteCounts) && !has(tiff.TileByteCounts) {
			count := len(p.strip)
			if p.share > 0 {
				count = len(d.pages[p.share-1].strip)
			}
			fields = append(fields, tiff.LongField(tiff.StripByteCounts, uint32(count)))
		}
		if !unsorted {
			slices.SortStableFunc(fields, func(a, b tiff.Field) int { return cmp.Compare(a.ID, b.ID) })
		}
		if d.early {
			out = padTo(out, d.align)
			strips[i] = len(out)
			out = append(out, p.strip...)
			out = padTo(out, 2)
		}
		directories[i] = len(out)
		out = d.put(out, uint64(len(fields)), map[bool]int{true: 8, false: 2}[d.big])
		entries := len(out)
		out = append(out, make([]byte, len(fields)*d.entryBytes()+d.offsetBytes())...)
		next[i] = len(out) - d.offsetBytes()
		for k, f := range fields {
			at := entries + k*d.entryBytes()
			d.at(out, at, uint64(f.ID), 2)
			d.at(out, at+2, uint64(f.Type), 2)
			d.at(out, at+4, uint64(f.Count), d.offsetBytes())
			value := at + 4 + d.offsetBytes()
			data := d.ordered(f)
			if f.ID == tiff.StripOffsets && f.Count == 1 && binary.LittleEndian.Uint32(f.Data) == 0 ||
				f.ID == tiff.TileOffsets {
				of := i
				if p.share > 0 {
					of = p.share - 1
				}
				slots = append(slots, slot{value, of})
				continue
			}
			if len(data) <= d.offsetBytes() {
				copy(out[value:], data)
				continue
			}
			if (len(out)-d.lead)%2 != 0 {
				out = append(out, 0)
			}
			d.at(out, value, uint64(len(out)), d.offsetBytes())
			out = append(out, data...)
		}
		if !d.early {
			out = padTo(out, d.align)
			strips[i] = len(out)
			out = append(out, p.strip...)
		}
		if out = append(out, make([]byte, d.gap)...); i != order[len(order)-1] && (len(out)-d.lead)%2 != 0 {
			out = append(out, 0)
		}
	}
	for _, s := range slots {
		d.at(out, s.at, uint64(strips[s.of]), 4)
	}
	for i, at := range directories {
		d.at(out, link, uint64(at), d.offsetBytes())
		link = next[i]
	}
	return append(out, d.tail...)
}

func padTo(b []byte, align int) []byte {
	for align > 0 && len(b)%align != 0 {
		b = append(b, 0)
	}
	return b
}

func (d *draft) header() []byte {
	out := []byte("II")
	if d.bigEndian {
		out = []byte("MM")
	}
	if d.big {
		out = d.put(d.put(d.put(out, 43, 2), 8, 2), 0, 2)
		return d.put(out, 0, 8)
	}
	return d.put(d.put(out, 42, 2), 0, 4)
}

func (d *draft) offsetBytes() int {
	if d.big {
		return 8
	}
	return 4
}

func (d *draft) entryBytes() int { return 4 + 2*d.offsetBytes() }

func (d *draft) put(b []byte, v uint64, size int) []byte {
	b = append(b, make([]byte, size)...)
	d.at(b, len(b)-size, v, size)
	return b
}

func (d *draft) at(b []byte, at int, v uint64, size int) {
	for i := range size {
		shift := 8 * i
		if d.bigEndian {
			shift = 8 * (size - 1 - i)
		}
		b[at+i] = byte(v >> shift)
	}
}

// ordered returns a field's values in the file's byte order.
func (d *draft) ordered(f tiff.Field) []byte {
	if !d.bigEndian {
		return f.Data
	}
	size := int(f.Type.Size())
	if f.Type == tiff.Rational || f.Type == tiff.SRational {
		size = 4
	}
	data := bytes.Clone(f.Data)
	for at := 0; at+size <= len(data); at += size {
		slices.Reverse(data[at : at+size])
	}
	return data
}

func zlibbed(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// checked checks a file that is at hand.
func checked(t testing.TB, data []byte, opts ...mibitiff.CheckOption) *mibitiff.Report {
	t.Helper()
	report, err := mibitiff.Check(t.Context(), bytes.NewReader(data), int64(len(data)), opts...)
	if err != nil {
		t.Fatal(err)
	}
	return report
}
