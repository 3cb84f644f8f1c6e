package mibitracker_test

import (
	"bytes"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/openmibi/openmibi/mibitiff"
)

// Channels of a remote file, as files of their own: their bytes once, and few
// answers waited for one after the other.
func TestCopyPagesOfARemoteFile(t *testing.T) {
	t.Parallel()
	content := sparseTIFF(t, 512)
	hint, _ := indexOf(t, content)
	local, err := mibitiff.Open(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	every := func(step int) (pages []int) {
		for i := 0; i < len(local.Pages()); i += step {
			pages = append(pages, i)
		}
		return pages
	}
	for name, c := range map[string]struct {
		pages  []int
		ranges int
		waits  int // one after the other, besides those for the signed URL
	}{
		"one channel":  {[]int{7}, 1, 1},
		"10 of 40":     {every(4), 10, 2},
		"all channels": {every(1), len(content)/(512<<10) + 2, 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := &far{content: content, hint: hint, delay: 100 * time.Millisecond}
			client := b.client(t)
			remote, err := client.Images.Open(t.Context(), 1)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = remote.Close() }()
			begin, strips := time.Now(), int64(0)
			err = remote.CopyPages(t.Context(), c.pages, func(i int, page io.WriterTo) error {
				var got, want bytes.Buffer
				n, err := page.WriteTo(&got)
				if err != nil {
					return err
				}
				strips += n
				if _, err := local.CopyPage(t.Context(), &want, i); err != nil || !bytes.Equal(got.Bytes(), want.Bytes()) {
					t.Errorf("%s: page %d differs; %v", name, i, err)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			ranges, moved := b.moved()
			waits := int(time.Since(begin) / b.delay)
			if ranges > c.ranges || waits > c.waits || 20*moved > 21*strips {
				t.Errorf("%s: %d ranges of %d bytes to copy %d, in %d delays; at most %d ranges in %d", name, ranges, moved, strips, waits, c.ranges, c.waits)
			}
		})
	}
}
