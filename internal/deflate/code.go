package deflate

import "encoding/binary"

// count counts the symbols of the block.
func (b *block) count() {
	clear(b.lits.counts[:])
	clear(b.dists.counts[:])
	for _, t := range b.tokens[:b.n] {
		if t < isMatch {
			b.lits.counts[t&255]++
			continue
		}
		b.lits.counts[endBlock+1+int(lengthSymbol[t>>16&255])]++
		b.dists.counts[distSymbolOf(t&(window-1)+1)]++
	}
	b.lits.counts[endBlock]++
}

// size is that of the coded tokens, in bits.
func (b *block) size() int {
	size := b.extra()
	for s, n := range b.lits.counts {
		size += int(n) * int(b.lits.lengths[s])
	}
	for s, n := range b.dists.counts {
		size += int(n) * int(b.dists.lengths[s])
	}
	return size
}

// fixedSize is what size would be with the fixed codes.
func (b *block) fixedSize() int {
	var lits [maxLit]uint8
	var dists [maxDist]uint8
	fixedLengths(&lits, &dists)
	size := b.extra()
	for s, n := range b.lits.counts {
		size += int(n) * int(lits[s])
	}
	for _, n := range b.dists.counts {
		size += int(n) * 5
	}
	return size
}

// extra is the bits that follow the codes of lengths and distances.
func (b *block) extra() int {
	size := 0
	for s, extra := range lengthExtra {
		size += int(b.lits.counts[endBlock+1+s]) * int(extra)
	}
	for s, extra := range distExtra {
		size += int(b.dists.counts[s]) * int(extra)
	}
	return size
}

// fixedLengths are those of RFC 1951, section 3.2.6.
func fixedLengths(lits *[maxLit]uint8, dists *[maxDist]uint8) {
	for s := range lits {
		switch {
		case s >= 144 && s < 256:
			lits[s] = 9
		case s >= 256 && s < 280:
			lits[s] = 7
		default:
			lits[s] = 8
		}
	}
	for s := range dists {
		dists[s] = 5
	}
}

// code writes the tokens and the end of the block, for which there is room.
func (b *block) code() {
	codesOf(b.lits.lengths[:], b.lits.codes[:])
	codesOf(b.dists.lengths[:], b.dists.codes[:])
	// A length's code with its extra bits is one of at most 20.
	var lengths [256]uint32
	for i, s := range lengthSymbol {
		c := b.lits.codes[endBlock+1+int(s)]
		n := c & 255
		lengths[i] = (c>>8|(uint32(i)-lengthBase[s])<<n)<<8 | (n + uint32(lengthExtra[s]))
	}
	acc, n := b.acc, uint64(b.held)
	p, out := len(b.out), b.out[:cap(b.out)]
	for _, t := range b.tokens[:b.n] {
		if t < isMatch {
			c := b.lits.codes[t&255]
			acc |= uint64(c>>8) << (n & 63)
			n += uint64(c & 255)
		} else {
			c := lengths[t>>16&255]
			acc |= uint64(c>>8) << (n & 63)
			n += uint64(c & 255)
			t &= window - 1
			s := distSymbolOf(t + 1)
			c = b.dists.codes[s]
			acc |= (uint64(c>>8) | uint64(t-distBase[s])<<(c&63)) << (n & 63)
			n += uint64(c&255) + uint64(distExtra[s])
		}
		// At most 7 bits and 48 more: whole bytes are written with what follows
		// them, which is written again.
		binary.LittleEndian.PutUint64(out[p:], acc)
		p += int(n >> 3)
		acc >>= n &^ 7 & 63
		n &= 7
	}
	b.out, b.acc, b.held = out[:p], acc, uint(n)
	c := b.lits.codes[endBlock]
	b.put(uint64(c>>8), uint(c&255))
}
