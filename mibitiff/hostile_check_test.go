package mibitiff_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibitiff"
)

// manyPages is a file whose pages have the descriptions that describe gives.
func manyPages(t testing.TB, pages int, describe func(i int) string) []byte {
	t.Helper()
	var file bytes.Buffer
	w := tiff.NewWriter(&file)
	strip := zlibbed(t, []byte{1, 0})
	for i := range pages {
		err := w.WritePage([]tiff.Field{
			tiff.LongField(tiff.ImageWidth, 1), tiff.LongField(tiff.ImageLength, 1), tiff.ShortField(tiff.BitsPerSample, 16),
			tiff.ShortField(tiff.Compression, tiff.CompressionDeflate), tiff.ShortField(tiff.PhotometricInterpretation, 1),
			tiff.TextField(tiff.ImageDescription, describe(i)), tiff.TextField(tiff.Software, "IonpathMIBIv1.0"),
		}, strip)
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// A first page that says much of the image must not be gone through once more
// for each of the others: then this goes on until the tests are out of time.
func TestCheckManyPagesAfterMuchMetadata(t *testing.T) {
	t.Parallel()
	const pages = 20_000
	file := manyPages(t, pages, func(i int) string {
		if i > 0 {
			return fmt.Sprintf(`{"image.type": "SIMS", "channel.mass": %d}`, i)
		}
		var b strings.Builder
		b.WriteString(`{"image.type": "SIMS", "channel.mass": 0`)
		for k := range 300_000 { // of 60,000 names: no more are read
			fmt.Fprintf(&b, `,"%x":1`, k%60_000)
		}
		return b.String() + "}"
	})
	report, err := mibitiff.Check(t.Context(), bytes.NewReader(file), int64(len(file)), mibitiff.CheckStructureOnly())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Findings {
		if f.Code == "metadata-differs" {
			if !strings.HasSuffix(f.Found, "and 299995 more") {
				t.Errorf("%q", f.Found)
			}
			return
		}
	}
	t.Error("nothing is said of the metadata that differs")
}
