package tiff

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// ErrClosed is returned for a page that is written after Close.
var ErrClosed = errors.New("the TIFF writer is closed")

// Writer writes a classic little-endian TIFF of one strip a page to a stream,
// without seeking. Per page it writes the directory, its values aligned to
// words, and the strip aligned to 16 bytes; the next directory follows. It
// holds the last page back until it knows whether another follows.
type Writer struct {
	w       io.Writer
	offset  uint64 // of the next byte
	pages   int
	held    bool
	fields  []Field
	strip   []byte
	started bool
	err     error
}

// stripAlignment is where strips begin.
const stripAlignment = 16

// NewWriter returns a Writer to w. Nothing is written before the second page or
// Close.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// WritePage adds a page of the given fields and one strip, already compressed.
// The Writer adds StripOffsets and StripByteCounts, and sorts the fields. It
// keeps fields and strip until the next call.
func (w *Writer) WritePage(fields []Field, strip []byte) error {
	if w.err != nil {
		return w.err
	}
	if w.held {
		if err := w.flush(true); err != nil {
			return err
		}
	}
	if uint64(len(strip)) > math.MaxUint32 {
		return w.tooLarge()
	}
	fields = append(slices.Clone(fields), LongField(StripOffsets, 0), LongField(StripByteCounts, uint32(len(strip))))
	slices.SortStableFunc(fields, func(a, b Field) int { return cmp.Compare(a.ID, b.ID) })
	for i := range fields[1:] {
		if fields[i].ID == fields[i+1].ID {
			return fmt.Errorf("TIFF page %d: tag %d (%s) is given twice", w.pages, fields[i].ID, TagName(fields[i].ID))
		}
	}
	w.fields, w.strip, w.held = fields, strip, true
	return nil
}

// Close writes what is held back. It does not close the underlying writer.
func (w *Writer) Close() error {
	if w.err != nil {
		return w.err
	}
	if !w.held {
		w.err = ErrClosed
		return errors.New("a TIFF needs at least one page")
	}
	if err := w.flush(false); err != nil {
		return err
	}
	w.err = ErrClosed
	return nil
}

func (w *Writer) tooLarge() error {
	w.err = &UnsupportedError{Page: w.pages, Reason: "a classic TIFF cannot hold more than 4 GiB", Err: ErrLimit}
	return w.err
}

// flush writes the page held back and, if more follow, the space up to the next
// directory.
func (w *Writer) flush(more bool) error {
	var head []byte
	if !w.started {
		head = []byte{'I', 'I', 42, 0, 8, 0, 0, 0}
	}
	base := w.offset
	place := func() uint64 { return base + uint64(len(head)) }
	directory := len(head)
	count := len(w.fields)
	head = binary.LittleEndian.AppendUint16(head, uint16(count))
	head = append(head, make([]byte, 12*count+4)...)
	stripSlot := 0
	for i, f := range w.fields {
		entry := head[directory+2+12*i:]
		binary.LittleEndian.PutUint16(entry, f.ID)
		binary.LittleEndian.PutUint16(entry[2:], uint16(f.Type))
		binary.LittleEndian.PutUint32(entry[4:], f.Count)
		if f.ID == StripOffsets {
			stripSlot = directory + 2 + 12*i + 8
		}
		if len(f.Data) <= 4 {
			copy(entry[8:12], f.Data)
			continue
		}
		head = pad(head, place(), 2)
		binary.LittleEndian.PutUint32(head[directory+2+12*i+8:], uint32(place()))
		head = append(head, f.Data...)
		head = append(head, make([]byte, f.Room)...)
	}
	head = pad(head, place(), stripAlignment)
	stripAt := place()
	end := stripAt + uint64(len(w.strip))
	next := end + end%2
	if next > math.MaxUint32 {
		return w.tooLarge()
	}
	binary.LittleEndian.PutUint32(head[stripSlot:], uint32(stripAt))
	tail := []byte(nil)
	if more {
		binary.LittleEndian.PutUint32(head[directory+2+12*count:], uint32(next))
		tail = make([]byte, next-end)
	}
	for _, part := range [][]byte{head, w.strip, tail} {
		if _, err := w.w.Write(part); err != nil {
			w.err = fmt.Errorf("writing TIFF page %d: %w", w.pages, err)
			return w.err
		}
		w.offset += uint64(len(part))
	}
	w.started, w.held, w.fields, w.strip = true, false, nil, nil
	w.pages++
	return nil
}

// pad appends zeros until place, the file offset of b's end, is a multiple of
// alignment.
func pad(b []byte, place, alignment uint64) []byte {
	if over := place % alignment; over != 0 {
		b = append(b, make([]byte, alignment-over)...)
	}
	return b
}
