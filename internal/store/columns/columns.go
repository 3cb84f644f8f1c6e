// Package columns holds a table's fields in memory, a column each, and finds
// rows by them: those that match, how many there are, and a page of them in
// any order. All of it is a walk over arrays, so that no combination of
// filters and orderings is slow, and a count is exact without a cache.
//
// A row is known by its position. Who uses a table keeps writers away while it
// reads.
package columns

import "slices"

// Column orders rows: by its keys, and where those are equal by those of its
// next step.
type Column interface {
	// Steps is how many keys a row has at most.
	Steps() int
	// Keys writes the keys of some rows: smaller ones come first, and 0 is for
	// what has no value.
	Keys(step int, rows []uint32, out []uint64)
}

// Filter keeps those of some rows, in place, that match.
type Filter func(rows []uint32) []uint32

// Codes is a column of small numbers, such as ids: two bytes a row while all
// are below 1<<16.
type Codes struct {
	narrow []uint16
	wide   []uint32
}

// Len is how many rows there are.
func (c *Codes) Len() int { return len(c.narrow) + len(c.wide) }

// At is the number of a row.
func (c *Codes) At(row uint32) uint32 {
	if c.wide != nil {
		return c.wide[row]
	}
	return uint32(c.narrow[row])
}

// Append adds a row.
func (c *Codes) Append(v uint32) {
	if c.widen(v); c.wide != nil {
		c.wide = append(c.wide, v)
		return
	}
	c.narrow = append(c.narrow, uint16(v))
}

// Set changes a row.
func (c *Codes) Set(row, v uint32) {
	if c.widen(v); c.wide != nil {
		c.wide[row] = v
		return
	}
	c.narrow[row] = uint16(v)
}

func (c *Codes) widen(v uint32) {
	if v < 1<<16 || c.wide != nil {
		return
	}
	c.wide = make([]uint32, len(c.narrow), max(cap(c.narrow), 1))
	for i, v := range c.narrow {
		c.wide[i] = uint32(v)
	}
	c.narrow = nil
}

// Reserve makes room for rows.
func (c *Codes) Reserve(rows int) {
	if c.wide == nil && cap(c.narrow) < rows {
		c.narrow = append(make([]uint16, 0, rows), c.narrow...)
	}
}

// In keeps rows whose number match has.
func (c *Codes) In(match []bool) Filter {
	return func(rows []uint32) []uint32 {
		if c.wide != nil {
			return in(c.wide, match, rows)
		}
		return in(c.narrow, match, rows)
	}
}

func in[T uint16 | uint32](codes []T, match []bool, rows []uint32) []uint32 {
	n := 0
	for _, row := range rows {
		rows[n] = row
		if code := int(codes[row]); code < len(match) && match[code] {
			n++
		}
	}
	return rows[:n]
}

// Equal keeps rows that have one of some numbers.
func (c *Codes) Equal(numbers ...uint32) Filter {
	return func(rows []uint32) []uint32 {
		n := 0
		for _, row := range rows {
			rows[n] = row
			if slices.Contains(numbers, c.At(row)) {
				n++
			}
		}
		return rows[:n]
	}
}

// By orders rows by what their numbers stand for.
func (c *Codes) By(rank []uint64) Column { return ranked{c, rank} }

type ranked struct {
	codes *Codes
	rank  []uint64
}

// Steps implements [Column].
func (ranked) Steps() int { return 1 }

// Keys implements [Column].
func (r ranked) Keys(_ int, rows []uint32, out []uint64) {
	if r.codes.wide != nil {
		rankKeys(r.codes.wide, r.rank, rows, out)
		return
	}
	rankKeys(r.codes.narrow, r.rank, rows, out)
}

func rankKeys[T uint16 | uint32](codes []T, rank []uint64, rows []uint32, out []uint64) {
	for i, row := range rows {
		out[i] = 0
		if code := int(codes[row]); code < len(rank) {
			out[i] = rank[code]
		}
	}
}
