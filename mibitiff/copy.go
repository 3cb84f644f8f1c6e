package mibitiff

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/openmibi/openmibi/internal/tiff"
)

// CopyPage writes page i as a MIBItiff of that page alone, and says of how many
// bytes. Nothing is encoded again: the page's tags stay as they are, values,
// types and order, and its strips' or tiles' bytes are the same, one after the
// other; so is the byte order. Tag 305, Software, is taken from the first page
// where the page's own does not make it a MIBItiff. Tags that lead to other
// places in the file, such as SubIFDs, are left out.
//
// What is copied is decoded on the way: a strip that is damaged, or has not the
// bytes of its pixels, is an error, and what was written is of no use then. It
// reads each strip once, and takes a few MiB of memory however large the page is,
// but for strips under LZW or PackBits, which are held as a whole.
//
// Errors are those of [File.ReadBytes], and w's. A page whose samples cannot be
// read is not copied, for it cannot be verified.
func (f *File) CopyPage(ctx context.Context, w io.Writer, i int) (int64, error) {
	var n int64
	err := f.CopyPages(ctx, []int{i}, func(_ int, page io.WriterTo) (err error) {
		n, err = page.WriteTo(w)
		return err
	})
	return n, err
}

// CopyPages is [File.CopyPage] for several pages, with few round trips where the
// file is remote: the strips of pages that follow one another in the file are
// read together, up to 512 KiB at once, and up to 1.5 MiB of the pages to come are
// on their way while one is written.
//
// It calls do for each of pages in the order given. The page is a MIBItiff that
// do writes by page.WriteTo, once and before it returns; the error of that is
// about this page, and the next may well be sound. A page that do does not write
// is passed over. An error of do ends it, and is returned as it is; it is also
// ended by the context.
func (f *File) CopyPages(ctx context.Context, pages []int, do func(i int, page io.WriterTo) error) error {
	for _, i := range pages {
		if err := f.check(i); err != nil {
			return err
		}
	}
	software, _ := f.tiff.Pages[0].Tag(tiff.Software)
	set := func(i int) []tiff.Tag {
		if text, _ := f.tiff.Pages[i].Text(tiff.Software); strings.HasPrefix(text, softwarePrefix) {
			return nil
		}
		return []tiff.Tag{software}
	}
	return f.tiff.CopyPages(ctx, pages, set, func(c *tiff.PageCopy) error {
		return do(c.Page, &copiedPage{f, c})
	})
}

// copiedPage says of a page's errors which page they are of.
type copiedPage struct {
	file *File
	copy *tiff.PageCopy
}

func (p *copiedPage) WriteTo(w io.Writer) (int64, error) {
	n, err := p.copy.WriteTo(w)
	if err != nil {
		return n, fmt.Errorf("copying page %d (%s): %w", p.copy.Page, shown(p.file.pages[p.copy.Page].Name), err)
	}
	return n, nil
}
