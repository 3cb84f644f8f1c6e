package tiff

import (
	"fmt"
	"iter"
	"slices"
)

const (
	// maxCopiedChunks and maxCopiedValues bound a copy's head, which is made in
	// memory: strips or tiles, and bytes of the tags' values.
	maxCopiedChunks = 1 << 20
	maxCopiedValues = 16 << 20
	// partBytes is how much of a long strip is held at a time. wholeBytes is how
	// long a strip may be to be held as a whole.
	partBytes  = 256 << 10
	wholeBytes = stretchBytes
)

// span is a piece of the file.
type span struct{ offset, length uint64 }

// planCopy says what goes into a copy of a page: not the places of what follows
// the head, which are known when it is written.
func (f *File) planCopy(page int, set func(page int) []Tag) *PageCopy {
	c := &PageCopy{Page: page, file: f}
	p, err := f.readable(page)
	if err != nil {
		c.err = err
		return c
	}
	c.err = f.copyable(p)
	values := uint64(0)
	for i, t := range p.Tags {
		if !f.stays(p, i) {
			continue
		}
		values += t.Count * max(t.Type.Size(), 1)
		c.tags = append(c.tags, copiedTag{t, !t.Kept() && !p.layout.places(t.ID)})
	}
	if values > maxCopiedValues && c.err == nil {
		c.err = &UnsupportedError{Page: page, Reason: fmt.Sprintf("tags of %d bytes", values), Err: ErrLimit}
	}
	if p.layout.counts.ID == 0 {
		c.put(Tag{ID: StripByteCounts, Type: Long, Count: 1, order: f.Order})
	}
	if set != nil {
		for _, t := range set(page) {
			c.put(t)
		}
	}
	return c
}

// put adds a tag where it belongs, or puts it in place of the one there is.
func (c *PageCopy) put(t Tag) {
	at := slices.IndexFunc(c.tags, func(other copiedTag) bool { return other.ID >= t.ID })
	switch {
	case at < 0:
		c.tags = append(c.tags, copiedTag{Tag: t})
	case c.tags[at].ID == t.ID:
		c.tags[at] = copiedTag{Tag: t}
	default:
		c.tags = slices.Insert(c.tags, at, copiedTag{Tag: t})
	}
}

// stays tells whether tag i of a page goes into a copy.
func (f *File) stays(p *Page, i int) bool {
	t := p.Tags[i]
	switch t.ID {
	case StripOffsets, StripByteCounts, TileOffsets, TileByteCounts:
		if !p.layout.places(t.ID) {
			return false
		}
	case SubIFDs, freeOffsets, freeByteCounts, exifIFD, gpsIFD, interoperabilityIFD:
		return false
	}
	size := t.Type.Size()
	if size == 0 || (t.Type == IFD || t.Type == IFD8) && !slices.Contains(structuralTags(), t.ID) {
		return false
	}
	if slices.IndexFunc(p.Tags, func(other Tag) bool { return other.ID == t.ID }) < i {
		return false
	}
	return t.Kept() || t.Count <= f.size/size && t.offset <= f.size-t.Count*size
}

// Tags whose values are places in the file.
const (
	freeOffsets         = 288
	freeByteCounts      = 289
	exifIFD             = 34665
	gpsIFD              = 34853
	interoperabilityIFD = 40965
)

// places tells whether a tag says where the strips or tiles lie.
func (l *layout) places(id uint16) bool { return id == l.offsets.ID || id == l.byteCountsTag() }

// copyable refuses pages whose copy would take far more than the file has.
func (f *File) copyable(p *Page) error {
	l := &p.layout
	if l.chunks > maxCopiedChunks {
		return &UnsupportedError{Page: p.Index, Tag: l.offsets.ID, Reason: fmt.Sprintf("%d strips or tiles", l.chunks), Err: ErrLimit}
	}
	left := f.size
	for i := range l.chunks {
		need := l.need(i)
		if need > left {
			return &UnsupportedError{Page: p.Index, Tag: l.byteCountsTag(), Reason: "strips or tiles that share bytes: together they are longer than the file", Err: ErrLimit}
		}
		left -= need
	}
	return nil
}

// parted tells whether a strip or tile is held in parts.
func (l *layout) parted(chunk uint64) bool {
	switch l.compression {
	case CompressionNone, CompressionDeflate, CompressionOldDeflate:
		return l.need(chunk) > wholeBytes
	}
	return false
}

// parts is how many pieces of the file a strip or tile is.
func (l *layout) parts(chunk uint64) uint64 {
	if !l.parted(chunk) {
		return 1
	}
	return (l.need(chunk)-1)/partBytes + 1
}

// pieces is how many pieces of the file a page is.
func (c *PageCopy) pieces() int {
	n := 0
	for range c.wanted() {
		n++
	}
	return n
}

// wanted are the pieces of the file that a page needs, in the order in which it
// needs them: values of tags, then strips or tiles.
func (c *PageCopy) wanted() iter.Seq[span] {
	return func(yield func(span) bool) {
		if c.err != nil {
			return
		}
		for _, t := range c.tags {
			if t.read && !yield(span{t.offset, t.Count * t.Type.Size()}) {
				return
			}
		}
		l := &c.file.Pages[c.Page].layout
		for i := range l.chunks {
			offset, _ := l.chunk(i)
			for rest := l.need(i); ; {
				n := rest
				if l.parted(i) {
					n = min(rest, partBytes)
				}
				if !yield(span{offset, n}) {
					return
				}
				offset, rest = offset+n, rest-n
				if rest == 0 {
					break
				}
			}
		}
	}
}
