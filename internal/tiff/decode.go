package tiff

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/openmibi/openmibi/internal/inflate"
)

const (
	// maxTileBytes bounds the buffer of one decoded tile.
	maxTileBytes = 64 << 20
	// paddingFactor and paddingBytes bound the bytes of all tiles of a page by
	// those of its pixels: every tile is decoded whole, and all of them may
	// be the same few bytes of the file.
	paddingFactor = 16
	paddingBytes  = 16 << 20
	// groupBytes and groupGap say which neighbouring strips one read fetches.
	groupBytes = 4 << 20
	groupGap   = 4 << 10
	// streamSlack is what a stream may need beyond twice its pixels: the head
	// and the tables of tiny ones.
	streamSlack = 4 << 10
	// keepBytes is the largest buffer that an idle decoder holds on to.
	keepBytes = 16 << 20
)

// decoder holds what decoding a page needs and the next page can use again.
type decoder struct {
	zlib    inflate.Decoder
	lzw     *lzwTable
	group   []byte // compressed bytes of neighbouring chunks
	first   uint64 // file offset of group
	tile    []byte
	row     []byte
	discard [512]byte
}

// ReadPage decodes the samples of page i into dst, which must be of exactly
// [Page.Bytes] bytes: little-endian, in row order, the samples of a pixel side
// by side. It reads the page's own strips or tiles and nothing else. Errors are
// a [*FormatError], an [*UnsupportedError], the context's, or the reader's.
func (f *File) ReadPage(ctx context.Context, i int, dst []byte) error {
	if i < 0 || i >= len(f.Pages) {
		return fmt.Errorf("TIFF page %d of %d does not exist", i, len(f.Pages))
	}
	p := &f.Pages[i]
	if p.unsupported != nil {
		return p.unsupported
	}
	if int64(len(dst)) != p.Bytes() {
		return fmt.Errorf("TIFF page %d: a buffer of %d bytes for %d: %w", i, len(dst), p.Bytes(), io.ErrShortBuffer)
	}
	d, _ := f.decoders.Get().(*decoder)
	if d == nil {
		d = &decoder{}
	}
	d.group = d.group[:0]
	defer f.release(d)
	for c := range p.layout.chunks {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := f.readChunk(ctx, d, p, c, dst); err != nil {
			return err
		}
	}
	return nil
}

func (f *File) release(d *decoder) {
	for _, b := range []*[]byte{&d.group, &d.tile, &d.row} {
		if cap(*b) > keepBytes {
			*b = nil
		}
	}
	f.decoders.Put(d)
}

// readChunk decodes one strip straight into dst, or one tile by way of a
// buffer.
func (f *File) readChunk(ctx context.Context, d *decoder, p *Page, c uint64, dst []byte) error {
	l := &p.layout
	compressed, err := f.chunkBytes(d, p, c)
	if err != nil {
		return err
	}
	size := l.chunkSize(c)
	if !l.tiled {
		start := c * l.chunkH * l.rowBytes()
		target := dst[start : start+size]
		if err := f.decodeChunk(ctx, d, p, c, target, l.chunkH*l.rowBytes(), compressed); err != nil {
			return err
		}
		return l.restore(d, target, l.rowBytes(), f.Order)
	}
	d.tile = slices.Grow(d.tile[:0], int(size))[:size]
	if err := f.decodeChunk(ctx, d, p, c, d.tile, size, compressed); err != nil {
		return err
	}
	tileRow := l.chunkW * l.pixelBytes()
	if err := l.restore(d, d.tile, tileRow, f.Order); err != nil {
		return err
	}
	x, y := c%l.across*l.chunkW, c/l.across*l.chunkH
	wide := min(l.chunkW, l.width-x) * l.pixelBytes()
	for row := range min(l.chunkH, l.height-y) {
		copy(dst[(y+row)*l.rowBytes()+x*l.pixelBytes():][:wide], d.tile[row*tileRow:])
	}
	return nil
}

// need returns how many bytes of a chunk's compressed form can matter: what
// follows is never looked at, however long the file says the chunk is.
func (l *layout) need(c uint64) uint64 {
	_, count := l.chunk(c)
	full := l.chunkH * l.chunkW * l.pixelBytes()
	if l.compression == CompressionNone {
		return min(count, l.chunkSize(c))
	}
	return min(count, 2*full+streamSlack)
}

// chunkBytes returns the compressed bytes of chunk c. One read fetches the
// chunks that follow it closely in the file, too.
func (f *File) chunkBytes(d *decoder, p *Page, c uint64) ([]byte, error) {
	l := &p.layout
	offset, _ := l.chunk(c)
	need := l.need(c)
	if offset < d.first || offset+need > d.first+uint64(len(d.group)) {
		end := offset + need
		for next := c + 1; next < l.chunks; next++ {
			nextOffset, _ := l.chunk(next)
			nextEnd := nextOffset + l.need(next)
			if nextOffset < end || nextOffset-end > groupGap || nextEnd-offset > groupBytes {
				break
			}
			end = nextEnd
		}
		d.first = offset
		d.group = slices.Grow(d.group[:0], int(end-offset))[:end-offset]
		if err := readFull(f.r, d.group, offset); err != nil {
			d.group = d.group[:0]
			return nil, f.readError(p.Index, l.offsets.ID, fmt.Sprintf("strip or tile %d", c), err)
		}
	}
	return d.group[offset-d.first:][:need], nil
}

// decodeChunk fills dst from one compressed chunk. A stream may go on to the
// size of a full chunk: some writers pad the last strip.
func (f *File) decodeChunk(ctx context.Context, d *decoder, p *Page, c uint64, dst []byte, full uint64, compressed []byte) error {
	var err error
	switch p.layout.compression {
	case CompressionNone:
		if copy(dst, compressed) < len(dst) {
			err = io.ErrUnexpectedEOF
		}
	case CompressionPackBits:
		err = unpackBits(dst, compressed)
	case CompressionLZW:
		if d.lzw == nil {
			d.lzw = &lzwTable{}
		}
		err = d.lzw.decode(dst, compressed)
	default:
		err = d.inflate(ctx, dst, full, compressed)
	}
	if errors.Is(err, errOldLZW) {
		return &UnsupportedError{Page: p.Index, Tag: Compression, Reason: err.Error()}
	}
	if ended := ctx.Err(); err != nil && errors.Is(err, ended) {
		return err
	}
	if err != nil {
		return &FormatError{Page: p.Index, Tag: p.layout.offsets.ID, Reason: fmt.Sprintf("strip or tile %d does not decode", c), Err: err}
	}
	return nil
}

// restore undoes the predictor and turns the samples little-endian.
func (l *layout) restore(d *decoder, b []byte, rowBytes uint64, order binary.ByteOrder) error {
	sample := int(l.bits / 8)
	if l.predictor == 3 {
		d.row = slices.Grow(d.row[:0], int(rowBytes))[:rowBytes]
		undoFloatPredictor(b, d.row, sample, int(l.samples))
		return nil
	}
	if order == binary.BigEndian {
		swapBytes(b, sample)
	}
	if l.predictor == 2 {
		undoHorizontal(b, int(rowBytes), sample, int(l.samples))
	}
	return nil
}

func swapBytes(b []byte, sample int) {
	switch sample {
	case 2:
		for i := 0; i+2 <= len(b); i += 2 {
			b[i], b[i+1] = b[i+1], b[i]
		}
	case 4:
		for i := 0; i+4 <= len(b); i += 4 {
			binary.LittleEndian.PutUint32(b[i:], binary.BigEndian.Uint32(b[i:]))
		}
	case 8:
		for i := 0; i+8 <= len(b); i += 8 {
			binary.LittleEndian.PutUint64(b[i:], binary.BigEndian.Uint64(b[i:]))
		}
	}
}
