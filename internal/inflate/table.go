package inflate

import "math/bits"

const (
	maxLit  = 286 // literal and length codes of a dynamic block
	maxDist = 30  // distance codes of a dynamic block
	maxBits = 15  // the longest code

	litBits    = 11
	distBits   = 9
	lengthBits = 7

	// Behind the table that the first bits of a code index lie those for the
	// longer codes that share these bits. Each holds two codes at least, since
	// codes with gaps are refused.
	litTable    = 1<<litBits + 288/2<<(maxBits-litBits)
	distTable   = 1<<distBits + 32/2<<(maxBits-distBits)
	lengthTable = 1 << lengthBits

	endOfBlock = 256
)

// entry is what the next bits of a stream mean:
//
//	bits 0-7    how many bits that takes, extra bits included
//	bits 8-11   odd: how many of them are the code, or the bits that index the
//	            second table; distance: how many of them are the code
//	bits 12-14  odd: which
//	bit 15      odd: neither a literal, nor a length without extra bits to come,
//	            nor a distance
//	bits 16-30  literal, length, place of the second table
//	bits 16-31  distance
//	bit 31      literal
type entry uint32

const (
	literal entry = 1 << 31
	odd     entry = 1 << 15

	kind    entry = 7 << 12
	invalid entry = 0 << 12 // a code that does not exist
	end     entry = 1 << 12 // the end of the block
	second  entry = 2 << 12 // a code that is longer than the table's index
	extra   entry = 3 << 12 // a length with extra bits that are not in the index
)

// took is how many bits the entry takes.
func (e entry) took() uint { return uint(e & 63) }

// code is how many bits of them come before the extra bits.
func (e entry) code() uint { return uint(e >> 8 & 15) }

// extra returns the extra bits of the entry, which are among the next of held.
func (e entry) extra(held uint64) uint {
	return uint(held & (1<<(e.took()&63) - 1) >> (e.code() & 63))
}

// lengthCodes are base and extra bits of the codes from 257 on, distCodes those
// of the distances: RFC 1951, section 3.2.5.
var (
	lengthCodes = [...][2]uint16{
		{3, 0}, {4, 0}, {5, 0}, {6, 0}, {7, 0}, {8, 0}, {9, 0}, {10, 0}, {11, 1}, {13, 1},
		{15, 1}, {17, 1}, {19, 2}, {23, 2}, {27, 2}, {31, 2}, {35, 3}, {43, 3}, {51, 3}, {59, 3},
		{67, 4}, {83, 4}, {99, 4}, {115, 4}, {131, 5}, {163, 5}, {195, 5}, {227, 5}, {258, 0},
	}
	distCodes = [...][2]uint16{
		{1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 1}, {7, 1}, {9, 2}, {13, 2}, {17, 3}, {25, 3},
		{33, 4}, {49, 4}, {65, 5}, {97, 5}, {129, 6}, {193, 6}, {257, 7}, {385, 7}, {513, 8}, {769, 8},
		{1025, 9}, {1537, 9}, {2049, 10}, {3073, 10}, {4097, 11}, {6145, 11}, {8193, 12}, {12289, 12}, {16385, 13}, {24577, 13},
	}
)

// canon hands out the codes of RFC 1951, section 3.2.2, in the order of their
// symbols, with the first bit lowest.
type canon struct {
	next    [maxBits + 1]uint16
	longest int
	full    bool // every sequence of bits is a code
}

// newCanon refuses codes with gaps or overlaps, but for the two that zlib lets
// pass: no code at all, and a single one of one bit.
func newCanon(lengths []uint8) (canon, bool) {
	var c canon
	var count [maxBits + 1]int
	for _, n := range lengths {
		count[n&15]++
	}
	code := 0
	for n := 1; n <= maxBits; n++ {
		code <<= 1
		c.next[n] = uint16(code)
		code += count[n]
		if count[n] > 0 {
			c.longest = n
		}
	}
	c.full = code == 1<<maxBits
	return c, c.full || c.longest == 0 || c.longest == 1 && count[1] == 1
}

func (c *canon) take(n uint8) uint {
	code := c.next[n]
	c.next[n]++
	return uint(bits.Reverse16(code) >> (16 - n))
}

// link empties a table whose code has gaps, and points to the second tables for
// codes longer than width bits.
func (c *canon) link(table []entry, width int) (subWidth int) {
	if !c.full {
		for i := range 1 << width {
			table[i] = odd | invalid
		}
	}
	if c.longest <= width {
		return 0
	}
	subWidth = c.longest - width
	place := 1 << width
	for code := int(c.next[width+1] >> 1); code < 1<<width; code++ {
		table[bits.Reverse16(uint16(code))>>(16-width)] = odd | second | entry(place)<<16 | entry(subWidth)<<8
		place += 1 << subWidth
	}
	return subWidth
}

// put writes e wherever an index begins with the n bits of code.
func put(table []entry, width, subWidth int, code uint, n int, e entry) {
	if n > width {
		place := int(table[code&(1<<width-1)] >> 16)
		table = table[place : place+1<<subWidth]
		code, n, width = code>>width, n-width, subWidth
	}
	for ; code < 1<<width; code += 1 << n {
		table[code] = e
	}
}

func (d *Decoder) buildLit(lengths []uint8) bool {
	c, ok := newCanon(lengths)
	if !ok {
		return false
	}
	table := d.lit[:]
	sub := c.link(table, litBits)
	for symbol, n := range lengths {
		if n == 0 {
			continue
		}
		code, width := c.take(n), int(n)
		e := entry(n)
		switch {
		case symbol < endOfBlock:
			put(table, litBits, sub, code, width, literal|entry(symbol)<<16|e)
		case symbol == endOfBlock:
			put(table, litBits, sub, code, width, odd|end|e)
		case symbol >= endOfBlock+1+len(lengthCodes):
			put(table, litBits, sub, code, width, odd|invalid|e)
		default:
			base, more := entry(lengthCodes[symbol-endOfBlock-1][0]), int(lengthCodes[symbol-endOfBlock-1][1])
			if width+more > litBits {
				put(table, litBits, sub, code, width, odd|extra|base<<16|e<<8|entry(width+more))
				continue
			}
			for v := range 1 << more {
				put(table, litBits, sub, code|uint(v)<<n, width+more, (base+entry(v))<<16|entry(width+more))
			}
		}
	}
	return true
}

func (d *Decoder) buildDist(lengths []uint8) bool {
	c, ok := newCanon(lengths)
	if !ok {
		return false
	}
	table := d.dist[:]
	sub := c.link(table, distBits)
	for symbol, n := range lengths {
		if n == 0 {
			continue
		}
		code := c.take(n)
		e := odd | invalid | entry(n)
		if symbol < len(distCodes) {
			e = entry(distCodes[symbol][0])<<16 | entry(n)<<8 | entry(n) + entry(distCodes[symbol][1])
		}
		put(table, distBits, sub, code, int(n), e)
	}
	return true
}

// buildLength makes the table of the code in which code lengths come: it is
// small enough to need no second table.
func (d *Decoder) buildLength(lengths []uint8) bool {
	c, ok := newCanon(lengths)
	if !ok {
		return false
	}
	clear(d.length[:])
	for symbol, n := range lengths {
		if n == 0 {
			continue
		}
		for code := c.take(n); code < lengthTable; code += 1 << n {
			d.length[code] = uint8(symbol)<<3 | n
		}
	}
	return true
}
