package columns

import (
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"unsafe"
)

// Texts is a column of texts, ordered by their bytes. While few are distinct a
// row takes two bytes, else the text and eight more. Of a long text it keeps the
// beginning: see kept.
type Texts struct {
	codes  Codes // 0: no text
	values []string
	code   map[string]uint32
	ranks  atomic.Pointer[[]uint64] // by code, made when first asked for

	held    int // bytes of values
	sweepAt int // from how many on those are swept, see sweep

	many    bool
	bytes   []byte
	start   []uint32
	size    []uint32
	longest int
	dropped int // bytes that rows had, see pack
}

// noText is the size of what has no text.
const noText = math.MaxUint32

// Len is how many rows there are.
func (c *Texts) Len() int {
	if c.many {
		return len(c.start)
	}
	return c.codes.Len()
}

// At is what is kept of a row's text, and whether it has one. It is valid while
// the column is.
func (c *Texts) At(row uint32) (string, bool) {
	if !c.many {
		code := c.codes.At(row)
		if code == 0 {
			return "", false
		}
		return c.values[code], true
	}
	size := c.size[row]
	if size == noText {
		return "", false
	}
	// What is in bytes is never written again.
	return unsafe.String(unsafe.SliceData(c.bytes[c.start[row]:]), int(size)), true //nolint:gosec // a copy of each text that is looked at would cost more than all else
}

// Append adds a row.
func (c *Texts) Append(text string, some bool) {
	text = kept(text)
	if code, ok := c.intern(text, some); ok {
		c.codes.Append(code)
		return
	}
	c.start, c.size = append(c.start, 0), append(c.size, noText)
	c.put(uint32(len(c.start)-1), text, some)
}

// Set changes a row.
func (c *Texts) Set(row uint32, text string, some bool) {
	text = kept(text)
	if code, ok := c.intern(text, some); ok {
		c.codes.Set(row, code)
		return
	}
	if old, had := c.At(row); had != some || old != text {
		c.put(row, text, some)
	}
}

// Reserve makes room for rows.
func (c *Texts) Reserve(rows int) { c.codes.Reserve(rows) }

func (c *Texts) put(row uint32, text string, some bool) {
	if old := c.size[row]; old != noText {
		c.size[row] = noText
		if c.dropped += int(old); c.dropped > max(leastSwept, len(c.bytes)/2) {
			c.pack()
		}
	}
	if !some {
		c.size[row] = noText
		return
	}
	c.start[row], c.size[row] = uint32(len(c.bytes)), uint32(len(text))
	c.bytes = append(c.bytes, text...)
	c.longest = max(c.longest, len(text))
}

func (c *Texts) intern(text string, some bool) (uint32, bool) {
	switch {
	case c.many:
		return 0, false
	case !some:
		if c.values == nil {
			c.values, c.code = []string{""}, map[string]uint32{}
		}
		return 0, true
	}
	if code, known := c.code[text]; known {
		return code, true
	}
	if c.values == nil {
		c.values, c.code = []string{""}, map[string]uint32{}
	}
	if len(c.values) == maxDistinct || c.held+len(text) > max(c.sweepAt, leastSwept) {
		all := len(c.values) == maxDistinct
		if c.sweep(); all && len(c.values) > maxDistinct/4*3 {
			c.spread()
			return 0, false
		}
	}
	code := uint32(len(c.values))
	text = strings.Clone(text)
	c.held += len(text)
	c.values, c.code[text] = append(c.values, text), code
	c.ranks.Store(nil)
	return code, true
}

// spread gives every row a text of its own.
func (c *Texts) spread() {
	rows := c.codes.Len()
	c.start, c.size = make([]uint32, rows, max(cap(c.codes.narrow), 1)), make([]uint32, rows, max(cap(c.codes.narrow), 1))
	starts := make([]uint32, len(c.values))
	for code, text := range c.values {
		starts[code] = uint32(len(c.bytes))
		c.bytes = append(c.bytes, text...)
		c.longest = max(c.longest, len(text))
	}
	for i := range rows {
		c.size[i] = noText
		if code := c.codes.At(uint32(i)); code != 0 { // rows of one text share it
			c.start[i], c.size[i] = starts[code], uint32(len(c.values[code]))
		}
	}
	c.many = true
	c.codes, c.values, c.code, c.held = Codes{}, nil, nil, 0
	c.ranks.Store(nil)
}

// Equal keeps rows that have one of some texts, to the letter.
func (c *Texts) Equal(texts ...string) Filter {
	texts = slices.Clone(texts)
	for i := range texts {
		texts[i] = kept(texts[i])
	}
	if !c.many {
		return c.Match(func(text string) bool { return slices.Contains(texts, text) })
	}
	return func(rows []uint32) []uint32 {
		n := 0
		for _, row := range rows {
			rows[n] = row
			size := c.size[row]
			for _, text := range texts {
				if int(size) == len(text) && string(c.bytes[c.start[row]:c.start[row]+size]) == text {
					n++
					break
				}
			}
		}
		return rows[:n]
	}
}

// Match keeps rows that have a text that matches, as far as it is kept.
func (c *Texts) Match(match func(string) bool) Filter {
	if !c.many {
		matches := make([]bool, len(c.values))
		for code := 1; code < len(c.values); code++ {
			matches[code] = match(c.values[code])
		}
		return c.codes.In(matches)
	}
	return func(rows []uint32) []uint32 {
		n := 0
		for _, row := range rows {
			rows[n] = row
			if text, some := c.At(row); some && match(text) {
				n++
			}
		}
		return rows[:n]
	}
}

// Steps implements [Column].
func (c *Texts) Steps() int {
	if !c.many {
		return 1
	}
	return max(1, (c.longest-firstPart+otherPart-1)/otherPart+1)
}

// How many bytes of a text a key holds: the first one also says that there is
// a text at all.
const firstPart, otherPart = 7, 8

// Keys implements [Column].
func (c *Texts) Keys(step int, rows []uint32, out []uint64) {
	if !c.many {
		c.codes.By(c.rank()).Keys(0, rows, out)
		return
	}
	for i, row := range rows {
		text, some := c.At(row)
		if !some {
			out[i] = 0
			continue
		}
		if step == 0 {
			out[i] = 1<<56 | part(text, firstPart)
			continue
		}
		from := min(firstPart+(step-1)*otherPart, len(text))
		out[i] = part(text[from:], otherPart)
	}
}

// part is the beginning of a text as a number that orders like it. A text that
// ends early comes first: none holds the byte 0.
func part(text string, size int) (key uint64) {
	for i := range size {
		key <<= 8
		if i < len(text) {
			key |= uint64(text[i])
		}
	}
	return key
}

func (c *Texts) rank() []uint64 {
	if ranks := c.ranks.Load(); ranks != nil {
		return *ranks
	}
	ranks := make([]uint64, len(c.values))
	if len(ranks) > 0 {
		for i, code := range Sorted(len(c.values)-1, func(a, b int) int { return strings.Compare(c.values[a+1], c.values[b+1]) }) {
			ranks[code+1] = uint64(i + 1)
		}
	}
	c.ranks.Store(&ranks)
	return ranks
}

// Sorted returns the numbers below n in the order of compare.
func Sorted(n int, compare func(a, b int) int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	slices.SortFunc(out, compare)
	return out
}
