package columns

import (
	"cmp"
	"math"
	"slices"
)

// Order is one step of an ordering. Without a column it is the row's own
// position.
type Order struct {
	Column Column
	Desc   bool
}

// pass is one key of an ordering.
type pass struct {
	Order

	step, left int // left are the steps of the column that follow
}

// after is what decides between rows of equal keys in the first of passes. A
// key whose last byte is 0 has come to its text's end, or there is none: then
// the column's other steps say nothing.
func after(passes []pass, key uint64) []pass {
	p := passes[0]
	if p.Desc {
		key = ^key
	}
	if key&0xff == 0 {
		return passes[1+p.left:]
	}
	return passes[1:]
}

func (p pass) keys(rows []uint32, out []uint64) {
	if p.Column == nil {
		for i, row := range rows {
			out[i] = uint64(row)
		}
	} else {
		p.Column.Keys(p.step, rows, out)
	}
	if p.Desc {
		for i := range out {
			out[i] = ^out[i]
		}
	}
}

// Page returns the rows from place lo to before hi, of rows in an order. The
// order must end with that of positions, so that it is total. It changes rows,
// which are in ascending order, and what it returns lies in them.
func Page(rows []uint32, order []Order, lo, hi int, scratch *Scratch) []uint32 {
	hi = min(hi, len(rows))
	if lo >= hi {
		return nil
	}
	if order[0].Column == nil {
		if order[0].Desc {
			page := rows[len(rows)-hi : len(rows)-lo]
			slices.Reverse(page)
			return page
		}
		return rows[lo:hi]
	}
	var passes []pass
	for _, o := range order {
		steps := 1
		if o.Column != nil {
			steps = o.Column.Steps()
		}
		for step := range steps {
			passes = append(passes, pass{o, step, steps - 1 - step})
		}
	}
	for len(rows) > few && hi-lo < len(rows)/8 {
		if passes[0].Column == nil { // they are in this order, or its reverse
			return Page(rows, []Order{passes[0].Order}, lo, hi, scratch)
		}
		near, before, key, equal := passes[0].near(rows, lo, hi, scratch)
		if near == nil {
			break
		}
		rows, lo, hi = near, lo-before, hi-before
		if !equal {
			break
		}
		passes = after(passes, key)
	}
	return pick(rows, passes, lo, hi, scratch)
}

const (
	buckets = 1 << 12
	few     = 1 << 11 // rows that are sorted rather than spread over buckets
	sampled = 1 << 11
	chunk   = 1 << 10
)

// near returns the rows whose keys are about those of the page, in ascending
// order, and how many come before them; nil if the sample that it takes did
// not tell. The rows stay as they are. equal: they all have the key.
func (p pass) near(rows []uint32, lo, hi int, scratch *Scratch) (near []uint32, before int, key uint64, equal bool) {
	var sample [sampled]uint32
	var keys [sampled]uint64
	for i := range sample {
		sample[i] = rows[i*len(rows)/sampled]
	}
	p.keys(sample[:], keys[:])
	slices.Sort(keys[:])
	// Four standard deviations of what a sample may be wrong by.
	slack := func(place int) int {
		q := float64(place) / float64(len(rows))
		return int(4*math.Sqrt(q*(1-q)*sampled)) + 4
	}
	least, greatest := uint64(0), uint64(math.MaxUint64)
	if i := lo*sampled/len(rows) - slack(lo); i >= 0 {
		least = keys[i]
	}
	if i := hi*sampled/len(rows) + slack(hi); i < sampled {
		greatest = keys[i]
	}
	near = scratch.nearFor(len(rows))
	n := 0
	for from := 0; from < len(rows); from += chunk {
		part := rows[from:min(from+chunk, len(rows))]
		p.keys(part, keys[:len(part)])
		for i, key := range keys[:len(part)] {
			near[n] = part[i]
			if key >= least && key <= greatest {
				n++
			}
			if key < least {
				before++
			}
		}
	}
	if before > lo || before+n < hi {
		return nil, 0, 0, false
	}
	return near[:n], before, least, least == greatest
}

// pick narrows rows down to those near the page, and sorts what is left.
func pick(rows []uint32, passes []pass, lo, hi int, scratch *Scratch) []uint32 {
	if lo >= hi {
		return nil
	}
	for len(rows) > few && hi-lo < len(rows)/2 {
		keys := scratch.keysFor(len(rows))
		passes[0].keys(rows, keys)
		least, greatest := slices.Min(keys), slices.Max(keys)
		if least == greatest {
			passes = after(passes, least) // the same for all: the next key decides
			continue
		}
		s := spreadOver(keys, least, greatest)
		before, first := s.bucketOf(lo)
		end, last := s.bucketOf(hi - 1)
		end += s.count[last]
		n := 0
		for i, key := range keys {
			rows[n], keys[n] = rows[i], key
			if b := s.bucket(key); b >= first && b <= last {
				n++
			}
		}
		rows, keys = rows[:n], keys[:n]
		lo, hi, end = lo-before, hi-before, end-before
		if first == last {
			continue
		}
		// The page begins in one bucket and ends in another: whole is what lies
		// between them.
		a, b := s.count[first], s.count[last]
		s.part(rows, keys, first, last)
		whole := rows[a : n-b]
		arrange(whole, passes, make([]keyed, len(whole)))
		page := make([]uint32, 0, hi-lo)
		page = append(page, pick(rows[:a], passes, lo, a, scratch)...)
		page = append(page, whole...)
		return append(page, pick(rows[n-b:], passes, 0, hi-(end-b), scratch)...)
	}
	arrange(rows, passes, make([]keyed, len(rows)))
	return rows[lo:hi]
}

// spread is keys counted in buckets of equal width.
type spread struct {
	least uint64
	shift int
	count [buckets]int
}

func spreadOver(keys []uint64, least, greatest uint64) *spread {
	s := &spread{least: least}
	for (greatest-least)>>s.shift >= buckets {
		s.shift++
	}
	for _, key := range keys {
		s.count[s.bucket(key)]++
	}
	return s
}

func (s *spread) bucket(key uint64) int { return int((key - s.least) >> s.shift) }

// bucketOf finds the bucket of a place in the order, and how many come before it.
func (s *spread) bucketOf(place int) (before, bucket int) {
	for before+s.count[bucket] <= place {
		before += s.count[bucket]
		bucket++
	}
	return before, bucket
}

// part moves the rows of the first bucket to the front, those of the last to
// the end.
func (s *spread) part(rows []uint32, keys []uint64, first, last int) {
	front, end := 0, len(rows)
	for i := 0; i < end; {
		switch s.bucket(keys[i]) {
		case first:
			rows[i], rows[front], keys[i], keys[front] = rows[front], rows[i], keys[front], keys[i]
			front++
			i++
		case last:
			end--
			rows[i], rows[end], keys[i], keys[end] = rows[end], rows[i], keys[end], keys[i]
		default:
			i++
		}
	}
}

// keyed is a row with its key.
type keyed struct {
	key uint64
	row uint32
}

// arrange sorts rows.
func arrange(rows []uint32, passes []pass, space []keyed) {
	if len(rows) < 2 {
		return
	}
	const part = 1 << 10
	var keys [part]uint64
	for i := 0; i < len(rows); i += part {
		chunk := rows[i:min(i+part, len(rows))]
		passes[0].keys(chunk, keys[:len(chunk)])
		for k, row := range chunk {
			space[i+k] = keyed{keys[k], row}
		}
	}
	slices.SortFunc(space, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
	for i, k := range space {
		rows[i] = k.row
	}
	if len(passes) == 1 {
		return
	}
	for i := 0; i < len(space); {
		j := i + 1
		for j < len(space) && space[j].key == space[i].key {
			j++
		}
		arrange(rows[i:j], after(passes, space[i].key), space[i:j])
		i = j
	}
}
