package tiff

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
)

var (
	// ErrClosed is returned for a page that is written after Close.
	ErrClosed = errors.New("the TIFF writer is closed")
	// ErrNeedsBigTIFF is wrapped by the error for a page with which a classic
	// TIFF would pass 4 GiB.
	ErrNeedsBigTIFF = errors.New("only a BigTIFF can hold it")
)

// Writer writes a little-endian TIFF of one strip a page to a stream, without
// seeking. Per page it writes the directory, its values aligned to words, and
// the strip aligned to 16 bytes; the next directory follows. It holds the last
// page back until it knows whether another follows.
type Writer struct {
	w       io.Writer
	form    form
	held    *laidPage
	pages   int    // that are written or held
	next    uint64 // where the next directory goes
	started bool
	err     error
}

// stripAlignment is where strips begin.
const stripAlignment = 16

// NewWriter returns a Writer of a classic TIFF. Nothing is written before the
// second page or Close.
func NewWriter(w io.Writer) *Writer { return newWriter(w, classic) }

// NewBigWriter returns a Writer of a BigTIFF, which may pass 4 GiB. Nothing is
// written before the second page or Close.
func NewBigWriter(w io.Writer) *Writer { return newWriter(w, big) }

func newWriter(w io.Writer, f form) *Writer {
	return &Writer{w: w, form: f, next: uint64(len(f.header()))}
}

// WritePage adds a page of the given fields and one strip, already compressed.
// The Writer adds StripOffsets and StripByteCounts, and sorts the fields. It
// keeps the strip until the next call.
//
// A page that is refused leaves the Writer as it was. One with which a classic
// TIFF would pass 4 GiB is refused with an [*UnsupportedError] that wraps
// [ErrNeedsBigTIFF], before a byte of it is written.
func (w *Writer) WritePage(fields []Field, strip []byte) error {
	if w.err != nil {
		return w.err
	}
	page, err := w.layOut(fields, strip)
	if err != nil {
		return err
	}
	if w.held != nil {
		if err := w.flush(w.next); err != nil {
			return err
		}
	}
	w.held, w.next = page, page.end+page.end%2
	w.pages++
	return nil
}

// Close writes what is held back. It does not close the underlying writer.
func (w *Writer) Close() error {
	if w.err != nil {
		return w.err
	}
	if w.held == nil {
		w.err = ErrClosed
		return errors.New("a TIFF needs at least one page")
	}
	if err := w.flush(0); err != nil {
		return err
	}
	w.err = ErrClosed
	return nil
}

// laidPage is a page as it goes into the file, but for the link to the next.
type laidPage struct {
	head  []byte // the directory, its values, and the space up to the strip
	link  int    // where in head the offset of the next directory goes
	strip []byte
	end   uint64 // of the strip, in the file
}

// layOut places a page where the next directory goes.
func (w *Writer) layOut(fields []Field, strip []byte) (*laidPage, error) {
	f := w.form
	fields = append(slices.Clone(fields), f.offsetField(StripOffsets, 0), f.offsetField(StripByteCounts, uint64(len(strip))))
	slices.SortStableFunc(fields, func(a, b Field) int { return cmp.Compare(a.ID, b.ID) })
	for i := range fields[1:] {
		if fields[i].ID == fields[i+1].ID {
			return nil, fmt.Errorf("TIFF page %d: tag %d (%s) is given twice", w.pages, fields[i].ID, TagName(fields[i].ID))
		}
	}
	head := f.appendDirectory(nil, fields)
	page := &laidPage{link: len(head) - f.offsetSize(), strip: strip}
	stripSlot := 0
	for i, field := range fields {
		slot := f.valueSlot(i)
		switch {
		case field.ID == StripOffsets:
			stripSlot = slot
		case len(field.Data) > f.offsetSize():
			head = pad(head, w.next, 2)
			f.putOffset(head[slot:], w.next+uint64(len(head)))
			head = append(head, field.Data...)
			head = append(head, make([]byte, field.Room)...)
		}
	}
	page.head = pad(head, w.next, stripAlignment)
	stripAt := w.next + uint64(len(page.head))
	f.putOffset(page.head[stripSlot:], stripAt)
	page.end = stripAt + uint64(len(strip))
	if page.end > f.limit() {
		return nil, &UnsupportedError{Page: w.pages, Reason: "with it a classic TIFF would pass 4 GiB", Err: ErrNeedsBigTIFF}
	}
	return page, nil
}

// flush writes the page held back, linked to where the next directory goes or
// to none (0).
func (w *Writer) flush(next uint64) error {
	page := w.held
	w.form.putOffset(page.head[page.link:], next)
	parts := [][]byte{page.head, page.strip}
	if !w.started {
		parts = slices.Insert(parts, 0, w.form.header())
	}
	if next > page.end {
		parts = append(parts, make([]byte, next-page.end))
	}
	if w.err = write(w.w, w.pages-1, parts); w.err != nil {
		return w.err
	}
	w.started, w.held = true, nil
	return nil
}

// pad appends zeros until the end of b, which begins at a place in the file, is
// a multiple of alignment there.
func pad(b []byte, at, alignment uint64) []byte {
	if over := (at + uint64(len(b))) % alignment; over != 0 {
		b = append(b, make([]byte, alignment-over)...)
	}
	return b
}
