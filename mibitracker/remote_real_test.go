package mibitracker_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/openmibi/openmibi/mibitiff"
)

// A channel of a real MIBItiff by ranges, with its index and without.
func TestOneChannelOfARealFile(t *testing.T) {
	t.Parallel()
	root := os.Getenv("MIBI_TESTDATA")
	if root == "" {
		t.Skip("MIBI_TESTDATA is not set: no real files to read")
	}
	content, err := os.ReadFile(filepath.Join(root, "mibitiff", "cohort-point1-raw.tiff"))
	if err != nil {
		t.Skipf("no real file to read: %v", err)
	}
	local, err := mibitiff.Open(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	hint, index := indexOf(t, content)
	pages := local.Pages()
	for name, c := range map[string]struct {
		hint   map[string]any
		ranges int
	}{"with its index": {hint, 1}, "without": {nil, len(pages) + 3}} {
		for _, page := range pages {
			b := &far{content: content, hint: c.hint}
			image, err := b.client(t).Images.Open(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			got, err := image.ReadPlane(t.Context(), page.Index)
			want, err2 := local.ReadPlane(t.Context(), page.Index)
			if err != nil || err2 != nil || !got.Equal(want) {
				t.Errorf("%s, %s: %v, %v", name, page.Channel, err, err2)
			}
			least := index + stripOf(t, content, page.Channel.Label())
			if ranges, moved := b.moved(); ranges > c.ranges || 10*moved >= 11*least {
				t.Errorf("%s, %s: %d ranges, %d bytes where index and strip are %d", name, page.Channel, ranges, moved, least)
			} else {
				t.Logf("%s, %s: %d ranges, %.3f of index and strip", name, page.Channel, ranges, float64(moved)/float64(least))
			}
			_ = image.Close()
		}
	}
}
