package tiff

import (
	"context"
	"errors"
	"fmt"

	"github.com/openmibi/openmibi/internal/inflate"
)

var (
	errTooLong  = errors.New("the stream holds more bytes than its pixels need")
	errTooShort = errors.New("the stream ends before its pixels are complete")
	errOldLZW   = errors.New("LZW in the bit order of before 1990")
)

// inflate fills dst from a zlib stream and checks the stream's Adler-32. The
// stream may go on to full bytes, and what follows it is not looked at.
func (d *decoder) inflate(ctx context.Context, dst []byte, full uint64, compressed []byte) error {
	used, err := d.zlib.Zlib(ctx, dst, compressed)
	if errors.Is(err, inflate.ErrTooLong) && full > uint64(len(dst)) {
		return d.inflatePieces(ctx, uint64(len(dst)), full, 1, compressed, func(piece []byte) error {
			dst = dst[copy(dst, piece):]
			return nil
		})
	}
	d.used = uint64(used)
	return inflateError(err)
}

// inflatePieces hands size bytes of a zlib stream to take, in whole samples. It
// is else as inflate.
func (d *decoder) inflatePieces(ctx context.Context, size, full, sample uint64, compressed []byte, take func(piece []byte) error) error {
	used, err := d.zlib.ZlibPieces(ctx, int(size), int(sample), compressed, full-size, take)
	d.used = uint64(used)
	return inflateError(err)
}

func inflateError(err error) error {
	switch {
	case errors.Is(err, inflate.ErrTruncated), errors.Is(err, inflate.ErrTooShort):
		return errTooShort
	case errors.Is(err, inflate.ErrTooLong):
		return errTooLong
	case errors.Is(err, inflate.ErrCorrupt), errors.Is(err, inflate.ErrChecksum):
		return fmt.Errorf("deflate: %w", err)
	}
	return err
}

// unpackBits fills dst from PackBits.
func unpackBits(dst, src []byte) error {
	for len(dst) > 0 {
		if len(src) == 0 {
			return errTooShort
		}
		n := int(int8(src[0]))
		src = src[1:]
		switch {
		case n == -128:
		case n >= 0:
			n++
			if n > len(src) {
				return errTooShort
			}
			n = copy(dst, src[:n])
			dst, src = dst[n:], src[n:]
		default:
			if len(src) == 0 {
				return errTooShort
			}
			n = min(1-n, len(dst))
			for i := range n {
				dst[i] = src[0]
			}
			dst, src = dst[n:], src[1:]
		}
	}
	return nil
}

const (
	lzwClear = 256
	lzwEnd   = 257
	lzwFirst = 258
	lzwCodes = 4096
)

// lzwTable holds, for each code, where its string lies in the decoded bytes.
type lzwTable struct{ start, length [lzwCodes]int }

// decode fills dst from LZW as TIFF has it: high bits first, and code widths
// that grow one code early.
//
// Every string of the table is the string before it and one byte more, which
// lie side by side in dst: the table holds positions, not bytes. What it held
// before does not matter.
func (table *lzwTable) decode(dst, src []byte) error {
	if len(src) >= 2 && src[0] == 0 && src[1]&1 == 1 {
		return errOldLZW
	}
	start, length := &table.start, &table.length
	next, width := lzwFirst, uint(9)
	held, bits := uint32(0), uint(0)
	previous, previousLength := 0, 0
	out := 0
	for out < len(dst) {
		for bits < width {
			if len(src) == 0 {
				return errTooShort
			}
			held, bits, src = held<<8|uint32(src[0]), bits+8, src[1:]
		}
		code := int(held >> (bits - width) & (1<<width - 1))
		bits -= width
		if code == lzwEnd {
			return errTooShort
		}
		if code == lzwClear {
			next, width, previousLength = lzwFirst, 9, 0
			continue
		}
		from, n := out, 1
		switch {
		case code < lzwClear:
			dst[out] = byte(code)
		case code < next:
			from, n = start[code], length[code]
		case code == next && previousLength > 0:
			from, n = previous, previousLength+1
		default:
			return fmt.Errorf("LZW: code %d before it is defined", code)
		}
		at := out
		if code >= lzwClear {
			n = min(n, len(dst)-out)
			// Byte by byte: the last byte of the string may be its own first.
			for i := range n {
				dst[out+i] = dst[from+i]
			}
		}
		out += n
		if previousLength > 0 && next < lzwCodes {
			start[next], length[next] = previous, previousLength+1
			next++
		}
		if next+1 >= 1<<width && width < 12 {
			width++
		}
		previous, previousLength = at, n
	}
	return nil
}
