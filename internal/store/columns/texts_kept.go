package columns

import (
	"crypto/sha256"
	"encoding/hex"
)

// longText is how many bytes of a text a column keeps: all of a name or a
// folder, and the beginning of a description. Somebody who writes long texts
// shall neither fill the memory nor make orderings slow.
const longText = 2048

// kept is what a column keeps of a text. A long one is told from others that
// begin alike by its hash, which also puts those in an order, though not in
// that of their bytes.
func kept(text string) string {
	if len(text) <= longText {
		return text
	}
	sum := sha256.Sum256([]byte(text))
	return text[:longText] + hex.EncodeToString(sum[:])
}

// leastSwept is how many bytes of texts there are before it is worth looking
// for those that no row has any more.
const leastSwept = 1 << 20

// sweep forgets values that no row has any more. It walks over all rows, so it
// is done when the values have doubled since.
func (c *Texts) sweep() {
	rows := c.codes.Len()
	used := make([]bool, len(c.values))
	for row := range rows {
		used[c.codes.At(uint32(row))] = true
	}
	fresh := make([]uint32, len(c.values))
	values := make([]string, 1, len(c.values))
	c.held = 0
	for code := 1; code < len(c.values); code++ {
		text := c.values[code]
		if !used[code] {
			delete(c.code, text)
			continue
		}
		fresh[code] = uint32(len(values))
		values, c.code[text] = append(values, text), fresh[code]
		c.held += len(text)
	}
	for row := range rows {
		c.codes.Set(uint32(row), fresh[c.codes.At(uint32(row))])
	}
	c.values, c.sweepAt = values, 2*c.held
	c.ranks.Store(nil)
}

// pack forgets bytes that no row has any more. It walks over all rows, so it is
// done when half of the bytes have been given up. Rows that share a text go on
// doing so.
func (c *Texts) pack() {
	live := 0
	moved := make(map[uint32]uint32)
	for row, size := range c.size {
		if size == noText || size == 0 {
			continue
		}
		if _, known := moved[c.start[row]]; !known {
			moved[c.start[row]] = 0
			live += int(size)
		}
	}
	clear(moved)
	bytes := make([]byte, 0, live+live/8)
	for row, size := range c.size {
		if size == noText || size == 0 {
			continue
		}
		to, known := moved[c.start[row]]
		if !known {
			to = uint32(len(bytes))
			moved[c.start[row]] = to
			bytes = append(bytes, c.bytes[c.start[row]:c.start[row]+size]...)
		}
		c.start[row] = to
	}
	for row, size := range c.size {
		if size == 0 {
			c.start[row] = 0
		}
	}
	c.bytes, c.dropped = bytes, 0
}
