package deflate

import (
	"encoding/binary"
	"math/bits"
)

const (
	// ring is how many events are remembered, those ahead included: nearly a
	// window of uint16 samples where none is zero.
	ring     = 1 << 14
	ringMask = ring - 1
	// batch is how many events are read at a time, ahead is how many are there
	// at least unless src ends: a match of 258 bytes, and a few.
	batch = 2048
	ahead = 272
	// history is how far back an event is still in the ring.
	history = ring - batch - ahead - 16
	// maxGap is the most zeros of an event, or a few more: the last of so many
	// is an event of its own. All events of the ring are then less than 2^32
	// samples apart.
	maxGap = 1 << 15
	// noEvent is the sample that ends the events. It is like no other.
	noEvent = 1 << 47
)

// event is a sample that is not zero and the zeros that follow it.
type event struct {
	what uint64 // sample<<16 | zeros
	at   uint32 // samples before it; the lower 32 bits
	cost uint32 // bits of all before it as literals and runs; the lower 32
}

func (e *event) zeros() uint32 { return uint32(e.what & 0xffff) }

// events are those of src, the last of them in a ring. The first has number 1;
// number 0 has the zeros before it.
type events struct {
	src  []byte
	log  uint   // a sample has 1<<log bytes: 1, 2 or 4
	most uint32 // samples of a match, at most
	far  uint32 // samples that a match may be away
	in   int    // bytes of src that were looked at
	n    uint32 // number of the newest
	done bool   // the newest is noEvent
	ring [ring]event
}

func (e *events) start(src []byte, log uint) {
	e.src, e.log, e.in, e.n, e.done = src, log, 0, 0, false
	e.most, e.far = maxMatch>>log, window>>log
	e.ring[0] = event{what: (noEvent | 1) << 16, at: ^uint32(0)}
}

func (e *events) get(i uint32) *event { return &e.ring[i&ringMask] }

// read gets the next batch.
func (e *events) read(m *model) {
	for limit := e.n + batch; int32(limit-e.n) > 0; {
		if !e.word(m) {
			e.rest(m)
			return
		}
	}
}

// word looks for the next 8 bytes that are not all zero, though not for ever,
// and is false where fewer are left.
func (e *events) word(m *model) bool {
	src, in := e.src, e.in
	for end := min(len(src)-8, in+maxGap); in <= end; in += 8 {
		w := binary.LittleEndian.Uint64(src[in:])
		if w == 0 {
			continue
		}
		e.in = in + 8
		e.samples(w, uint32(in>>e.log), m)
		return true
	}
	e.in = in
	e.bound(uint32(in>>e.log), m)
	return in <= len(src)-8
}

// bound makes an event of the zero before at where the last event is far.
func (e *events) bound(at uint32, m *model) {
	if at-e.get(e.n).at > maxGap {
		e.add(0, at-1, m)
	}
}

// samples adds those of a word that are not zero.
func (e *events) samples(w uint64, at uint32, m *model) {
	e.bound(at, m)
	switch e.log {
	case 0:
		for w != 0 {
			lane := uint(bits.TrailingZeros64(w)) &^ 7
			e.add(w>>lane&0xff, at+uint32(lane>>3), m)
			w &^= 0xff << lane
		}
	case 1:
		for w != 0 {
			lane := uint(bits.TrailingZeros64(w)) &^ 15
			e.add(w>>lane&0xffff, at+uint32(lane>>4), m)
			w &^= 0xffff << lane
		}
	default:
		if v := w & 0xffffffff; v != 0 {
			e.add(v, at, m)
		}
		if v := w >> 32; v != 0 {
			e.add(v, at+1, m)
		}
	}
}

// add appends a sample, and gives the last one the zeros between them.
func (e *events) add(v uint64, at uint32, m *model) {
	last := e.get(e.n)
	gap := at - last.at - 1
	last.what |= uint64(gap)
	e.n++
	*e.get(e.n) = event{v << 16, at, last.cost + m.sample(last.what) + m.zeros(gap<<e.log)}
}

// rest adds the whole samples of the last bytes, and what ends the events.
func (e *events) rest(m *model) {
	for size := 1 << e.log; e.in+size <= len(e.src); e.in += size {
		v := uint64(0)
		for k, b := range e.src[e.in : e.in+size] {
			v |= uint64(b) << (8 * k)
		}
		if v != 0 {
			e.samples(v, uint32(e.in>>e.log), m)
		}
	}
	e.add(noEvent, uint32(e.in>>e.log), m)
	// A hash looks further.
	*e.get(e.n + 1), *e.get(e.n + 2) = *e.get(e.n), *e.get(e.n)
	e.done = true
}
