// Package deflate encodes zlib streams (RFC 1950) of deflate blocks (RFC 1951)
// in one go: all the bytes are at hand, as they are for the strips and tiles of
// a TIFF.
//
// It is made for planes of counts, most of them zero, and sees its input as
// they are made: as events, each a sample that is not zero with the zeros that
// follow it. Matches are looked for from event to event, never inside a run of
// zeros, and are taken where they cost fewer bits than the literals and runs
// that they stand for. Any other bytes come out right as well, only neither so
// fast nor so small.
package deflate

import (
	"encoding/binary"

	"github.com/openmibi/openmibi/internal/adler"
)

// Encoder holds the tables of a stream, less than half a MiB, for the next one
// to use again. The zero value is ready. It is for one goroutine at a time.
type Encoder struct {
	events events
	chains chains
	model  model
	block  block

	// rate is the share of what literals and runs would take that matches saved
	// in the block before, in 1/256.
	rate int
	// saved is what matches save in this block, in bits, and cost is that of
	// the event with which it begins.
	saved int64
	cost  uint32
}

// Zlib appends a zlib stream of src to dst and returns it. elem is the size of a
// sample in bytes, a hint: 2, 4 and 8 are used, any other is taken for 1, and
// src may end within a sample. It helps most where samples are little-endian.
//
// The same bytes and hint give the same stream, whatever the architecture and
// whatever was encoded before. It is at most [Bound] of src long.
func (e *Encoder) Zlib(dst, src []byte, elem int) []byte {
	dst = append(dst, 0x78, 0x9c) // a window of 32 KiB, the usual level
	dst = e.Raw(dst, src, elem)
	return binary.BigEndian.AppendUint32(dst, adler.Of(src))
}

// Raw is [Encoder.Zlib] for a deflate stream without head and checksum.
func (e *Encoder) Raw(dst, src []byte, elem int) []byte {
	log := uint(0)
	switch elem {
	case 2:
		log = 1
	case 4, 8: // of 8 bytes, a half is often zero
		log = 2
	}
	e.events.start(src, log)
	e.chains.start()
	e.model.start(log)
	e.block.start(dst, src)
	e.rate, e.saved, e.cost = 64, 0, 0
	e.parse()
	dst = e.block.end()
	e.events.src = nil
	return dst
}

// Bound is the most bytes that a zlib stream of n bytes takes: 5 for each begun
// 65535 of them, and 6 for head and checksum.
func Bound(n int) int { return n + 5*(n/maxStored+1) + 6 }
