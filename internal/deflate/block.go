package deflate

import "slices"

const (
	// A block has so many tokens, the first one fewer, as nothing is known
	// before it.
	maxTokens   = 1 << 14
	firstTokens = 1 << 12
	// slack is more than what is added between two checks.
	slack = 1 << 10
	// breakCost is what a block between two that are stored may add to them: to
	// fill up a byte, twice, and a head of 4 bytes.
	breakCost = 8 * 6
	isMatch   = 1 << 31
)

// alphabet counts the symbols of a block and codes them.
type alphabet[C [maxLit]uint32 | [maxDist]uint32, L [maxLit]uint8 | [maxDist]uint8] struct {
	counts  C
	lengths L
	codes   C
}

// block collects tokens and writes them.
type block struct {
	writer
	src    []byte
	at     int // bytes of src that the tokens stand for
	from   int // where this block begins
	stored int // where the bytes begin that are to be stored before it

	n      int
	tokens [maxTokens + slack]uint32 // a literal, or isMatch | length-3<<16 | distance-1
	lits   alphabet[[maxLit]uint32, [maxLit]uint8]
	dists  alphabet[[maxDist]uint32, [maxDist]uint8]

	huffman huffman
	head    head
}

func (b *block) start(dst, src []byte) {
	b.writer = writer{out: dst}
	b.src, b.at, b.from, b.stored, b.n = src, 0, 0, 0, 0
}

// end writes what is left and returns all.
func (b *block) end() []byte {
	b.write(true)
	b.align()
	out := b.out
	b.out, b.src = nil, nil
	return out
}

func (b *block) full() bool {
	return b.n >= maxTokens || b.from == 0 && b.n >= firstTokens
}

func (b *block) literal(v uint8) {
	b.tokens[b.n] = uint32(v)
	b.n++
	b.at++
}

// sample puts a sample's bytes, 1<<log of them.
func (b *block) sample(v uint64, log uint) {
	t := b.tokens[b.n : b.n+4]
	t[0] = uint32(v & 0xff)
	if log > 0 {
		t[1] = uint32(v >> 8 & 0xff)
	}
	if log > 1 {
		t[2] = uint32(v >> 16 & 0xff)
		t[3] = uint32(v >> 24 & 0xff)
	}
	b.n += 1 << log
	b.at += 1 << log
}

// match puts a match; length and distance are in bytes.
func (b *block) match(length, dist uint32) {
	b.tokens[b.n] = isMatch | (length-minMatch)<<16 | (dist - 1)
	b.n++
	b.at += int(length)
}

// write ends the block: it codes the tokens, or leaves their bytes to be stored
// together with those of the blocks around.
func (b *block) write(last bool) {
	b.count()
	b.huffman.lengths(b.lits.counts[:], b.lits.lengths[:], 15)
	b.huffman.lengths(b.dists.counts[:], b.dists.lengths[:], 15)
	b.head.describe(b.lits.lengths[:], b.dists.lengths[:], &b.huffman)
	size := b.head.size + b.size()
	kind := uint64(2)
	if fixed := b.fixedSize(); fixed <= size {
		size, kind = fixed, 1
		fixedLengths(&b.lits.lengths, &b.dists.lengths)
	}
	final := uint64(0)
	if last {
		final = 1
	}
	switch {
	case 3+size+breakCost <= 8*(b.at-b.from), last && b.at == 0:
		b.store(b.from, false)
		b.out = slices.Grow(b.out, size/8+16)
		b.put(final|kind<<1, 3)
		if kind == 2 {
			b.head.write(&b.writer)
		}
		b.code()
		b.stored = b.at
	case !last:
	case b.stored < b.at:
		b.store(b.at, true)
	default: // nothing is left: a fixed block that is empty
		b.put(final|1<<1, 3)
		b.put(0, 7)
	}
	b.n, b.from = 0, b.at
}

// store writes what waits to be stored, up to there.
func (b *block) store(to int, last bool) {
	for b.stored < to {
		n := min(to-b.stored, maxStored)
		final := uint64(0)
		if last && b.stored+n == to {
			final = 1
		}
		b.put(final, 3)
		b.align()
		b.put(uint64(n), 16)
		b.put(uint64(^uint16(n)), 16)
		b.out = append(b.out, b.src[b.stored:b.stored+n]...)
		b.stored += n
	}
}
