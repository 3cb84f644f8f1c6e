package tiff

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
)

// File is an open TIFF. Its pages can be read by several goroutines at once.
type File struct {
	// Pages are the file's pages in their order.
	Pages []Page
	// Big tells a BigTIFF from a classic TIFF.
	Big bool
	// Order is the byte order of the file.
	Order binary.ByteOrder

	r        io.ReaderAt
	size     uint64
	opts     Options
	decoders sync.Pool
}

// Page is one page: an image file directory.
type Page struct {
	// Index counts from 0.
	Index int
	// Offset is where the directory lies in the file.
	Offset uint64
	// Tags are the entries in the file's order.
	Tags []Tag

	layout      layout
	unsupported error
}

// Tag returns the entry with an ID; of two, the first.
func (p *Page) Tag(id uint16) (Tag, bool) {
	if i := slices.IndexFunc(p.Tags, func(t Tag) bool { return t.ID == id }); i >= 0 {
		return p.Tags[i], true
	}
	return Tag{}, false
}

// Text returns the text of an ASCII tag that is kept.
func (p *Page) Text(id uint16) (string, bool) {
	t, ok := p.Tag(id)
	if !ok {
		return "", false
	}
	return t.Text()
}

// opener holds what opening needs and an open file does not.
type opener struct {
	*File
	window window
	// keep holds the tags whose values are kept, each with the last page that
	// had it: of two with one ID only the first counts.
	keep   map[uint16]int
	budget uint64 // bytes of tags and values that may still be read
	memory uint64 // bytes that the index may still take
	seen   map[uint64]bool
}

// What a page and a tag take in memory besides their bytes in the file.
const (
	pageMemory = 512
	tagMemory  = 64
)

// Open reads the tags of all pages and none of their samples. It fails for what
// is not TIFF, for broken tags, and for strips or tiles that lie outside the
// file. Samples of an unsupported kind are no error here, but when they are
// read.
func Open(r io.ReaderAt, size int64, opts Options) (*File, error) {
	opts = opts.withDefaults()
	if size < 0 {
		return nil, &FormatError{Page: NoPage, Reason: "negative size", Err: ErrNotTIFF}
	}
	o := opener{
		File: &File{r: r, size: uint64(size), opts: opts},
		keep: map[uint16]int{},
		seen: map[uint64]bool{},
	}
	o.memory = uint64(opts.MaxIndexBytes)
	o.budget = min(o.size, 1<<40) + 1<<20
	o.window = window{r: r, size: o.size, readAhead: uint64(opts.ReadAhead), trace: opts.Trace, spare: 4*min(o.size, 1<<40) + 16<<20}
	for _, id := range slices.Concat(structuralTags(), opts.Keep) {
		o.keep[id] = NoPage
	}
	next, err := o.header()
	for err == nil && next != 0 {
		next, err = o.page(next)
	}
	if err != nil {
		return nil, err
	}
	if len(o.Pages) == 0 {
		return nil, &FormatError{Page: NoPage, Reason: "the file has no page"}
	}
	return o.File, nil
}

func structuralTags() []uint16 {
	return []uint16{ImageWidth, ImageLength, BitsPerSample, Compression, PhotometricInterpretation,
		FillOrder, StripOffsets, SamplesPerPixel, RowsPerStrip, StripByteCounts, PlanarConfiguration,
		Predictor, TileWidth, TileLength, TileOffsets, TileByteCounts, SampleFormat, YCbCrSubSampling}
}

// header returns the offset of the first page.
func (o *opener) header() (uint64, error) {
	notTIFF := &FormatError{Page: NoPage, Reason: "it does not begin with a TIFF header", Err: ErrNotTIFF}
	if o.size < 8 {
		return 0, notTIFF
	}
	b, err := o.window.bytes(0, min(o.size, 16))
	if err != nil {
		return 0, o.readError(NoPage, 0, "the header", err)
	}
	switch string(b[:2]) {
	case "II":
		o.Order = binary.LittleEndian
	case "MM":
		o.Order = binary.BigEndian
	default:
		return 0, notTIFF
	}
	switch o.Order.Uint16(b[2:]) {
	case 42:
		return uint64(o.Order.Uint32(b[4:])), nil
	case 43:
		if o.Big = true; len(b) < 16 {
			return 0, &FormatError{Page: NoPage, Reason: "the BigTIFF header", Err: ErrTruncated}
		}
		if o.Order.Uint16(b[4:]) != 8 || o.Order.Uint16(b[6:]) != 0 {
			return 0, &FormatError{Page: NoPage, Reason: "a BigTIFF whose offsets are not of 8 bytes"}
		}
		return o.Order.Uint64(b[8:]), nil
	}
	return 0, notTIFF
}

// page reads the directory at offset and returns the offset of the next.
func (o *opener) page(offset uint64) (next uint64, err error) {
	index := len(o.Pages)
	if index >= o.opts.MaxPages {
		return 0, &UnsupportedError{Page: index, Reason: fmt.Sprintf("more than %d pages", o.opts.MaxPages), Err: ErrLimit}
	}
	if o.seen[offset] {
		return 0, &FormatError{Page: index, Reason: fmt.Sprintf("its offset %d is that of an earlier page: the pages form a loop", offset)}
	}
	o.seen[offset] = true
	countSize, entrySize, offsetSize := uint64(2), uint64(12), uint64(4)
	if o.Big {
		countSize, entrySize, offsetSize = 8, 20, 8
	}
	b, err := o.window.bytes(offset, countSize)
	if err != nil {
		return 0, o.readError(index, 0, "its directory", err)
	}
	count := uint64(o.Order.Uint16(b))
	if o.Big {
		count = o.Order.Uint64(b)
	}
	// TIFF knows 65,536 tags, so no directory has more entries; the bound also
	// keeps the products below from overflowing.
	if count == 0 || count > 1<<16 {
		return 0, &FormatError{Page: index, Reason: fmt.Sprintf("a directory of %d entries", count)}
	}
	length := count*entrySize + offsetSize
	if err := o.spend(index, 0, length, pageMemory+count*tagMemory); err != nil {
		return 0, err
	}
	if b, err = o.window.bytes(offset+countSize, length); err != nil {
		return 0, o.readError(index, 0, "its directory", err)
	}
	// The window's memory is used again while values are read.
	b = slices.Clone(b)
	p := Page{Index: index, Offset: offset, Tags: make([]Tag, count)}
	for i := range p.Tags {
		if p.Tags[i], err = o.tag(index, b[uint64(i)*entrySize:][:entrySize]); err != nil {
			return 0, err
		}
	}
	var unsupported *UnsupportedError
	if p.layout, err = o.newLayout(&p); errors.As(err, &unsupported) {
		p.unsupported = err
	} else if err != nil {
		return 0, err
	}
	o.Pages = append(o.Pages, p)
	last := b[count*entrySize:]
	if o.Big {
		return o.Order.Uint64(last), nil
	}
	return uint64(o.Order.Uint32(last)), nil
}

// tag reads one entry, and its values if they are to be kept.
func (o *opener) tag(page int, entry []byte) (Tag, error) {
	t := Tag{ID: o.Order.Uint16(entry), Type: Type(o.Order.Uint16(entry[2:])), order: o.Order}
	var inline []byte
	if o.Big {
		t.Count, inline = o.Order.Uint64(entry[4:]), entry[12:]
		t.offset = o.Order.Uint64(inline)
	} else {
		t.Count, inline = uint64(o.Order.Uint32(entry[4:])), entry[8:]
		t.offset = uint64(o.Order.Uint32(inline))
	}
	size := t.Type.Size()
	last, kept := o.keep[t.ID]
	if kept = kept && last != page; kept {
		o.keep[t.ID] = page
	}
	switch {
	case size == 0 && !kept:
		return t, nil
	case size == 0:
		return t, &FormatError{Page: page, Tag: t.ID, Reason: fmt.Sprintf("unknown %s", t.Type)}
	case t.Count <= uint64(len(inline))/size:
		t.data = inline[: t.Count*size : t.Count*size]
		return t, nil
	case !kept:
		return t, nil
	case t.Count > o.size/size:
		return t, &FormatError{Page: page, Tag: t.ID, Reason: fmt.Sprintf("%d values of %s", t.Count, t.Type), Err: ErrTruncated}
	}
	if err := o.spend(page, t.ID, t.Count*size, 0); err != nil {
		return t, err
	}
	b, err := o.window.bytes(t.offset, t.Count*size)
	if err != nil {
		return t, o.readError(page, t.ID, "its values", err)
	}
	t.data = slices.Clone(b)
	return t, nil
}

// spend takes n bytes from what opening may read, and those and more from what
// the index may take in memory.
func (o *opener) spend(page int, tag uint16, n, more uint64) error {
	if n > o.budget {
		return &UnsupportedError{Page: page, Tag: tag, Reason: "the tags take too many bytes for the file's size", Err: ErrLimit}
	}
	if n+more > o.memory {
		return &UnsupportedError{Page: page, Tag: tag, Reason: fmt.Sprintf("pages and tags of more than %d bytes", o.opts.MaxIndexBytes), Err: ErrLimit}
	}
	o.budget -= n
	o.memory -= n + more
	return nil
}

// readError keeps the reader's own failures apart from faults of the file.
func (f *File) readError(page int, tag uint16, what string, err error) error {
	if errors.Is(err, ErrTruncated) {
		return &FormatError{Page: page, Tag: tag, Reason: what, Err: err}
	}
	if page == NoPage {
		return fmt.Errorf("reading %s of a TIFF: %w", what, err)
	}
	return fmt.Errorf("reading TIFF page %d, %s: %w", page, what, err)
}

// Load reads the values of a tag that is not kept, of at most maxBytes bytes.
func (f *File) Load(page int, id uint16, maxBytes int64) (Tag, error) {
	t, ok := f.Pages[page].Tag(id)
	if !ok {
		return Tag{}, &FormatError{Page: page, Tag: id, Reason: "the tag is missing"}
	}
	if t.Kept() {
		return t, nil
	}
	size := t.Type.Size()
	if size == 0 {
		return t, &FormatError{Page: page, Tag: id, Reason: fmt.Sprintf("unknown %s", t.Type)}
	}
	if t.Count > uint64(max(maxBytes, 0))/size {
		return t, &UnsupportedError{Page: page, Tag: id, Reason: fmt.Sprintf("%d values of %s", t.Count, t.Type), Err: ErrLimit}
	}
	w := window{r: f.r, size: f.size}
	b, err := w.bytes(t.offset, t.Count*size)
	if err != nil {
		return t, f.readError(page, id, "its values", err)
	}
	t.data = b
	return t, nil
}
