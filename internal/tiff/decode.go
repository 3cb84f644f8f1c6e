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
	// maxSpare is how much longer the next strip may be, in bytes.
	maxSpare = 256 << 10
	// keepBytes is the largest buffer that an idle decoder holds on to.
	keepBytes = 16 << 20
)

// decoder holds what decoding a page needs and the next page can use again.
type decoder struct {
	zlib  inflate.Decoder
	lzw   *lzwTable
	group []byte // compressed bytes of neighbouring chunks
	first uint64 // file offset of group
	rows  []byte // samples of a strip, or of a row of tiles
	tile  []byte
	row   []byte
	used  uint64 // compressed bytes of the last chunk, if its stream says where it ends
}

// ReadPage decodes the samples of page i into dst, which must be of exactly
// [Page.Bytes] bytes: little-endian, in row order, the samples of a pixel side
// by side. It reads the page's own strips or tiles and nothing else. Errors are
// a [*FormatError], an [*UnsupportedError], the context's, or the reader's.
func (f *File) ReadPage(ctx context.Context, i int, dst []byte) error {
	p, err := f.readable(i)
	if err != nil {
		return err
	}
	if int64(len(dst)) != p.Bytes() {
		return fmt.Errorf("TIFF page %d: a buffer of %d bytes for %d: %w", i, len(dst), p.Bytes(), io.ErrShortBuffer)
	}
	return f.readChunks(ctx, p, &target{whole: dst})
}

// Pieces decodes the samples of page i as [File.ReadPage] does, and hands them
// to do piece by piece, in row order, with the offset in bytes of each in the
// page. A piece holds whole samples; it must not be kept or changed. What do
// returns ends it. It needs memory for a strip or a row of tiles, or for less
// where the strip is a deflate stream.
func (f *File) Pieces(ctx context.Context, i int, do func(at int64, piece []byte) error) error {
	p, err := f.readable(i)
	if err != nil {
		return err
	}
	return f.readChunks(ctx, p, &target{do: do})
}

// readable returns a page whose samples can be read.
func (f *File) readable(i int) (*Page, error) {
	if i < 0 || i >= len(f.Pages) {
		return nil, fmt.Errorf("TIFF page %d of %d does not exist", i, len(f.Pages))
	}
	return &f.Pages[i], f.Pages[i].unsupported
}

// target is where the samples of a page go: to their place in whole, or piece
// by piece to do.
type target struct {
	whole []byte
	do    func(at int64, piece []byte) error
	spare uint64 // bytes of the chunks that follow their streams
}

// memory returns the memory for n bytes of samples, which begin at offset at of
// the page.
func (t *target) memory(d *decoder, at, n uint64) []byte {
	if t.do == nil {
		return t.whole[at : at+n]
	}
	d.rows = slices.Grow(d.rows[:0], int(n))[:n]
	return d.rows
}

// done hands over what the memory of an offset has got.
func (t *target) done(at uint64, samples []byte) error {
	if t.do == nil {
		return nil
	}
	return t.do(int64(at), samples)
}

func (f *File) readChunks(ctx context.Context, p *Page, to *target) error {
	d, _ := f.decoders.Get().(*decoder)
	if d == nil {
		d = &decoder{}
	}
	d.group = d.group[:0]
	defer f.release(d)
	l := &p.layout
	for c := uint64(0); c < l.chunks; c += l.across {
		at := c / l.across * l.chunkH * l.rowBytes()
		rows := min(l.chunkH, l.height-c/l.across*l.chunkH)
		// A decoder asks the context only now and then.
		if err := ctx.Err(); err != nil {
			return err
		}
		if l.plain(c) {
			if err := f.readPlain(ctx, d, p, c, at, to); err != nil {
				return err
			}
			continue
		}
		if to.do != nil && l.flows(f.Order, c) {
			if err := f.streamStrip(ctx, d, p, c, at, to); err != nil {
				return err
			}
			continue
		}
		memory := to.memory(d, at, rows*l.rowBytes())
		for x := range l.across {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := f.readChunk(ctx, d, p, c+x, memory); err != nil {
				return err
			}
			if d.used > 0 {
				_, count := l.chunk(c + x)
				to.spare += count - d.used
			}
		}
		if err := to.done(at, memory); err != nil {
			return err
		}
	}
	return nil
}

// plain tells whether strip c holds its samples as they are, and is too large to
// be fetched together with others.
func (l *layout) plain(c uint64) bool {
	return !l.tiled && l.compression == CompressionNone && l.predictor == 1 && l.chunkSize(c) > groupBytes
}

// readPlain reads a strip straight into where its samples go.
func (f *File) readPlain(ctx context.Context, d *decoder, p *Page, c, at uint64, to *target) error {
	l := &p.layout
	offset, _ := l.chunk(c)
	piece := l.chunkSize(c)
	if to.do != nil {
		piece = groupBytes
	}
	for rest := l.chunkSize(c); rest > 0; {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(piece, rest)
		samples := to.memory(d, at, n)
		if err := readFull(f.r, samples, offset); err != nil {
			return f.readError(p.Index, l.offsets.ID, fmt.Sprintf("strip or tile %d", c), err)
		}
		if f.Order == binary.BigEndian {
			swapBytes(samples, int(l.bits/8))
		}
		if err := to.done(at, samples); err != nil {
			return err
		}
		offset, at, rest = offset+n, at+n, rest-n
	}
	return nil
}

// flows tells whether strip c decodes to samples as they are, one after the
// other, and is large enough to be handed on while it decodes.
func (l *layout) flows(order binary.ByteOrder, c uint64) bool {
	return !l.tiled && (l.compression == CompressionDeflate || l.compression == CompressionOldDeflate) &&
		l.predictor == 1 && (l.bits == 8 || order == binary.LittleEndian) && l.chunkSize(c) > inflate.WindowBytes
}

// streamStrip hands a strip on while it decodes: its samples are then still in
// the processor's cache, and need no memory of their own.
func (f *File) streamStrip(ctx context.Context, d *decoder, p *Page, c, at uint64, to *target) error {
	l := &p.layout
	compressed, err := f.chunkBytes(d, p, c)
	if err != nil {
		return err
	}
	var refused error
	err = d.inflatePieces(ctx, l.chunkSize(c), l.chunkH*l.rowBytes(), l.bits/8, compressed, func(piece []byte) error {
		refused = to.done(at, piece)
		at += uint64(len(piece))
		return refused
	})
	if refused != nil {
		return refused
	}
	if err != nil {
		return f.chunkError(ctx, p, c, err)
	}
	_, count := l.chunk(c)
	to.spare += count - d.used
	return nil
}

// room returns n bytes of b's memory, or new ones. Strips differ somewhat in
// length, and the next should not need memory again.
func room(b []byte, n int) []byte {
	if cap(b) >= n {
		return b[:n]
	}
	return make([]byte, n, n+min(n, maxSpare))
}

func (f *File) release(d *decoder) {
	for _, b := range []*[]byte{&d.group, &d.rows, &d.tile, &d.row} {
		if cap(*b) > keepBytes {
			*b = nil
		}
	}
	f.decoders.Put(d)
}

// readChunk decodes chunk c into the memory of its rows: a strip straight into
// it, a tile by way of a buffer.
func (f *File) readChunk(ctx context.Context, d *decoder, p *Page, c uint64, rows []byte) error {
	l := &p.layout
	compressed, err := f.chunkBytes(d, p, c)
	if err != nil {
		return err
	}
	if !l.tiled {
		if err := f.decodeChunk(ctx, d, p, c, rows, l.chunkH*l.rowBytes(), compressed); err != nil {
			return err
		}
		return l.restore(d, rows, l.rowBytes(), f.Order)
	}
	size := l.chunkSize(c)
	d.tile = slices.Grow(d.tile[:0], int(size))[:size]
	if err := f.decodeChunk(ctx, d, p, c, d.tile, size, compressed); err != nil {
		return err
	}
	tileRow := l.chunkW * l.pixelBytes()
	if err := l.restore(d, d.tile, tileRow, f.Order); err != nil {
		return err
	}
	x := c % l.across * l.chunkW
	wide := min(l.chunkW, l.width-x) * l.pixelBytes()
	for row := range uint64(len(rows)) / l.rowBytes() {
		copy(rows[row*l.rowBytes()+x*l.pixelBytes():][:wide], d.tile[row*tileRow:])
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
		d.group = room(d.group, int(end-offset))
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
	d.used = 0
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
	return f.chunkError(ctx, p, c, err)
}

// chunkError tells the faults of chunk c from the end of the context.
func (f *File) chunkError(ctx context.Context, p *Page, c uint64, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, errOldLZW) {
		return &UnsupportedError{Page: p.Index, Tag: Compression, Reason: err.Error()}
	}
	if ended := ctx.Err(); ended != nil && errors.Is(err, ended) {
		return err
	}
	return &FormatError{Page: p.Index, Tag: p.layout.offsets.ID, Reason: fmt.Sprintf("strip or tile %d does not decode", c), Err: err}
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
