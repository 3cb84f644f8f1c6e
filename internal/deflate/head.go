package deflate

// The order in which the lengths of the code of code lengths are written
// (RFC 1951, section 3.2.7).
var codeOrder = [19]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// The symbols of runs among the code lengths, and the bits that follow them.
const (
	repeat    = 16 // the length before, 3 to 6 times
	fewZeros  = 17 // 3 to 10
	manyZeros = 18 // 11 to 138
)

var repeatBits = [19]uint8{repeat: 2, fewZeros: 3, manyZeros: 7}

// head is what a block with codes of its own begins with.
type head struct {
	size        int // in bits
	lits, dists int // how many lengths of each are given
	order       int // how many of codeOrder are given
	n           int
	runs        [maxLit + maxDist]uint16 // symbol | what follows it<<8
	lengths     [19]uint8
	codes       [19]uint32
}

// describe prepares the head for codes of these lengths.
func (h *head) describe(lits, dists []uint8, huffman *huffman) {
	h.lits, h.dists = len(lits)-2, len(dists)
	for h.lits > endBlock+1 && lits[h.lits-1] == 0 {
		h.lits--
	}
	for h.dists > 1 && dists[h.dists-1] == 0 {
		h.dists--
	}
	var all [maxLit + maxDist]uint8
	n := copy(all[:], lits[:h.lits])
	n += copy(all[n:], dists[:h.dists])
	h.n = 0
	for i := 0; i < n; {
		same := 1
		for i+same < n && all[i+same] == all[i] {
			same++
		}
		h.run(all[i], same)
		i += same
	}

	var counts [19]uint32
	for _, r := range h.runs[:h.n] {
		counts[r&255]++
	}
	huffman.lengths(counts[:], h.lengths[:], 7)
	codesOf(h.lengths[:], h.codes[:])
	h.order = len(codeOrder)
	for h.order > 4 && h.lengths[codeOrder[h.order-1]] == 0 {
		h.order--
	}
	h.size = 14 + 3*h.order
	for s, c := range counts {
		h.size += int(c) * int(h.lengths[s]+repeatBits[s])
	}
}

// run adds a length that is there so many times.
func (h *head) run(length uint8, times int) {
	add := func(symbol, follows int) {
		h.runs[h.n] = uint16(symbol | follows<<8)
		h.n++
	}
	if length > 0 {
		add(int(length), 0)
		times--
	}
	for times >= 3 {
		n := min(times, 6)
		switch {
		case length > 0:
			if rest := times - n; rest == 1 || rest == 2 {
				n -= 3 - rest // two runs rather than a rest of single ones
			}
			add(repeat, n-3)
		case times < 11:
			n = min(times, 10)
			add(fewZeros, n-3)
		default:
			n = min(times, 138)
			add(manyZeros, n-11)
		}
		times -= n
	}
	for range times {
		add(int(length), 0)
	}
}

func (h *head) write(w *writer) {
	w.put(uint64(h.lits-endBlock-1), 5)
	w.put(uint64(h.dists-1), 5)
	w.put(uint64(h.order-4), 4)
	for _, s := range codeOrder[:h.order] {
		w.put(uint64(h.lengths[s]), 3)
	}
	for _, r := range h.runs[:h.n] {
		c := h.codes[r&255]
		w.put(uint64(c>>8), uint(c&255))
		w.put(uint64(r>>8), uint(repeatBits[r&255]))
	}
}
