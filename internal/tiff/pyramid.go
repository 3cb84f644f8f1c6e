package tiff

import (
	"cmp"
	"fmt"
	"io"
	"slices"
)

// Level is a page of tiles at one resolution.
type Level struct {
	// Fields are the directory's, but for TileOffsets, TileByteCounts and
	// SubIFDs, in any order.
	Fields []Field
	// Tiles are the compressed tiles in row order.
	Tiles [][]byte
}

// PyramidWriter writes a little-endian TIFF of pyramids to a stream, without
// seeking: each page has its lower resolutions in the tag SubIFDs, from the
// largest to the smallest. Per page it writes all directories, each with its
// values aligned to words, and then all tiles; the next page follows.
type PyramidWriter struct {
	w     io.Writer
	form  form
	pages int    // that are written
	next  uint64 // where the next page goes
	err   error
}

// NewPyramidWriter returns a PyramidWriter of a classic TIFF, or of a BigTIFF.
// Nothing is written before the first page.
func NewPyramidWriter(w io.Writer, bigTIFF bool) *PyramidWriter {
	f := form(bigTIFF)
	return &PyramidWriter{w: w, form: f, next: uint64(len(f.header()))}
}

// WritePage writes a page, the full resolution first. The last page ends the
// file: what comes after it is refused with [ErrClosed].
//
// A page that is refused leaves the writer as it was. One with which a classic
// TIFF would pass 4 GiB is refused with an [*UnsupportedError] that wraps
// [ErrNeedsBigTIFF].
func (w *PyramidWriter) WritePage(levels []Level, last bool) error {
	if w.err != nil {
		return w.err
	}
	page, err := w.layOut(levels)
	if err != nil {
		return err
	}
	w.next = page.end
	if !last {
		w.form.putOffset(page.head[page.link:], page.end)
	}
	parts := [][]byte{page.head}
	if w.pages == 0 {
		parts = slices.Insert(parts, 0, w.form.header())
	}
	w.err = write(w.w, w.pages, parts)
	for _, level := range levels {
		for _, tile := range level.Tiles {
			if w.err != nil {
				return w.err
			}
			w.err = write(w.w, w.pages, [][]byte{tile, make([]byte, len(tile)%2)})
		}
	}
	if w.err != nil {
		return w.err
	}
	if w.pages++; last {
		w.err = ErrClosed
	}
	return nil
}

// write writes the parts of a page. A writer that takes less than it is given
// without an error must not leave half a file unnoticed.
func write(w io.Writer, page int, parts [][]byte) error {
	for _, part := range parts {
		n, err := w.Write(part)
		if err == nil && n < len(part) {
			err = io.ErrShortWrite
		}
		if err != nil {
			return fmt.Errorf("writing TIFF page %d: %w", page, err)
		}
	}
	return nil
}

// laidPyramid is a page as it goes into the file, but for the link to the next.
type laidPyramid struct {
	head []byte // directories and values
	link int    // where in head the offset of the next page goes
	end  uint64 // of the last tile, in the file
}

// layOut places a page where the next one goes.
func (w *PyramidWriter) layOut(levels []Level) (laidPyramid, error) {
	if len(levels) == 0 {
		return laidPyramid{}, fmt.Errorf("TIFF page %d: a pyramid without a level", w.pages)
	}
	var page laidPyramid
	var directories []uint64 // where they lie in the file
	var tiles []int          // where in head the offsets of each level's tiles stand
	subIFDs := 0             // where in head those of the lower resolutions stand
	for i, level := range levels {
		fields, err := w.fields(level, i, len(levels))
		if err != nil {
			return laidPyramid{}, err
		}
		page.head = pad(page.head, w.next, 2)
		directories = append(directories, w.next+uint64(len(page.head)))
		head, places := w.form.appendLevel(page.head, w.next, fields)
		if page.head = head; i == 0 {
			page.link, subIFDs = places.link, places.values[SubIFDs]
		}
		tiles = append(tiles, places.values[TileOffsets])
	}
	page.head = pad(page.head, w.next, stripAlignment)
	for i, at := range directories[1:] {
		w.form.putOffset(page.head[subIFDs+i*w.form.offsetSize():], at)
	}
	page.end = w.next + uint64(len(page.head))
	for i, level := range levels {
		for j, tile := range level.Tiles {
			w.form.putOffset(page.head[tiles[i]+j*w.form.offsetSize():], page.end)
			page.end += uint64(len(tile) + len(tile)%2)
		}
	}
	if page.end > w.form.limit() {
		return laidPyramid{}, &UnsupportedError{Page: w.pages, Reason: "with it a classic TIFF would pass 4 GiB", Err: ErrNeedsBigTIFF}
	}
	return page, nil
}

// fields returns the fields of a level's directory in order. Offsets are zeros
// for now.
func (w *PyramidWriter) fields(level Level, i, levels int) ([]Field, error) {
	if len(level.Tiles) == 0 {
		return nil, fmt.Errorf("TIFF page %d: level %d has no tiles", w.pages, i)
	}
	counts := make([]uint64, len(level.Tiles))
	for j, tile := range level.Tiles {
		counts[j] = uint64(len(tile))
	}
	fields := append(slices.Clone(level.Fields),
		w.form.offsetsField(TileOffsets, make([]uint64, len(level.Tiles))), w.form.offsetsField(TileByteCounts, counts))
	if i == 0 && levels > 1 {
		directories := w.form.offsetsField(SubIFDs, make([]uint64, levels-1))
		if directories.Type = IFD; w.form == big {
			directories.Type = IFD8
		}
		fields = append(fields, directories)
	}
	slices.SortStableFunc(fields, func(a, b Field) int { return cmp.Compare(a.ID, b.ID) })
	for j := range fields[1:] {
		if fields[j].ID == fields[j+1].ID {
			return nil, fmt.Errorf("TIFF page %d, level %d: tag %d (%s) is given twice", w.pages, i, fields[j].ID, TagName(fields[j].ID))
		}
	}
	return fields, nil
}

// offsetsField returns a field of offsets or byte counts.
func (f form) offsetsField(id uint16, values []uint64) Field {
	if f == big {
		return Long8Field(id, values...)
	}
	field := LongField(id)
	for _, v := range values {
		field.Data = f.appendOffset(field.Data, v)
	}
	field.Count = uint32(len(values))
	return field
}

// places are where in a page's head a directory has what is filled in later.
type places struct {
	link   int            // offset of the next directory
	values map[uint16]int // the values of each field
}

// appendLevel appends a directory with its values to the head of a page that
// begins at start in the file.
func (f form) appendLevel(head []byte, start uint64, fields []Field) ([]byte, places) {
	first := len(head)
	head = f.appendDirectory(head, fields)
	p := places{link: len(head) - f.offsetSize(), values: make(map[uint16]int, len(fields))}
	for i, field := range fields {
		slot := first + f.valueSlot(i)
		p.values[field.ID] = slot
		if len(field.Data) > f.offsetSize() {
			head = pad(head, start, 2)
			p.values[field.ID] = len(head)
			f.putOffset(head[slot:], start+uint64(len(head)))
			head = append(head, field.Data...)
			head = append(head, make([]byte, field.Room)...)
		}
	}
	return head, p
}
