package deflate

import (
	"math/bits"
	"slices"
)

// huffman makes the lengths of prefix codes. It is room to work in.
type huffman struct {
	order  [maxLit]uint64 // count<<16 | symbol, rising
	weight [2 * maxLit]uint32
	parent [2 * maxLit]uint16
	depth  [2 * maxLit]uint8
}

// lengths gives symbols that occur so often the lengths of their codes, at most
// limit bits. Those that do not occur get 0; one that is alone gets 1.
func (h *huffman) lengths(counts []uint32, lengths []uint8, limit int) {
	clear(lengths)
	n := 0
	for s, count := range counts {
		if count > 0 {
			h.order[n] = uint64(count)<<16 | uint64(s)
			n++
		}
	}
	order := h.order[:n]
	if n < 2 {
		for _, o := range order {
			lengths[o&0xffff] = 1
		}
		return
	}
	slices.Sort(order)
	h.tree(order)

	var with [16]int // how many codes have this length
	for i := 2*n - 3; i >= 0; i-- {
		h.depth[i] = h.depth[h.parent[i]] + 1
		if i < n {
			with[min(int(h.depth[i]), limit)]++
		}
	}
	shorten(with[:limit+1])
	i := 0
	for l := limit; l > 0; l-- {
		for range with[l] {
			lengths[order[i]&0xffff] = uint8(l)
			i++
		}
	}
}

// tree joins the two least, again and again, and notes the parents. The leaves
// are in order; the inner nodes come after them, and rise as they are made.
func (h *huffman) tree(order []uint64) {
	n := len(order)
	leaf, inner := 0, n
	for made := n; made < 2*n-1; made++ {
		sum := uint32(0)
		for range 2 {
			if leaf < n && (inner == made || uint32(order[leaf]>>16) <= h.weight[inner]) {
				sum += uint32(order[leaf] >> 16)
				h.parent[leaf] = uint16(made)
				leaf++
			} else {
				sum += h.weight[inner]
				h.parent[inner] = uint16(made)
				inner++
			}
		}
		h.weight[made] = sum
	}
	h.depth[2*n-2] = 0
}

// shorten makes a prefix code possible where codes were cut to the last length:
// it splits the longest of the shorter ones, to hang one of the last below each.
func shorten(with []int) {
	limit := len(with) - 1
	used := 0
	for l := 1; l <= limit; l++ {
		used += with[l] << (limit - l)
	}
	for ; used > 1<<limit; used-- {
		l := limit - 1
		for with[l] == 0 {
			l--
		}
		with[l]--
		with[l+1] += 2
		with[limit]--
	}
}

// codesOf gives the canonical codes of these lengths (RFC 1951, section 3.2.2)
// as code<<8 | length, the code's first bit lowest.
func codesOf(lengths []uint8, codes []uint32) {
	var next, with [16]uint32
	for _, l := range lengths {
		with[l]++
	}
	with[0] = 0
	for l := 1; l < 16; l++ {
		next[l] = (next[l-1] + with[l-1]) << 1
	}
	for s, l := range lengths {
		codes[s] = 0
		if l > 0 {
			codes[s] = uint32(bits.Reverse16(uint16(next[l])))>>(16-l)<<8 | uint32(l)
			next[l]++
		}
	}
}
