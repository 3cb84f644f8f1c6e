package deflate

const (
	hashBits   = 14
	recentBits = 9
)

// chains hold the events that came before and look alike: by their hash, the
// newest first.
type chains struct {
	// head holds what is left of a hash<<16 | the lower bits of the newest
	// event's number. What is there by chance is compared before it is used.
	head [1 << hashBits]uint32
	back [ring]uint16 // how far it is to the next one of the chain, 0 for none
	// recent holds the newest event of each value of 4 bytes, by a hash.
	recent [1 << recentBits]uint32
	before uint32 // the one there was of the last event's value, 0 for none
	last   uint32 // hash of the event before
}

func (c *chains) start() {
	clear(c.head[:])
	clear(c.recent[:])
	c.last, c.before = 0, 0
}

// hash is of two events of 4 bytes or of three smaller ones, less the zeros
// after the last of them. Fewer are not worth a match.
func (e *events) hash(i uint32) uint32 {
	const a, b = 0x9e3779b97f4a7c15, 0xd6e8feb86659fd93
	this, next := e.get(i).what, e.get(i+1).what
	if e.log == 2 {
		return uint32((this ^ next>>16*b) * a >> 32)
	}
	third := e.get(i+2).what >> 16
	return uint32(((this*a^next)*b ^ third<<40) * a >> 32)
}

// insert adds an event and returns how far it is to the newest one of its
// chain, 0 for none. It leaves out what goes on like the event before, or a run
// of them would hide all others.
func (e *Encoder) insert(i uint32) uint32 {
	ev, c := &e.events, &e.chains
	h := ev.hash(i)
	if ev.log == 2 {
		recent := c.value(ev.get(i).what)
		c.before, *recent = *recent, i
	}
	head := &c.head[h>>(32-hashBits)]
	away := uint32(0)
	if (*head^h<<16)>>16 == 0 {
		away = (i - *head) & 0xffff
		if away >= history || away >= i {
			away = 0
		}
	}
	if h == c.last && ev.get(i).what == ev.get(i-1).what {
		c.back[i&ringMask] = 0
		return away
	}
	c.last = h
	*head = h<<16 | i&0xffff
	c.back[i&ringMask] = uint16(away)
	return away
}

// value is the place of an event's sample among the recent ones.
func (c *chains) value(what uint64) *uint32 {
	return &c.recent[(what>>16)*0x9e3779b97f4a7c15>>(64-recentBits)]
}
