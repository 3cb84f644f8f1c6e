package mibitracker

const (
	// firstRead is what is read of a file to begin with: a TIFF's header and,
	// mostly, the tags of its first page.
	firstRead = 4 << 10
	// leastRead and mostRead bound what a small read fetches: less than the
	// first costs no less, for a request has its own weight.
	leastRead, mostRead = 1 << 10, 256 << 10
	// bulkRead is the size from which a read is taken for what it says: content,
	// of which nothing else is wanted.
	bulkRead = 32 << 10
	// near is how far apart small reads may lie that belong together.
	near = 256
	// likeness is by how much the distances of places may differ that are taken
	// for equally far apart.
	likeness = 64
	// mostForetold bounds what is fetched because it was foretold, in bytes: it
	// has to fit in what is kept, and is made room for before anything of it came.
	mostForetold = maxLoose / 2
)

// pattern learns from the small reads of a file how much to read ahead. An
// index is read in many small steps that lie together, then at another place
// again: each place is about as long as those before it. Where the places are
// equally far apart, as in files without compression, it foretells the next.
type pattern struct {
	at       span     // the place being read
	lengths  [4]int64 // of the places before
	starts   [3]int64 // of the last places, the present one last
	places   int
	foretold int // how many places were foretold last time
}

// observe takes note of a read.
func (p *pattern) observe(off, n int64) {
	switch {
	case n >= bulkRead || n == 0:
	case p.places > 0 && off >= p.at.from && off <= p.at.to+near:
		p.at.to = max(p.at.to, off+n)
	default:
		if p.places > 0 {
			p.lengths[p.places%len(p.lengths)] = p.at.length()
		}
		p.at = span{off, off + n}
		p.starts = [3]int64{p.starts[1], p.starts[2], off}
		p.places++
	}
}

// length is what a place is expected to take.
func (p *pattern) length() int64 {
	longest := max(p.lengths[0], p.lengths[1], p.lengths[2], p.lengths[3])
	if longest == 0 {
		return 0
	}
	return longest + max(longest/16, near/4)
}

// ahead is how much to fetch for a small read at off that found nothing.
func (p *pattern) ahead(off int64) int64 {
	want := p.length()
	if p.at.from <= off {
		want = p.at.from + want - off
		// A place longer than expected: twice as much each time.
		if want < 0 {
			want = off - p.at.from
		}
	}
	return min(max(want, leastRead), mostRead)
}

// foretell gives the places to come, where those before were equally far
// apart. A place may lie as much before or behind its mark as those before
// differed, and more with each step; where that would cost much, it ends.
func (p *pattern) foretell(size int64) []span {
	first, second := p.starts[1]-p.starts[0], p.starts[2]-p.starts[1]
	length := p.length()
	drift := max(first-second, second-first, 4)
	if p.places < 3 || drift > likeness || length == 0 || second < 16*length {
		return nil
	}
	p.foretold = min(max(2*p.foretold, 4), 64)
	var out []span
	mark, total := p.at.from, int64(0)
	for k := range int64(p.foretold) {
		off := (k + 1) * drift
		if off > max(second/1024, 16) || second >= size-mark {
			break
		}
		mark += second
		s := span{mark - off, min(mark+length+off, size)}
		if total += s.length(); total > mostForetold {
			break
		}
		out = append(out, s)
	}
	return out
}
