package columns

import (
	"math"
	"slices"
)

// Numbers is a column of numbers as keys that order like them: see [FloatKey]
// and [IntKey]. While few are distinct a row takes two bytes, else eight.
type Numbers struct {
	codes  Codes
	values []uint64
	code   map[uint64]uint32
	raw    []uint64
}

// None is the key of a row without a value.
const None uint64 = 0

// FloatKey is the key of a number, which is no NaN.
func FloatKey(v float64) uint64 {
	if v == 0 {
		v = 0 // and not -0, which equals it
	}
	if bits := math.Float64bits(v); bits>>63 == 0 {
		return bits | 1<<63
	} else {
		return ^bits
	}
}

// IntKey is the key of an integer.
func IntKey(v int64) uint64 { return max(uint64(v)^(1<<63), 1) }

// maxDistinct is up to how many values a column keeps each once.
const maxDistinct = 1 << 16

// Len is how many rows there are.
func (c *Numbers) Len() int {
	if c.raw != nil {
		return len(c.raw)
	}
	return c.codes.Len()
}

// At is the key of a row.
func (c *Numbers) At(row uint32) uint64 {
	if c.raw != nil {
		return c.raw[row]
	}
	return c.values[c.codes.At(row)]
}

// Append adds a row.
func (c *Numbers) Append(key uint64) {
	if code, ok := c.intern(key); ok {
		c.codes.Append(code)
		return
	}
	c.raw = append(c.raw, key)
}

// Set changes a row.
func (c *Numbers) Set(row uint32, key uint64) {
	if code, ok := c.intern(key); ok {
		c.codes.Set(row, code)
		return
	}
	c.raw[row] = key
}

// Reserve makes room for rows.
func (c *Numbers) Reserve(rows int) { c.codes.Reserve(rows) }

func (c *Numbers) intern(key uint64) (uint32, bool) {
	if c.raw != nil {
		return 0, false
	}
	if code, known := c.code[key]; known {
		return code, true
	}
	if len(c.values) == maxDistinct {
		c.raw = make([]uint64, c.codes.Len(), max(cap(c.codes.narrow), 1))
		for i := range c.raw {
			c.raw[i] = c.values[c.codes.At(uint32(i))]
		}
		c.codes, c.values, c.code = Codes{}, nil, nil
		return 0, false
	}
	if c.code == nil {
		c.code = map[uint64]uint32{}
	}
	code := uint32(len(c.values))
	c.values, c.code[key] = append(c.values, key), code
	return code, true
}

// Equal keeps rows that have one of some keys.
func (c *Numbers) Equal(keys ...uint64) Filter {
	if c.raw == nil {
		match := make([]bool, len(c.values))
		for _, key := range keys {
			if code, known := c.code[key]; known {
				match[code] = true
			}
		}
		return c.codes.In(match)
	}
	return func(rows []uint32) []uint32 {
		n := 0
		for _, row := range rows {
			rows[n] = row
			if slices.Contains(keys, c.raw[row]) {
				n++
			}
		}
		return rows[:n]
	}
}

// Steps implements [Column].
func (c *Numbers) Steps() int { return 1 }

// Keys implements [Column].
func (c *Numbers) Keys(_ int, rows []uint32, out []uint64) {
	if c.raw == nil {
		c.codes.By(c.values).Keys(0, rows, out)
		return
	}
	for i, row := range rows {
		out[i] = c.raw[row]
	}
}
