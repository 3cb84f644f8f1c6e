package tiff

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
)

// CopyPages hands pages to do, one after the other in the given order, each as
// what writes a TIFF of that one page: see [PageCopy]. What do returns ends it.
//
// Reads are few and large, for the file may be remote: of the pages to come, too,
// pieces that lie together are read at once, and some such reads run at the same
// time. It holds a few MiB of them. A page that do does not write is passed over.
func (f *File) CopyPages(ctx context.Context, pages []int, set func(page int) []Tag, do func(*PageCopy) error) error {
	ahead := newReadAhead(f.r, func(yield func(span) bool) {
		for _, page := range pages {
			for s := range f.planCopy(page, set).wanted() {
				if !yield(s) {
					return
				}
			}
		}
	})
	defer ahead.close()
	d, _ := f.decoders.Get().(*decoder)
	if d == nil {
		d = &decoder{}
	}
	defer f.release(d)
	first := 0
	for _, page := range pages {
		if err := ctx.Err(); err != nil {
			return err
		}
		c := f.planCopy(page, set)
		c.ctx, c.ahead, c.decoder, c.first = ctx, ahead, d, first
		first += c.pieces()
		err := do(c)
		c.ahead, c.decoder = nil, nil
		if err != nil {
			return err
		}
	}
	return nil
}

// PageCopy writes a page of a file as a TIFF of its own: the same byte order, the
// same tags in the same order, and the strips or tiles as they are, not encoded
// again, one after the other and the first aligned to 16 bytes. It is a BigTIFF
// where the file is one, or where a classic one would pass 4 GiB.
//
// Left out are tags that hold places in the file (such as SubIFDs), those of a
// type that is not known, those whose values do not lie in the file, and the
// second of two with one ID.
type PageCopy struct {
	// Page is the page's index.
	Page int

	file *File
	tags []copiedTag
	err  error // why the page cannot be copied

	// While it is a page's turn: a WriterTo has no context of its own.
	ctx     context.Context //nolint:containedctx // see above
	ahead   *readAhead
	decoder *decoder
	first   int // of the page's pieces, among those of all pages
}

// copiedTag is a tag of a copy. Its values are at hand, or have to be read.
type copiedTag struct {
	Tag
	read bool
}

// WriteTo writes the page, once, and says how many bytes there were. What it
// writes is decoded on the way, so that damage is found: after an error what was
// written is of no use. The errors are those of [File.ReadPage], and w's.
func (c *PageCopy) WriteTo(w io.Writer) (int64, error) {
	switch {
	case c.err != nil:
		return 0, c.err
	case c.ahead == nil:
		return 0, fmt.Errorf("TIFF page %d: it is no longer its turn to be copied", c.Page)
	}
	out := &countedWriter{w: w}
	next := c.first
	for i := range c.tags {
		if t := &c.tags[i]; t.read {
			b, err := c.ahead.take(next)
			if err != nil {
				return 0, c.file.readError(c.Page, t.ID, "its values", err)
			}
			t.data = slices.Clone(b)
			next++
		}
	}
	if err := out.write(c.head()); err != nil {
		return out.n, err
	}
	err := c.writeChunks(out, next)
	return out.n, err
}

// countedWriter counts what was written.
type countedWriter struct {
	w io.Writer
	n int64
}

func (c *countedWriter) write(b []byte) error {
	n, err := c.w.Write(b)
	c.n += int64(n)
	if err == nil && n < len(b) {
		err = io.ErrShortWrite
	}
	return err
}

// head is all that comes before the first strip or tile: the header, the
// directory, and the values that do not fit into it.
func (c *PageCopy) head() []byte {
	// With the places of a classic TIFF first: a BigTIFF's head is longer.
	big := c.file.Big
	head, end := c.layOut(big)
	if !big && end > c.limit() {
		head, _ = c.layOut(true)
	}
	return head
}

// limit is where a classic TIFF ends at the latest.
func (c *PageCopy) limit() uint64 {
	if c.file.opts.classicLimit > 0 {
		return c.file.opts.classicLimit
	}
	return classic.limit()
}

// layOut makes the head in a form, and says where the last strip or tile ends.
func (c *PageCopy) layOut(big bool) (head []byte, end uint64) {
	order := c.file.Order.(binary.AppendByteOrder) //nolint:forcetypeassert // both orders are
	b := placer{order: order, form: form(big)}
	b.header(c.file.Order == binary.BigEndian)
	l := &c.file.Pages[c.Page].layout
	counts := make([]uint64, l.chunks)
	for i := range counts {
		counts[i] = l.need(uint64(i))
	}
	b.directory(len(c.tags))
	slot := 0 // of the offsets, in the directory or behind it
	var offsetType Type
	for _, t := range c.tags {
		switch t.ID {
		case l.offsets.ID:
			offsetType = b.placeType(t.Type)
			slot = b.entry(t.ID, offsetType, l.chunks, make([]byte, l.chunks*offsetType.Size()))
		case l.byteCountsTag():
			typ := t.Type
			if l.counts.ID == 0 {
				typ = b.placeType(0)
			}
			b.entry(t.ID, typ, l.chunks, b.numbers(typ, counts))
		default:
			b.entry(t.ID, t.Type, t.Count, t.data)
		}
	}
	head = pad(b.bytes, 0, stripAlignment)
	end = uint64(len(head))
	offsets := make([]uint64, l.chunks)
	for i, count := range counts {
		offsets[i] = end
		end += count
	}
	copy(head[slot:], b.numbers(offsetType, offsets))
	return head, end
}
