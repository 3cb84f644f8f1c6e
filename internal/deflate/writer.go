package deflate

// writer writes bits, the first one lowest.
type writer struct {
	out  []byte
	acc  uint64
	held uint // bits in acc: less than 8 between calls
}

// put writes the lowest n bits of v, which has no others: 16 at most.
func (w *writer) put(v uint64, n uint) {
	w.acc |= v << w.held
	for w.held += n; w.held >= 8; w.held -= 8 {
		w.out = append(w.out, byte(w.acc))
		w.acc >>= 8
	}
}

// align fills up a byte that is begun.
func (w *writer) align() {
	if w.held > 0 {
		w.put(0, 8-w.held)
	}
}
