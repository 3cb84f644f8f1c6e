package mibitracker

import (
	"bytes"
	"math"
	"math/rand/v2"
	"testing"
)

// The cache gives what was put in, wherever pieces overlap, and forgets no
// pinned one.
func TestCache(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	file := make([]byte, 64<<20)
	for i := range file {
		file[i] = byte(i*i>>9 ^ i>>3)
	}
	var c cache
	pinned := make([]bool, 1<<20)
	for range 20_000 {
		off, n := rng.Int64N(int64(len(file)-1)), 1+rng.Int64N(9000)
		pin := off < int64(len(pinned))
		n = min(n, int64(len(file))-off)
		c.add(off, file[off:off+n], pin)
		if pin {
			for i := off; i < min(off+n, int64(len(pinned))); i++ {
				pinned[i] = true
			}
		}
		off = rng.Int64N(int64(len(file) - 1))
		p := make([]byte, 100)
		if got := c.read(p, off); !bytes.Equal(p[:got], file[off:off+int64(got)]) {
			t.Fatalf("%d bytes at %d are others", got, off)
		} else if next := c.next(off); got > 0 != (next == off) {
			t.Fatalf("%d bytes at %d, the next known are at %d", got, off, next)
		}
	}
	loose := int64(0)
	for i, p := range c.pieces {
		if i > 0 && c.pieces[i-1].end() > p.offset {
			t.Fatalf("piece %d overlaps the one before", i)
		}
		if !p.pinned {
			loose += int64(len(p.data))
		}
	}
	if loose != c.loose || loose > maxLoose || loose < maxLoose/4 {
		t.Errorf("%d loose bytes, %d by its count, at most %d", loose, c.loose, maxLoose)
	}
	for i, want := range pinned {
		if want && c.next(int64(i)) != int64(i) {
			t.Fatalf("byte %d was forgotten, though pinned", i)
		}
	}
}

func TestCacheMissing(t *testing.T) {
	t.Parallel()
	var c cache
	c.add(10, make([]byte, 10), false)
	c.add(30, make([]byte, 10), true)
	for s, want := range map[span][]span{
		{0, 50}: {{0, 10}, {20, 30}, {40, 50}}, {10, 20}: nil, {12, 15}: nil, {15, 35}: {{20, 30}}, {40, 41}: {{40, 41}}, {5, 5}: nil, {0, 11}: {{0, 10}},
	} {
		got := c.missing(s)
		same := len(got) == len(want)
		for i := range min(len(got), len(want)) {
			same = same && got[i] == want[i]
		}
		if !same {
			t.Errorf("missing of %v: %v, want %v", s, got, want)
		}
	}
}

func TestPatternLearns(t *testing.T) {
	t.Parallel()
	var p pattern
	place := func(at int64, steps ...int64) {
		for _, n := range steps {
			p.observe(at, n)
			at += n
		}
	}
	place(0, 16, 2, 300, 900)
	if got := p.ahead(1218); got != 1218 {
		t.Errorf("a first place that goes on: %d bytes", got)
	}
	p.observe(100_000, 2)
	if got := p.ahead(100_000); got < 1218+50 || got > 1218+150 {
		t.Errorf("the second place: %d bytes, after one of 1218", got)
	}
	place(100_002, 300, 5000) // longer than the first
	if got := p.ahead(105_302); got < 5000 || got > 6000 {
		t.Errorf("a place that is longer than those before: %d bytes", got)
	}
	if p.observe(200_000, bulkRead); p.at.from != 100_000 {
		t.Error("content was taken for a place")
	}
	if got := p.foretell(1 << 30); got != nil {
		t.Errorf("after two places it foretells %v", got)
	}
}

func TestPatternForetells(t *testing.T) {
	t.Parallel()
	var p pattern
	for i := range int64(3) {
		p.observe(i*1_000_000, 2)
		p.observe(i*1_000_000+2, 1000)
	}
	got := p.foretell(6_500_000)
	if len(got) != 4 {
		t.Fatalf("%v", got)
	}
	for i, s := range got {
		if mark := int64(3+i) * 1_000_000; s.from > mark || s.to < mark+1002 || s.length() > 1300 || s.to > 6_500_000 {
			t.Errorf("place %d: %v", i, s)
		}
	}
	p.observe(3_000_300, 2) // not where it was due
	if got := p.foretell(6_500_000); got != nil {
		t.Errorf("of places that are not equally far apart: %v", got)
	}
}

// However long the places of a file are said to be, what is made room for on a
// guess is little, and lies in the file.
func TestPatternForetellsLittle(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ long, apart, size int64 }{
		"long places":  {8 << 20, 1 << 30, 1 << 60},
		"a vast file":  {1000, 1 << 60, math.MaxInt64},
		"vaster steps": {1000, 1<<61 - 1, math.MaxInt64},
	} {
		var p pattern
		for i := range int64(3) {
			for at := int64(0); at < c.long; at += 1000 {
				p.observe(i*c.apart+at, 1000)
			}
		}
		for range 9 { // each time more
			total := int64(0)
			for _, s := range p.foretell(c.size) {
				if s.from < 2*c.apart || s.to > c.size || s.length() <= 0 {
					t.Errorf("%s: %v is foretold of a file of %d bytes", name, s, c.size)
				}
				total += s.length()
			}
			if total > maxLoose {
				t.Errorf("%s: %d bytes are foretold", name, total)
			}
		}
	}
}

func FuzzHint(f *testing.F) {
	f.Add([]byte(`{"etag":"\"a\"","size":10,"spans":[[0,3],[5,2]],"deflate":"S0xKTkkFAA=="}`))
	f.Add([]byte(`{"etag":"\"a\"","size":9223372036854775807,"spans":[[9223372036854775807,1]],"deflate":""}`))
	f.Add([]byte(`{"etag":"\"a\"","size":9223372036854775807,"spans":[[0,3],[5,2]],"deflate":"S0xKTkkFAA=="}`))
	f.Add([]byte(`[[0,1]]`))
	f.Add([]byte(`{"etag":"\"a\"","size":1e3,"spans":[[1],[2,3,4]],"deflate":null}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		h := parseHint(text)
		if h == nil {
			return
		}
		var c cache
		sum := int64(0)
		for _, p := range h.pieces {
			if p.offset < 0 || len(p.data) == 0 || p.end() > h.seen.Size {
				t.Fatalf("a piece of %d bytes at %d of a file of %d", len(p.data), p.offset, h.seen.Size)
			}
			sum += int64(len(p.data))
			c.add(p.offset, p.data, true)
		}
		if sum > maxHinted || h.seen.Size >= 1<<62 || h.seen.Validator == "" {
			t.Fatalf("%d bytes of version %q", sum, h.seen.Validator)
		}
	})
}

func FuzzContentRange(f *testing.F) {
	for _, s := range []string{"bytes 0-1/2", "bytes 0-0/1", "bytes */5", "bytes 5-1/9", "bytes 0-18446744073709551615/2", "bytes=0-1/2", "bytes -1-1/5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if s, size, ok := parseContentRange(text); ok && (s.from < 0 || s.length() < 1 || s.to > size) {
			t.Fatalf("%q: %v of %d", text, s, size)
		}
	})
}
