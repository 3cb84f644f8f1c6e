// Package inflate decodes deflate (RFC 1951) and zlib streams (RFC 1950) in one
// go: the whole stream is at hand and the size of what it decodes to is known,
// as it is for the strips and tiles of a TIFF.
//
// It is made for planes that are mostly zeros, where nearly every symbol is a
// match. It meets hostile bytes: every access is bounds-checked Go, and no input
// makes it panic, or write beyond the buffer that it is given.
package inflate

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/openmibi/openmibi/internal/adler"
)

var (
	// ErrCorrupt is wrapped by the error for bytes that are not a valid stream.
	ErrCorrupt = errors.New("corrupt deflate stream")
	// ErrTruncated is returned for a stream that ends before its last block or
	// its checksum does.
	ErrTruncated = errors.New("deflate stream ends too early")
	// ErrTooLong is returned for a stream that decodes to more bytes than the
	// buffer has.
	ErrTooLong = errors.New("deflate stream holds more bytes than expected")
	// ErrTooShort is returned for a whole stream that decodes to fewer bytes
	// than the buffer has.
	ErrTooShort = errors.New("deflate stream holds fewer bytes than expected")
	// ErrChecksum is returned for a stream whose Adler-32 is not that of its
	// bytes.
	ErrChecksum = errors.New("wrong Adler-32 checksum")
)

const (
	// piece is how many bytes are decoded before they are summed: while they
	// are still in the cache.
	piece = 32 << 10
	// askBytes and askBlocks are how much is decoded before the context is
	// asked again. Blocks count because they may be empty.
	askBytes  = 1 << 20
	askBlocks = 1 << 10
)

// Decoder holds the tables of a stream, about 24 KB, for the next one to use
// again. The zero value is ready. It is for one goroutine at a time.
type Decoder struct {
	src, dst []byte
	in, out  int    // how much of src is in bits or before it; how much of dst is done
	bits     uint64 // the next bits of the stream, the first one lowest
	nbits    uint   // how many of bits count; those above are zero or what src has next

	sink   sink
	adler  adler.Sum
	check  bool // whether the Adler-32 is wanted
	summed int  // how much of dst is in adler
	asked  int  // value of out when the context was last asked

	fixed   bool // the tables are those of RFC 1951, section 3.2.6
	lit     [litTable]entry
	dist    [distTable]entry
	length  [lengthTable]uint8 // of the code of code lengths: symbol<<3 | bits
	lengths [maxLit + maxDist]uint8

	window []byte                            // of ZlibPieces
	next   func(rest []byte) ([]byte, error) // of ZlibParts; nil where src is the rest of the stream
}

// Zlib decodes the zlib stream at the beginning of src into dst, which it must
// fill exactly, and checks its Adler-32. It returns how many bytes of src the
// stream takes; what follows them is not looked at. A stream that asks for a
// preset dictionary is corrupt, unless it asks for the empty one.
//
// Errors are ErrCorrupt, ErrTruncated, ErrTooLong, ErrTooShort, ErrChecksum or
// the context's, which is asked about once for each MiB. After an error the
// bytes of dst mean nothing.
func (d *Decoder) Zlib(ctx context.Context, dst, src []byte) (int, error) {
	in, err := zlibHead(src)
	if err != nil {
		return 0, err
	}
	d.start(dst, src, in)
	defer d.release()
	return d.zlib(ctx)
}

// Raw is [Decoder.Zlib] for a deflate stream without head and checksum.
func (d *Decoder) Raw(ctx context.Context, dst, src []byte) (int, error) {
	d.start(dst, src, 0)
	defer d.release()
	if err := d.blocks(ctx); err != nil {
		return 0, err
	}
	if d.out < len(dst) {
		return 0, ErrTooShort
	}
	return d.in, nil
}

// zlibHead returns where the deflate stream begins.
func zlibHead(src []byte) (int, error) {
	if len(src) < 2 {
		return 0, ErrTruncated
	}
	head := binary.BigEndian.Uint16(src)
	if head>>8&15 != 8 || head>>12 > 7 || head%31 != 0 {
		return 0, corrupt("not the head of a zlib stream")
	}
	if head&0x20 == 0 {
		return 2, nil
	}
	if len(src) < 6 {
		return 0, ErrTruncated
	}
	if binary.BigEndian.Uint32(src[2:]) != 1 {
		return 0, corrupt("it needs a preset dictionary")
	}
	return 6, nil
}

// zlib decodes what follows the head.
func (d *Decoder) zlib(ctx context.Context) (int, error) {
	d.check = true
	if err := d.blocks(ctx); err != nil {
		return 0, err
	}
	if err := d.flush(); err != nil {
		return 0, err
	}
	if err := d.ahead(4); err != nil {
		return 0, err
	}
	if len(d.src)-d.in < 4 {
		return 0, ErrTruncated
	}
	if binary.BigEndian.Uint32(d.src[d.in:]) != d.adler.Sum32() {
		return 0, ErrChecksum
	}
	if d.missing() > 0 {
		return 0, ErrTooShort
	}
	return d.in + 4, nil
}

func (d *Decoder) start(dst, src []byte, in int) {
	d.src, d.dst, d.in, d.out = src, dst, in, 0
	d.bits, d.nbits = 0, 0
	d.sink, d.next = sink{}, nil
	d.adler, d.check, d.summed, d.asked = adler.New(), false, 0, 0
}

// release lets go of the caller's buffers.
func (d *Decoder) release() { d.src, d.dst, d.sink, d.next = nil, nil, sink{}, nil }

// pause takes stock of what was decoded, and asks the context.
func (d *Decoder) pause(ctx context.Context) error {
	if err := d.flush(); err != nil {
		return err
	}
	if d.out-d.asked < askBytes {
		return nil
	}
	d.asked = d.out
	return ctx.Err()
}

// flush sums what was decoded, and hands it on from the window, if there is one.
func (d *Decoder) flush() error {
	done := d.dst[d.summed:d.out]
	if d.check {
		d.adler.Write(done)
	}
	d.summed = d.out
	if d.sink.take == nil {
		return nil
	}
	return d.hand()
}

// missing is how many bytes the caller has not got.
func (d *Decoder) missing() int {
	if d.sink.take != nil {
		return d.sink.rest
	}
	return len(d.dst) - d.out
}

func corrupt(reason string) error { return fmt.Errorf("%w: %s", ErrCorrupt, reason) }
