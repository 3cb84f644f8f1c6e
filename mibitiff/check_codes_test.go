package mibitiff_test

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibitiff"
)

// departure is a change to a file that is as the format wants it, and what must
// be found of it.
type departure struct {
	code     string
	severity mibitiff.Severity
	page     int
	tag      uint16
	found    string // a part of what stands there
	change   func(*draft)
	data     func([]byte) []byte // after the draft is written
	opts     []mibitiff.CheckOption
}

const (
	note    = mibitiff.SeverityNote
	warning = mibitiff.SeverityWarning
	failure = mibitiff.SeverityError
	whole   = mibitiff.WholeFile
)

func TestCheckFindsEachDeparture(t *testing.T) {
	t.Parallel()
	clean := newDraft(t).bytes()
	if report := checked(t, clean); len(report.Findings) > 0 {
		t.Fatalf("the file that is changed is not clean: %v", report.Findings)
	}
	all := slices.Concat(fileDepartures(), tagDepartures(t), sampleDepartures(t), textDepartures(), pageDepartures())
	reached := map[string]bool{}
	for _, c := range all {
		reached[c.code] = true
		t.Run(c.code+" "+c.found, func(t *testing.T) {
			t.Parallel()
			d := newDraft(t)
			if c.change != nil {
				c.change(d)
			}
			data := d.bytes()
			if c.data != nil {
				data = c.data(data)
			}
			report := checked(t, data, c.opts...)
			for _, f := range report.Findings {
				if f.Message == "" || f.Effect == "" || f.Message == "unknown" {
					t.Errorf("%+v says nothing", f)
				}
				if f.Code == c.code && f.Page == c.page && f.Tag == c.tag && strings.Contains(f.Found, c.found) {
					if f.Severity != c.severity {
						t.Errorf("%s: not %s", f, c.severity)
					}
					return
				}
			}
			t.Errorf("not found on page %d, tag %d; but %v", c.page, c.tag, report.Findings)
		})
	}
	for _, code := range mibitiff.CheckCodes() {
		if !reached[code] {
			t.Errorf("no departure leads to %s", code)
		}
	}
}

func fileDepartures() []departure {
	return []departure{
		{code: "not-tiff", severity: failure, page: whole, data: func([]byte) []byte { return []byte("II, says the text") }},
		{code: "not-tiff", severity: failure, page: whole, data: func([]byte) []byte { return nil }},
		{code: "truncated", severity: failure, page: 4, tag: tiff.StripOffsets, data: func(b []byte) []byte { return b[:len(b)-1] }},
		{code: "truncated", severity: failure, page: 0, data: func(b []byte) []byte { return b[:60] }},
		{code: "broken-structure", severity: failure, page: 1, found: "loop", data: func(b []byte) []byte {
			link := 8 + 2 + 12*int(binary.LittleEndian.Uint16(b[8:]))
			binary.LittleEndian.PutUint32(b[link:], 8)
			return b
		}},
		{code: "over-limits", severity: failure, page: 2, found: "more than 2 pages",
			opts: []mibitiff.CheckOption{mibitiff.CheckOpening(mibitiff.WithMaxPages(2))}},
		{code: "big-endian", severity: note, page: whole, change: func(d *draft) { d.bigEndian = true }},
		{code: "bigtiff", severity: warning, page: whole, change: func(d *draft) { d.big = true }},
		{code: "first-directory", severity: note, page: 0, found: "at byte 40", change: func(d *draft) { d.lead = 32 }},
		{code: "directory-order", severity: note, page: 1, change: func(d *draft) { d.reversed = true }},
		{code: "odd-offset", severity: note, page: 1, found: "the directory, tag 270", change: func(d *draft) { d.lead = 1 }},
		{code: "strip-order", severity: note, page: 2, tag: tiff.StripOffsets, change: func(d *draft) { d.early = true }},
		{code: "strip-alignment", severity: note, page: 0, tag: tiff.StripOffsets, change: func(d *draft) {
			d.align = 1
			d.pages[0].describe(`"mibi.slide": "5"`, `"mibi.slide": "555"`)
		}},
		{code: "strip-overlap", severity: warning, page: 1, tag: tiff.StripOffsets, found: "with page 0",
			change: func(d *draft) { d.pages[1].share = 1 }},
		{code: "unused-bytes", severity: note, page: whole, found: "bytes", change: func(d *draft) { d.gap = 100 }},
		{code: "trailing-data", severity: note, page: whole, found: "3 bytes", change: func(d *draft) { d.tail = []byte("end") }},
		{code: "too-many-parts", severity: note, page: whole, opts: []mibitiff.CheckOption{mibitiff.CheckStructureOnly()}, change: manyStrips},
		{code: "more-findings", severity: note, page: whole, found: " more", change: func(d *draft) {
			for i := range d.pages {
				for id := range 4000 {
					d.pages[i].fields = append(d.pages[i].fields, tiff.ShortField(uint16(50000+id), 0))
				}
			}
		}},
	}
}

// manyStrips makes a page of more strips than are compared, none of which
// follows the one before.
func manyStrips(d *draft) {
	const strips = 1<<20 + 10
	offsets, counts := make([]uint32, strips), make([]uint32, strips)
	for i := range offsets {
		offsets[i], counts[i] = 8+uint32(i%2)*8, 2
	}
	d.pages[0].set(tiff.LongField(tiff.ImageWidth, 1), tiff.LongField(tiff.ImageLength, strips), tiff.LongField(tiff.RowsPerStrip, 1),
		tiff.ShortField(tiff.Compression, 1), tiff.LongField(tiff.StripOffsets, offsets...), tiff.LongField(tiff.StripByteCounts, counts...))
}

func tagDepartures(t *testing.T) []departure {
	set := func(page int, fields ...tiff.Field) func(*draft) {
		return func(d *draft) { d.pages[page].set(fields...) }
	}
	drop := func(page int, id uint16) func(*draft) { return func(d *draft) { d.pages[page].drop(id) } }
	typed := func(f tiff.Field, typ tiff.Type) tiff.Field {
		f.Type = typ
		return f
	}
	text := func(id uint16, data string) tiff.Field {
		return tiff.Field{ID: id, Type: tiff.ASCII, Count: uint32(len(data)), Data: []byte(data)}
	}
	const date = "2019:10:16 14:48:12\x00"
	list := []departure{
		{code: "tags-unsorted", severity: warning, page: 1, change: func(d *draft) {
			p := &d.pages[1]
			p.fields = append(slices.Clone(p.fields[1:]), p.fields[0])
			p.fields[0].Room = -1
		}},
		{code: "duplicate-tag", severity: warning, page: 0, tag: tiff.DateTime, change: func(d *draft) {
			d.pages[0].fields = append(d.pages[0].fields, tiff.TextField(tiff.DateTime, "2020:10:16 14:48:12"))
		}},
		{code: "extra-tag", severity: note, page: 0, tag: tiff.NewSubfileType, found: "0", change: set(0, tiff.LongField(tiff.NewSubfileType, 0))},
		{code: "extra-tag", severity: note, page: 1, tag: tiff.SampleFormat, found: "1", change: set(1, tiff.ShortField(tiff.SampleFormat, 1))},
		{code: "extra-tag", severity: note, page: 0, tag: 65000, change: set(0, tiff.TextField(65000, "private"))},
		{code: "extra-tag", severity: note, page: 2, tag: tiff.DateTime, change: set(2, text(tiff.DateTime, date))},
		{code: "extra-tag", severity: note, page: 3, tag: tiff.PageName, change: set(3, tiff.TextField(tiff.PageName, "Optical"))},
		{code: "extra-tag", severity: note, page: 0, tag: tiff.Predictor, found: "1", change: set(0, tiff.ShortField(tiff.Predictor, 1))},
		{code: "tag-type", severity: note, page: 0, tag: tiff.ImageWidth, found: "SHORT, not LONG", change: set(0, tiff.ShortField(tiff.ImageWidth, 8))},
		{code: "tag-type", severity: note, page: 0, tag: tiff.SMaxSampleValue, found: "DOUBLE, not LONG", change: set(0, tiff.DoubleField(tiff.SMaxSampleValue, 6))},
		{code: "tag-type", severity: failure, page: 0, tag: tiff.XResolution, found: "DOUBLE", change: set(0, tiff.DoubleField(tiff.XResolution, 200))},
		{code: "tag-type", severity: warning, page: 1, tag: tiff.YPosition, found: "DOUBLE", change: set(1, tiff.DoubleField(tiff.YPosition, -1.4968))},
		{code: "tag-type", severity: note, page: 0, tag: tiff.XResolution, found: "SRATIONAL", change: set(0, typed(tiff.RationalField(tiff.XResolution, 200, 1), tiff.SRational))},
		{code: "tag-type", severity: failure, page: 0, tag: tiff.DateTime, found: "BYTE, not ASCII", change: set(0, typed(text(tiff.DateTime, date), tiff.Byte))},
		{code: "tag-type", severity: failure, page: 0, tag: tiff.Software, found: "BYTE", change: set(0, typed(text(tiff.Software, "IonpathMIBIv1.0\x00"), tiff.Byte))},
		{code: "tag-type", severity: note, page: 1, tag: tiff.Software, found: "BYTE", change: set(1, typed(text(tiff.Software, "IonpathMIBIv1.0\x00"), tiff.Byte))},
		{code: "tag-count", severity: failure, page: 0, tag: tiff.Compression, found: "2 values, not 1", change: set(0, tiff.ShortField(tiff.Compression, 8, 8))},
		{code: "tag-count", severity: warning, page: 1, tag: tiff.ResolutionUnit, found: "2 values, not 1", change: set(1, tiff.ShortField(tiff.ResolutionUnit, 3, 3))},
		{code: "tag-count", severity: note, page: 0, tag: tiff.BitsPerSample, found: "2 values, not 1", change: set(0, tiff.ShortField(tiff.BitsPerSample, 16, 16))},
		{code: "text-end", severity: note, page: 0, tag: tiff.DateTime, change: set(0, text(tiff.DateTime, strings.TrimSuffix(date, "\x00")))},
		{code: "text-after-nul", severity: warning, page: 0, tag: tiff.Software, found: `"more"`, change: set(0, text(tiff.Software, "IonpathMIBIv1.0\x00more\x00"))},
		{code: "text-after-nul", severity: failure, page: 0, tag: tiff.DateTime, found: `"more"`, change: set(0, text(tiff.DateTime, date+"more\x00"))},
		{code: "text-after-nul", severity: failure, page: 2, tag: tiff.ImageDescription, change: func(d *draft) {
			d.pages[2].set(text(tiff.ImageDescription, d.pages[2].text(tiff.ImageDescription)+"\x00{}\x00"))
		}},
		{code: "text-encoding", severity: warning, page: 0, tag: tiff.PageName, found: `\xb5`, change: set(0, tiff.TextField(tiff.PageName, "A\xb5 (100)"))},
		{code: "software", severity: failure, page: 0, tag: tiff.Software, found: "missing", change: drop(0, tiff.Software)},
		{code: "software", severity: failure, page: 0, tag: tiff.Software, found: "ImageJ", change: set(0, tiff.TextField(tiff.Software, "ImageJ"))},
		{code: "software-version", severity: note, page: 0, tag: tiff.Software, found: "v0.2", change: func(d *draft) {
			for i := range d.pages {
				d.pages[i].set(tiff.TextField(tiff.Software, "IonpathMIBIv0.2"))
			}
		}},
		{code: "software-differs", severity: note, page: 1, tag: tiff.Software, change: set(1, tiff.TextField(tiff.Software, "ImageJ"))},
		{code: "date", severity: failure, page: 0, tag: tiff.DateTime, found: "yesterday", change: set(0, tiff.TextField(tiff.DateTime, "yesterday"))},
		{code: "date", severity: warning, page: 1, tag: tiff.DateTime, found: "2019-10", change: set(1, tiff.TextField(tiff.DateTime, "2019-10-16T14:48:12"))},
		{code: "date-differs", severity: note, page: 1, tag: tiff.DateTime, change: set(1, tiff.TextField(tiff.DateTime, "2019:10:16 14:48:13"))},
		{code: "resolution-unit", severity: failure, page: 0, tag: tiff.ResolutionUnit, found: "2", change: set(0, tiff.ShortField(tiff.ResolutionUnit, 2))},
		{code: "resolution-unit", severity: warning, page: 1, tag: tiff.ResolutionUnit, found: "1", change: set(1, tiff.ShortField(tiff.ResolutionUnit, 1))},
		{code: "resolution-zero", severity: failure, page: 0, tag: tiff.XResolution, found: "0/1", change: set(0, tiff.RationalField(tiff.XResolution, 0, 1))},
		{code: "resolution-zero", severity: warning, page: 1, tag: tiff.YResolution, found: "7/0", change: set(1, tiff.RationalField(tiff.YResolution, 7, 0))},
		{code: "resolution-unequal", severity: failure, page: 0, tag: tiff.YResolution, found: "200 and 201", change: set(0, tiff.RationalField(tiff.YResolution, 201, 1))},
		{code: "resolution-unequal", severity: note, page: 2, tag: tiff.YResolution, found: "100 and 99", change: set(2, tiff.RationalField(tiff.YResolution, 99, 1))},
		{code: "resolution-plain", severity: note, page: 3, tag: tiff.XResolution, found: "72 and 1, unit 1", change: set(3, tiff.RationalField(tiff.XResolution, 72, 1))},
		{code: "position-unsigned", severity: note, page: 0, tag: tiff.YPosition, change: set(0, tiff.RationalField(tiff.YPosition, 0, 1))},
		{code: "position-invalid", severity: failure, page: 0, tag: tiff.XPosition, change: set(0, tiff.SRationalField(tiff.XPosition, 1, 0))},
		{code: "range-minimum", severity: note, page: 0, tag: tiff.SMinSampleValue, found: "1", change: set(0, tiff.LongField(tiff.SMinSampleValue, 1))},
		{code: "range-maximum", severity: warning, page: 1, tag: tiff.SMaxSampleValue, found: "1, the largest value is ", change: set(1, tiff.LongField(tiff.SMaxSampleValue, 1))},
		{code: "range-maximum", severity: note, page: 1, tag: tiff.SMaxSampleValue, found: "40000, the", change: set(1, tiff.LongField(tiff.SMaxSampleValue, 40000))},
		{code: "range-maximum", severity: note, page: 1, tag: tiff.SMaxSampleValue, found: "100, the", change: set(1, tiff.LongField(tiff.SMaxSampleValue, 100))},
		{code: "page-name", severity: warning, page: 0, tag: tiff.PageName, found: `"x", not "TargetAa (100)"`, change: set(0, tiff.TextField(tiff.PageName, "x"))},
		{code: "page-name", severity: note, page: 2, tag: tiff.PageName, found: `"x", not "SED"`, change: set(2, tiff.TextField(tiff.PageName, "x"))},
		{code: "size", severity: note, page: 2, tag: tiff.XResolution, found: "400 µm in the description, 800 µm by the tag",
			change: set(2, tiff.RationalField(tiff.XResolution, 50, 1), tiff.RationalField(tiff.YResolution, 50, 1))},
		{code: "subfile-type", severity: warning, page: 0, tag: tiff.NewSubfileType, found: "1", change: set(0, tiff.LongField(tiff.NewSubfileType, 1))},
		{code: "orientation", severity: warning, page: 0, tag: 274, found: "6", change: set(0, tiff.ShortField(274, 6))},
	}
	for _, m := range []struct {
		page     int
		tag      uint16
		severity mibitiff.Severity
	}{
		{0, tiff.DateTime, failure}, {1, tiff.DateTime, warning}, {0, tiff.XResolution, failure}, {1, tiff.YResolution, warning},
		{0, tiff.XPosition, failure}, {2, tiff.YPosition, note}, {0, tiff.ResolutionUnit, failure}, {0, tiff.PageName, warning},
		{0, tiff.PhotometricInterpretation, warning}, {1, tiff.Software, note}, {0, tiff.SMinSampleValue, note}, {1, tiff.SMaxSampleValue, note},
		{0, tiff.RowsPerStrip, note}, {0, tiff.SamplesPerPixel, note}, {3, tiff.PlanarConfiguration, note},
	} {
		list = append(list, departure{code: "missing-tag", severity: m.severity, page: m.page, tag: m.tag, change: drop(m.page, m.tag)})
	}
	return list
}

func sampleDepartures(t *testing.T) []departure {
	set := func(page int, fields ...tiff.Field) func(*draft) {
		return func(d *draft) { d.pages[page].set(fields...) }
	}
	// samples gives a page other samples, of a type and size.
	samples := func(page int, format, bits uint16, width, height int, data []byte) func(*draft) {
		return func(d *draft) {
			p := &d.pages[page]
			p.set(tiff.LongField(tiff.ImageWidth, uint32(width)), tiff.LongField(tiff.ImageLength, uint32(height)),
				tiff.LongField(tiff.RowsPerStrip, uint32(height)), tiff.ShortField(tiff.BitsPerSample, bits))
			if p.drop(tiff.SampleFormat); format != tiff.FormatUint {
				p.set(tiff.ShortField(tiff.SampleFormat, format))
			}
			p.strip = zlibbed(t, data)
		}
	}
	floats := func(values ...float32) []byte {
		var data []byte
		for i := range 64 {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(values[i%len(values)]))
		}
		return data
	}
	strip := func(page int, change func([]byte) []byte) func(*draft) {
		return func(d *draft) { d.pages[page].strip = change(bytes.Clone(d.pages[page].strip)) }
	}
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	zeros := zlibbed(t, make([]byte, 40<<20)) // two such pages may be decoded, a third may not
	return []departure{
		{code: "samples-unsupported", severity: failure, page: 0, tag: tiff.Compression, found: "compression 7", change: set(0, tiff.ShortField(tiff.Compression, 7))},
		{code: "samples-unsupported", severity: warning, page: 2, tag: tiff.Compression, change: set(2, tiff.ShortField(tiff.Compression, 7))},
		{code: "compression-older", severity: note, page: 1, tag: tiff.Compression, found: "32946", change: set(1, tiff.ShortField(tiff.Compression, 32946))},
		{code: "compression", severity: warning, page: 1, tag: tiff.Compression, found: "LZW", change: set(1, tiff.ShortField(tiff.Compression, 5))},
		{code: "compression", severity: note, page: 1, tag: tiff.Compression, found: "none", change: func(d *draft) {
			d.pages[1].set(tiff.ShortField(tiff.Compression, 1))
			d.pages[1].strip = make([]byte, 128)
		}},
		{code: "compression", severity: note, page: 1, tag: tiff.Compression, found: "PackBits", change: func(d *draft) {
			d.pages[1].set(tiff.ShortField(tiff.Compression, 32773))
			d.pages[1].strip = []byte{0x81, 0}
		}},
		{code: "predictor", severity: note, page: 0, tag: tiff.Predictor, found: "2", change: set(0, tiff.ShortField(tiff.Predictor, 2))},
		{code: "predictor", severity: warning, page: 2, tag: tiff.Predictor, found: "3", change: set(2, tiff.ShortField(tiff.Predictor, 3))},
		{code: "strips", severity: note, page: 1, tag: tiff.StripOffsets, found: "2 strips", change: func(d *draft) {
			d.pages[1].set(tiff.LongField(tiff.RowsPerStrip, 4), tiff.LongField(tiff.StripOffsets, 8, 8), tiff.LongField(tiff.StripByteCounts, 64, 64),
				tiff.ShortField(tiff.Compression, 1))
		}},
		{code: "tiles", severity: warning, page: 1, tag: tiff.TileWidth, change: func(d *draft) {
			p := &d.pages[1]
			p.drop(tiff.RowsPerStrip)
			p.strip = zlibbed(t, make([]byte, 512))
			p.set(tiff.LongField(tiff.TileWidth, 16), tiff.LongField(tiff.TileLength, 16), tiff.LongField(tiff.TileOffsets, 0),
				tiff.LongField(tiff.TileByteCounts, uint32(len(p.strip))))
		}},
		{code: "rows-per-strip", severity: note, page: 0, tag: tiff.RowsPerStrip, found: "4294967295 for 8 rows", change: set(0, tiff.LongField(tiff.RowsPerStrip, math.MaxUint32))},
		{code: "photometric", severity: warning, page: 0, tag: tiff.PhotometricInterpretation, found: "0, not 1", change: set(0, tiff.ShortField(tiff.PhotometricInterpretation, 0))},
		{code: "photometric", severity: warning, page: 3, tag: tiff.PhotometricInterpretation, found: "1, not 2", change: set(3, tiff.ShortField(tiff.PhotometricInterpretation, 1))},
		{code: "samples-per-pixel", severity: failure, page: 0, tag: tiff.SamplesPerPixel, found: "2, not 1", change: set(0, tiff.ShortField(tiff.SamplesPerPixel, 2))},
		{code: "samples-per-pixel", severity: warning, page: 3, tag: tiff.SamplesPerPixel, found: "1, not 3", change: set(3, tiff.ShortField(tiff.SamplesPerPixel, 1))},
		{code: "sample-type", severity: warning, page: 0, tag: tiff.BitsPerSample, found: "uint8", change: samples(0, tiff.FormatUint, 8, 8, 8, make([]byte, 64))},
		{code: "sample-type", severity: warning, page: 0, tag: tiff.BitsPerSample, found: "float64", change: samples(0, tiff.FormatFloat, 64, 8, 8, make([]byte, 512))},
		{code: "colour-type", severity: warning, page: 4, tag: tiff.BitsPerSample, found: "uint16", change: set(4, tiff.ShortField(tiff.BitsPerSample, 16, 16, 16))},
		{code: "page-size", severity: failure, page: 1, tag: tiff.ImageWidth, found: "8×4 among 8×8", change: samples(1, tiff.FormatUint, 16, 8, 4, make([]byte, 64))},
		{code: "page-type", severity: warning, page: 1, tag: tiff.BitsPerSample, found: "float32 among uint16", change: samples(1, tiff.FormatFloat, 32, 8, 8, floats(0, 1))},
		{code: "strip-corrupt", severity: failure, page: 1, tag: tiff.StripOffsets, found: "head", change: strip(1, func(b []byte) []byte {
			b[0] = 'x' ^ 0xff
			return b
		})},
		{code: "strip-corrupt", severity: failure, page: 1, tag: tiff.StripOffsets, found: "Adler-32", change: strip(1, func(b []byte) []byte {
			b[len(b)-1]++
			return b
		})},
		{code: "strip-corrupt", severity: failure, page: 1, tag: tiff.StripOffsets, found: "ends before", change: strip(1, func(b []byte) []byte { return b[:len(b)-4] })},
		{code: "strip-long", severity: failure, page: 4, tag: tiff.StripOffsets, found: "strip or tile 0", change: strip(4, func([]byte) []byte { return zlibbed(t, make([]byte, 3*5*6+1)) })},
		{code: "strip-padding", severity: note, page: 1, tag: tiff.StripByteCounts, found: "5 bytes", change: strip(1, func(b []byte) []byte { return append(b, "extra"...) })},
		{code: "nan-values", severity: warning, page: 0, found: "32 of them", change: samples(0, tiff.FormatFloat, 32, 8, 8, floats(1, nan))},
		{code: "nan-values", severity: warning, page: 2, found: "64 of them", change: samples(2, tiff.FormatFloat, 32, 8, 8, floats(nan))},
		{code: "infinite-values", severity: warning, page: 0, found: "32 of them", change: samples(0, tiff.FormatFloat, 32, 8, 8, floats(1, inf))},
		{code: "not-decoded", severity: warning, page: 2, found: "41943040 bytes", change: func(d *draft) {
			for i := range 3 {
				samples(i, tiff.FormatUint, 16, 1<<10, 20<<10, nil)(d)
				d.pages[i].strip = zeros
				if i > 0 {
					d.pages[i].strip, d.pages[i].share = nil, 1
				}
			}
		}},
	}
}
