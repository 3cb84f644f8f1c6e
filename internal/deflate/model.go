package deflate

// model is what symbols are expected to cost, in bits: what they did in the
// block before.
type model struct {
	log    uint // as that of events
	lit    [256]uint8
	length [maxMatch + 1]uint8 // with its extra bits
	dist   [maxDist]uint8      // with its extra bits
	run    [maxMatch + 1]uint8 // so many zero bytes after another
	asLit  [maxMatch + 1]bool  // which of them are best literals
}

// start guesses: small numbers, most of them zero.
func (m *model) start(log uint) {
	m.log = log
	for i := range m.lit {
		m.lit[i] = uint8(min(3+i, 11))
	}
	m.lit[0] = 2
	for i, s := range lengthSymbol {
		m.length[i+minMatch] = 6 + lengthExtra[s]
	}
	for s, extra := range distExtra {
		m.dist[s] = 4 + extra
	}
	m.dist[0] = 2
	m.runs()
}

// learn takes the lengths of a block's codes. What did not occur is dear.
func (m *model) learn(lits *[maxLit]uint8, dists *[maxDist]uint8) {
	or := func(n, none uint8) uint8 {
		if n == 0 {
			return none
		}
		return n
	}
	for i := range m.lit {
		m.lit[i] = or(lits[i], 13)
	}
	for i, s := range lengthSymbol {
		m.length[i+minMatch] = or(lits[endBlock+1+int(s)], 11) + lengthExtra[s]
	}
	for s, extra := range distExtra {
		m.dist[s] = or(dists[s], 9) + extra
	}
	m.runs()
}

func (m *model) runs() {
	for n := range m.run {
		cost := n * int(m.lit[0])
		m.asLit[n] = true
		if match := int(m.length[n]) + int(m.dist[0]); n >= minMatch && match < cost {
			cost = match
			m.asLit[n] = false
		}
		m.run[n] = uint8(cost)
	}
}

// zeros is the cost of so many zero bytes.
func (m *model) zeros(n uint32) uint32 {
	if n <= maxMatch {
		return uint32(m.run[n])
	}
	return n/maxMatch*uint32(m.run[maxMatch]) + uint32(m.run[n%maxMatch])
}

// sample is the cost of an event's literals.
func (m *model) sample(what uint64) uint32 {
	cost := uint32(m.lit[what>>16&0xff])
	if m.log > 0 {
		cost += uint32(m.lit[what>>24&0xff])
	}
	if m.log > 1 {
		cost += uint32(m.lit[what>>32&0xff]) + uint32(m.lit[what>>40&0xff])
	}
	return cost
}

// match is the cost of a match.
func (m *model) match(length, dist uint32) int {
	return int(m.length[length]) + int(m.dist[distSymbolOf(dist)])
}
