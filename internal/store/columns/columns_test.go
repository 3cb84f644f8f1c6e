package columns_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/store/columns"
)

// row is a row as a plain struct, to compare with.
type row struct {
	code   uint32
	number *float64
	text   *string
}

type table struct {
	rows    []row
	codes   columns.Codes
	numbers columns.Numbers
	texts   columns.Texts
}

func (t *table) set(at int, r row) {
	number := columns.None
	if r.number != nil {
		number = columns.FloatKey(*r.number)
	}
	text := ""
	if r.text != nil {
		text = *r.text
	}
	if at == len(t.rows) {
		t.rows = append(t.rows, r)
		t.codes.Append(r.code)
		t.numbers.Append(number)
		t.texts.Append(text, r.text != nil)
		return
	}
	t.rows[at] = r
	t.codes.Set(uint32(at), r.code)
	t.numbers.Set(uint32(at), number)
	t.texts.Set(uint32(at), text, r.text != nil)
}

// made makes a table of rows with as many distinct values as wanted, and
// changes some of them.
func made(seed uint64, size, distinct int) *table {
	rnd := rand.New(rand.NewPCG(seed, 1))
	random := func() row {
		r := row{code: uint32(rnd.IntN(distinct))}
		if n := rnd.IntN(distinct); n > 0 {
			v := float64(n-distinct/2) / 3
			r.number = &v
		}
		if n := rnd.IntN(distinct); n > 0 {
			v := strings.Repeat("x", n%7) + fmt.Sprintf("long common beginning %d", n)
			if n%11 == 0 {
				v = ""
			}
			r.text = &v
		}
		return r
	}
	t := &table{}
	for i := range size {
		t.set(i, random())
	}
	for range size / 10 {
		t.set(rnd.IntN(size), random())
	}
	return t
}

func compare[T cmp.Ordered](a, b *T) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	return cmp.Compare(*a, *b)
}

func TestPagesAgainstSorting(t *testing.T) {
	t.Parallel()
	for _, size := range []struct{ rows, distinct int }{{0, 1}, {1, 1}, {50, 3}, {5000, 2}, {5000, 100000}, {90000, 200000}} {
		tab := made(uint64(size.rows), size.rows, size.distinct)
		orders := map[string]struct {
			column  columns.Column
			compare func(a, b row) int
		}{
			"codes":   {tab.codes.By(ascending(size.distinct)), func(a, b row) int { return cmp.Compare(a.code, b.code) }},
			"numbers": {&tab.numbers, func(a, b row) int { return compare(a.number, b.number) }},
			"texts":   {&tab.texts, func(a, b row) int { return compare(a.text, b.text) }},
		}
		names := []string{"codes", "numbers", "texts"}
		for i, name := range names {
			for _, desc := range []bool{false, true} {
				second := names[(i+1)%3]
				order := []columns.Order{{Column: orders[name].column, Desc: desc}, {Column: orders[second].column}, {Desc: true}}
				want := make([]uint32, size.rows)
				for i := range want {
					want[i] = uint32(i)
				}
				slices.SortFunc(want, func(a, b uint32) int {
					d := orders[name].compare(tab.rows[a], tab.rows[b])
					if desc {
						d = -d
					}
					return cmp.Or(d, orders[second].compare(tab.rows[a], tab.rows[b]), cmp.Compare(b, a))
				})
				var scratch columns.Scratch
				for _, page := range [][2]int{{0, 10}, {size.rows / 2, size.rows/2 + 7}, {size.rows - 5, size.rows + 5}, {size.rows, size.rows + 1}, {0, size.rows}, {size.rows / 3, size.rows}} {
					lo, hi := max(page[0], 0), page[1]
					rows := columns.Scan([]columns.Range{{Lo: 0, Hi: uint32(size.rows)}}, nil, &scratch)
					got := columns.Page(rows, order, lo, hi, &scratch)
					if diff := gocmp.Diff(slices.Clone(want[lo:max(lo, min(hi, size.rows))]), slices.Clone(got)); diff != "" && len(got)+len(want) > 0 && (len(got) > 0 || lo < min(hi, size.rows)) {
						t.Fatalf("%d rows of %d, by %s (desc %t), %v: %s", size.rows, size.distinct, name, desc, page, diff)
					}
				}
			}
		}
	}
}

func ascending(n int) []uint64 {
	out := make([]uint64, n)
	for i := range out {
		out[i] = uint64(i)
	}
	return out
}

// A page may begin in one value and end in another that nearly all rows have.
func TestPageAcrossSkewedValues(t *testing.T) {
	t.Parallel()
	var c columns.Numbers
	const rows = 20000
	for i := range rows {
		v := 1e300
		if i%4000 == 0 {
			v = float64(i)
		}
		c.Append(columns.FloatKey(v))
	}
	var scratch columns.Scratch
	got := columns.Page(columns.Scan([]columns.Range{{Lo: 0, Hi: rows}}, nil, &scratch), []columns.Order{{Column: &c}, {}}, 2, 8, &scratch)
	if diff := gocmp.Diff([]uint32{8000, 12000, 16000, 1, 2, 3}, got); diff != "" {
		t.Error(diff)
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	for _, distinct := range []int{5, 200000} {
		tab := made(9, 90000, distinct)
		pick := tab.rows[777]
		for name, test := range map[string]struct {
			filter columns.Filter
			match  func(row) bool
		}{
			"codes": {tab.codes.In(func() []bool { m := make([]bool, pick.code+1); m[pick.code] = true; return m }()),
				func(r row) bool { return r.code == pick.code }},
			"numbers":    {tab.numbers.Equal(columns.FloatKey(1.0/3), columns.FloatKey(-1)), func(r row) bool { return r.number != nil && (*r.number == 1.0/3 || *r.number == -1) }},
			"texts":      {tab.texts.Equal("", "xlong common beginning 1"), func(r row) bool { return r.text != nil && (*r.text == "" || *r.text == "xlong common beginning 1") }},
			"text match": {tab.texts.Match(func(s string) bool { return strings.HasSuffix(s, "3") }), func(r row) bool { return r.text != nil && strings.HasSuffix(*r.text, "3") }},
			"none":       {tab.texts.Equal("absent"), func(row) bool { return false }},
		} {
			var want []uint32
			ranges := []columns.Range{{Lo: 3, Hi: 4000}, {Lo: 4000, Hi: 4000}, {Lo: 9000, Hi: 90000}}
			for _, r := range ranges {
				for i := r.Lo; i < r.Hi; i++ {
					if test.match(tab.rows[i]) {
						want = append(want, i)
					}
				}
			}
			got := columns.Scan(ranges, []columns.Filter{test.filter}, new(columns.Scratch))
			if !slices.Equal(want, got) {
				t.Errorf("%s of %d: %d rows, want %d", name, distinct, len(got), len(want))
			}
		}
	}
}

func TestKeysOrderLikeNumbers(t *testing.T) {
	t.Parallel()
	floats := []float64{-1e300, -2, -1, -1e-300, 0, 1e-300, 1, 2, 1e300}
	for i := 1; i < len(floats); i++ {
		if columns.FloatKey(floats[i-1]) >= columns.FloatKey(floats[i]) || columns.FloatKey(floats[i-1]) == columns.None {
			t.Errorf("%g is not before %g", floats[i-1], floats[i])
		}
	}
	zero := 0.0
	if columns.FloatKey(-zero) != columns.FloatKey(0) || columns.IntKey(-1) >= columns.IntKey(0) || columns.IntKey(5) >= columns.IntKey(6) {
		t.Error("zeros differ, or integers are out of order")
	}
}

func BenchmarkPage(b *testing.B) {
	const rows = 1_000_000
	var c columns.Numbers
	rnd := rand.New(rand.NewPCG(1, 1))
	for range rows {
		c.Append(columns.FloatKey(rnd.Float64()))
	}
	var scratch columns.Scratch
	for b.Loop() {
		columns.Page(columns.Scan([]columns.Range{{Lo: 0, Hi: rows}}, nil, &scratch), []columns.Order{{Column: &c}, {Desc: true}}, 0, 10, &scratch)
	}
}
