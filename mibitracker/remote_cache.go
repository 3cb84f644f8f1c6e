package mibitracker

import (
	"cmp"
	"math"
	"slices"
)

// span is a piece of a file: the bytes from one offset up to, and without,
// another.
type span struct{ from, to int64 }

func (s span) length() int64 { return s.to - s.from }

// maxLoose is how many bytes of what was read in passing are kept of a file.
const maxLoose = 4 << 20

// cache is what is known of a file: pieces in the file's order that do not
// overlap. Pinned pieces stay; of the others, those used last.
type cache struct {
	pieces []piece
	loose  int64 // bytes of the pieces that are not pinned
	clock  uint64
}

type piece struct {
	offset int64
	data   []byte
	pinned bool
	used   uint64
}

func (p piece) end() int64 { return p.offset + int64(len(p.data)) }

// at is the index of the first piece that ends behind an offset.
func (c *cache) at(off int64) int {
	i, _ := slices.BinarySearchFunc(c.pieces, off, func(p piece, off int64) int {
		if p.end() <= off {
			return -1
		}
		return 1
	})
	return i
}

// read copies what is known from an offset on, of one piece.
func (c *cache) read(p []byte, off int64) int {
	i := c.at(off)
	if i == len(c.pieces) || c.pieces[i].offset > off {
		return 0
	}
	c.clock++
	c.pieces[i].used = c.clock
	return copy(p, c.pieces[i].data[off-c.pieces[i].offset:])
}

// next is where the first piece behind an unknown offset begins.
func (c *cache) next(off int64) int64 {
	if i := c.at(off); i < len(c.pieces) {
		return max(c.pieces[i].offset, off)
	}
	return math.MaxInt64
}

// missing are the parts of s that are not known.
func (c *cache) missing(s span) []span {
	var out []span
	for i := c.at(s.from); s.from < s.to; i++ {
		if i == len(c.pieces) || c.pieces[i].offset >= s.to {
			return append(out, s)
		}
		if p := c.pieces[i]; p.offset > s.from {
			out = append(out, span{s.from, p.offset})
		}
		s.from = c.pieces[i].end()
	}
	return out
}

// add keeps data, or those parts of it that are not known yet.
func (c *cache) add(off int64, data []byte, pinned bool) {
	for _, s := range c.missing(span{off, off + int64(len(data))}) {
		c.clock++
		p := piece{s.from, data[s.from-off : s.to-off], pinned, c.clock}
		c.pieces = slices.Insert(c.pieces, c.at(s.from), p)
		if !pinned {
			c.loose += s.length()
		}
	}
	for c.loose > maxLoose {
		c.forget()
	}
}

// forget drops the quarter of the loose pieces that was not used for longest:
// looking for one at a time would cost a walk for each.
func (c *cache) forget() {
	var loose []piece
	for _, p := range c.pieces {
		if !p.pinned {
			loose = append(loose, p)
		}
	}
	slices.SortFunc(loose, func(a, b piece) int { return cmp.Compare(a.used, b.used) })
	last := loose[len(loose)/4].used
	c.pieces = slices.DeleteFunc(c.pieces, func(p piece) bool {
		drop := !p.pinned && p.used <= last
		if drop {
			c.loose -= int64(len(p.data))
		}
		return drop
	})
}
