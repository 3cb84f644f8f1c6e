package columns_test

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/store/columns"
)

// distinct is more different texts than a column keeps each once.
const distinct = 1<<16 + 10

// manyTexts is a column whose rows have a text of their own each.
func manyTexts() *columns.Texts {
	c := new(columns.Texts)
	for i := range distinct {
		c.Append(fmt.Sprint(i), true)
	}
	return c
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Somebody who writes one row again and again must not fill the memory.
func TestTextsForgetWhatWasReplaced(t *testing.T) {
	few := new(columns.Texts)
	few.Append("one", true)
	few.Append("two", true)
	for name, c := range map[string]*columns.Texts{"few": few, "many": manyTexts()} {
		before := heap()
		long := strings.Repeat("x", 100_000)
		for i := range 1000 {
			c.Set(1, fmt.Sprint(i)+long, true)
		}
		c.Set(0, "still there", true)
		if grown := heap() - before; grown > 32<<20 {
			t.Errorf("%s: %d MiB more after 1000 changes of one row", name, grown>>20)
		}
		for _, want := range []string{"still there", "999" + long} {
			if got := c.Equal(want)([]uint32{0, 1}); len(got) != 1 {
				t.Errorf("%s: %d rows have the text %.20s", name, len(got), want)
			}
		}
		if got := c.Equal("998" + long)([]uint32{0, 1}); len(got) != 0 {
			t.Errorf("%s: what was replaced is found", name)
		}
	}
}

// Long texts are told apart to their last letter.
func TestTextsThatDifferAtTheEnd(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]*columns.Texts{"few": new(columns.Texts), "many": manyTexts()} {
		long := strings.Repeat("é", 50_000)
		first := uint32(c.Len())
		for _, end := range []string{"a", "b", ""} {
			c.Append(long+end, true)
		}
		rows := []uint32{first, first + 1, first + 2}
		for i, end := range []string{"a", "b", ""} {
			if got := c.Equal(long + end)(slices.Clone(rows)); !slices.Equal(got, rows[i:i+1]) {
				t.Errorf("%s: %v have the text that ends in %q", name, got, end)
			}
		}
	}
}

// One long text, and rows without any, must not make an ordering slow.
func TestOrderByLongTexts(t *testing.T) {
	t.Parallel()
	c := manyTexts()
	for range 20_000 {
		c.Append("", false)
	}
	for range 2 {
		c.Append(strings.Repeat("x", 200_000), true)
	}
	for _, hi := range []int{10, 15_000, c.Len()} {
		rows := make([]uint32, c.Len())
		for i := range rows {
			rows[i] = uint32(i)
		}
		start := time.Now()
		got := columns.Page(rows, []columns.Order{{Column: c}, {Desc: true}}, hi-10, hi, new(columns.Scratch))
		if took := time.Since(start); took > 20*time.Second || len(got) != 10 {
			t.Errorf("the %d rows before %d: %s", len(got), hi, took)
		}
	}
}

// What few rows share is not written out for each when others become many.
func TestSharedTextsStayShared(t *testing.T) {
	c := new(columns.Texts)
	long := strings.Repeat("y", 2000)
	const rows = 100_000
	for range rows {
		c.Append(long, true)
	}
	before := heap()
	for i := range distinct {
		c.Append(fmt.Sprint(i), true)
	}
	if grown := heap() - before; grown > 32<<20 {
		t.Errorf("%d MiB more", grown>>20)
	}
	if got, some := c.At(rows - 1); got != long || !some {
		t.Error("the text is another")
	}
}
