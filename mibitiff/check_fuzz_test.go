package mibitiff_test

import (
	"bytes"
	"testing"

	"github.com/openmibi/openmibi/mibitiff"
)

// FuzzCheck checks any bytes. Whatever they are, a check ends with findings that
// say something, and agrees with reading: it finds an error where the file
// cannot be opened or a page does not decode.
func FuzzCheck(f *testing.F) {
	f.Add(newDraft(f).bytes())
	for _, change := range []func(*draft){
		func(d *draft) { d.bigEndian = true },
		func(d *draft) { d.big = true },
		func(d *draft) { d.reversed, d.align = true, 2 },
		func(d *draft) { d.early, d.lead, d.tail = true, 3, []byte("tail") },
		func(d *draft) { d.pages[1].share = 1 },
		func(d *draft) {
			d.pages[0].describe(`"image.type"`, `"mibi.x": NaN, "\u0000": ["300 ?m"], "image.type"`)
		},
	} {
		d := newDraft(f)
		d.pages = d.pages[:2]
		change(d)
		f.Add(d.bytes())
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		limits := []mibitiff.Option{mibitiff.WithMaxPageBytes(1 << 20), mibitiff.WithMaxPages(50)}
		report, err := mibitiff.Check(t.Context(), bytes.NewReader(data), int64(len(data)), mibitiff.CheckOpening(limits...))
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range report.Findings {
			if found.Message == "" || found.Effect == "" || found.Message == "unknown" || found.Page < mibitiff.WholeFile || found.Page >= 50 && found.Code != "over-limits" {
				t.Fatalf("%+v", found)
			}
		}
		if len(report.Groups()) > len(report.Findings) {
			t.Fatal("more groups than findings")
		}
		broken := report.Count(mibitiff.SeverityError) > 0
		file, err := mibitiff.Open(bytes.NewReader(data), int64(len(data)), limits...)
		if err != nil {
			if !broken {
				t.Fatalf("it does not open: %v, but no error is found: %v", err, report.Findings)
			}
			return
		}
		for _, page := range file.Pages() {
			if page.Type != mibitiff.SIMS || broken || report.Decoded < len(report.Pages) {
				continue
			}
			if page.SamplesPerPixel != 1 {
				t.Fatalf("page %d has %d samples a pixel, but no error is found", page.Index, page.SamplesPerPixel)
			}
			if _, err := file.ReadPlane(t.Context(), page.Index); err != nil {
				t.Fatalf("page %d is not read: %v, but no error is found: %v", page.Index, err, report.Findings)
			}
		}
	})
}
