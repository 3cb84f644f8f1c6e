package columns

// Range is some rows that follow each other: from Lo to before Hi.
type Range struct{ Lo, Hi uint32 }

// Scratch is room to work in. It may be used again, by one reader at a time.
type Scratch struct {
	rows, near []uint32
	keys       []uint64
}

// nearFor is room for n rows beside those of a scan. What an earlier call
// returned may be given up to it: rows are read before they are written.
func (s *Scratch) nearFor(n int) []uint32 {
	if cap(s.near) < n {
		s.near = make([]uint32, n+n/8)
	}
	return s.near[:n]
}

func (s *Scratch) keysFor(n int) []uint64 {
	if n > maxKept {
		return make([]uint64, n)
	}
	if cap(s.keys) < n {
		s.keys = make([]uint64, maxKept)
	}
	return s.keys[:n]
}

func (s *Scratch) rowsFor(n int) []uint32 {
	if cap(s.rows) < n {
		s.rows = make([]uint32, n+n/8)
	}
	return s.rows[:n]
}

// maxKept is up to how many keys there is room for: more are rarely needed.
const maxKept = 1 << 16

// block is how many rows go through all filters before the next ones: few
// enough to stay in the processor's cache.
const block = 1 << 12

// Scan returns the rows of ranges, which are in ascending order, that pass all
// filters. They lie in scratch.
func Scan(ranges []Range, filters []Filter, scratch *Scratch) []uint32 {
	total := 0
	for _, r := range ranges {
		total += int(r.Hi - r.Lo)
	}
	out, n := scratch.rowsFor(total), 0
	flush := func(from int) {
		rows := out[from:n]
		for _, keep := range filters {
			if len(rows) == 0 {
				break
			}
			rows = keep(rows)
		}
		n = from + len(rows)
	}
	from := 0
	for _, r := range ranges {
		for row := r.Lo; row < r.Hi; row++ {
			out[n] = row
			if n++; n-from == block {
				flush(from)
				from = n
			}
		}
	}
	flush(from)
	return out[:n]
}
