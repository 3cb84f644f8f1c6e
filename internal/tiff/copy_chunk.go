package tiff

import (
	"errors"
	"fmt"
	"io"
	"slices"
)

// writeChunks writes the strips or tiles, the first of which is piece next of all
// that is read, and verifies each.
func (c *PageCopy) writeChunks(w *countedWriter, next int) error {
	l := &c.file.Pages[c.Page].layout
	for i := range l.chunks {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		n := int(l.parts(i))
		var err error
		if n == 1 && !l.parted(i) {
			err = c.writeWhole(w, i, next)
		} else {
			err = c.writeParts(w, i, next, n)
		}
		if err != nil {
			return err
		}
		next += n
	}
	return nil
}

// writeWhole writes a strip or tile that is held as a whole.
func (c *PageCopy) writeWhole(w *countedWriter, chunk uint64, next int) error {
	b, err := c.take(chunk, next)
	if err == nil {
		err = c.verify(chunk, b)
	}
	if err == nil {
		err = w.write(b)
	}
	return err
}

// take reads a piece of a strip or tile.
func (c *PageCopy) take(chunk uint64, piece int) ([]byte, error) {
	if err := c.ctx.Err(); err != nil {
		return nil, err
	}
	b, err := c.ahead.take(piece)
	if err != nil {
		return nil, c.file.readError(c.Page, c.file.Pages[c.Page].layout.offsets.ID, fmt.Sprintf("strip or tile %d", chunk), err)
	}
	return b, nil
}

// full is how many bytes of samples a strip or tile may decode to.
func (l *layout) full(chunk uint64) uint64 {
	if l.tiled {
		return l.chunkSize(chunk)
	}
	return l.chunkH * l.rowBytes()
}

// verify decodes a strip or tile.
func (c *PageCopy) verify(chunk uint64, b []byte) error {
	p := &c.file.Pages[c.Page]
	l, d := &p.layout, c.decoder
	size := l.chunkSize(chunk)
	switch l.compression {
	case CompressionDeflate, CompressionOldDeflate:
		err := d.inflatePieces(c.ctx, size, l.full(chunk), 1, b, discard)
		return c.file.chunkError(c.ctx, p, chunk, err)
	case CompressionNone:
		if uint64(len(b)) < size {
			return c.file.chunkError(c.ctx, p, chunk, io.ErrUnexpectedEOF)
		}
		return nil
	}
	d.tile = slices.Grow(d.tile[:0], int(size))[:size]
	return c.file.decodeChunk(c.ctx, d, p, chunk, d.tile, size, b)
}

func discard([]byte) error { return nil }

// writeParts writes a strip or tile that comes in n pieces of the file, and
// decodes it on the way.
func (c *PageCopy) writeParts(w *countedWriter, chunk uint64, next, n int) error {
	p := &c.file.Pages[c.Page]
	l := &p.layout
	end := next + n
	var failed error
	part := func() ([]byte, error) {
		b, err := c.take(chunk, next)
		if err == nil {
			err = w.write(b)
		}
		next++
		failed = err
		return b, err
	}
	if l.compression != CompressionNone {
		size := l.chunkSize(chunk)
		held := c.decoder.group
		err := c.decoder.zlib.ZlibParts(c.ctx, int(size), 1, func(rest []byte) ([]byte, error) {
			if next == end {
				return rest, nil
			}
			b, err := part()
			if err != nil {
				return nil, err
			}
			// The rest is of this memory, too: append moves it first.
			held = append(append(held[:0], rest...), b...)
			return held, nil
		}, l.full(chunk)-size, discard)
		c.decoder.group = held[:0]
		if failed != nil {
			return failed
		}
		if err := c.file.chunkError(c.ctx, p, chunk, inflateError(err)); err != nil {
			return err
		}
	} else if l.need(chunk) < l.chunkSize(chunk) {
		return c.file.chunkError(c.ctx, p, chunk, errors.New("it is shorter than its samples"))
	}
	for next < end { // what follows the stream
		if _, err := part(); err != nil {
			return err
		}
	}
	return nil
}
