package cli

import (
	"bufio"
	"cmp"
	"encoding/json"
	"io"
	"iter"

	"github.com/spf13/pflag"

	"github.com/openmibi/openmibi/mibitracker"
)

// pageSize is how many objects of a list are asked for, and written, at a time.
const pageSize = 100

// listing prints a list as its pages come, so that a pipeline begins at once
// and no list is ever whole in memory. Only a terminal's table, which needs the
// widths of all cells, and --jq, which sees the whole array, wait for its end.
type listing[T any] struct {
	g     *globals
	limit uint // 0 for all
	heads []string
	cells func(*T) []any
	none  string // said where nothing was found, if there is more to say than that
}

// limitFlag is the flag of every list.
func limitFlag(f *pflag.FlagSet, limit *uint) {
	f.UintVar(limit, "limit", 0, "print at most this `number`; without it all")
}

// options are those of the request: no larger page than is printed.
func (l listing[T]) options() mibitracker.ListOptions {
	if l.limit > 0 && l.limit < pageSize {
		return mibitracker.ListOptions{Limit: int(l.limit)}
	}
	return mibitracker.ListOptions{Limit: pageSize}
}

func (l listing[T]) show(all iter.Seq2[T, error]) error {
	all = l.first(all)
	switch _, tty := terminal(l.g.streams.Out); {
	case !l.g.json:
		return l.table(all)
	case l.g.jq != nil || tty:
		return l.array(all)
	}
	return l.stream(all)
}

// first ends a list at the limit.
func (l listing[T]) first(all iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		n := uint(0)
		for v, err := range all {
			if n++; !yield(v, err) || l.limit > 0 && n >= l.limit {
				return
			}
		}
	}
}

// table prints what came also where the list breaks off.
func (l listing[T]) table(all iter.Seq2[T, error]) error {
	t := newTable(l.g.streams.Out)
	t.head(l.heads...)
	for v, err := range all {
		if err != nil {
			_ = t.print()
			return err
		}
		t.row(l.cells(&v)...)
		if t.width == 0 && len(t.rows) >= pageSize {
			if err := t.print(); err != nil {
				return err
			}
			t.rows = t.rows[:0]
		}
	}
	if t.width > 0 && len(t.rows) == 0 {
		l.g.note("%s", cmp.Or(l.none, "Nothing was found."))
		return nil
	}
	return t.print()
}

func (l listing[T]) array(all iter.Seq2[T, error]) error {
	objects := []json.RawMessage{}
	for v, err := range all {
		if err != nil {
			return err
		}
		object, err := lean(v)
		if err != nil {
			return err
		}
		objects = append(objects, object)
	}
	return l.g.printJSON(objects)
}

// stream writes one array on one line. If the list breaks off, so does the
// array: nobody takes a part for the whole.
func (l listing[T]) stream(all iter.Seq2[T, error]) error {
	w := bufio.NewWriter(l.g.streams.Out)
	n := 0
	for v, err := range all {
		if err != nil {
			_ = w.Flush()
			return err
		}
		object, err := lean(v)
		if err != nil {
			return err
		}
		before := "["
		if n++; n > 1 {
			before = ","
		}
		_, _ = w.WriteString(before)
		_, _ = w.Write(object)
		if n%pageSize == 0 {
			if err := w.Flush(); err != nil {
				return err
			}
		}
	}
	end := "]\n"
	if n == 0 {
		end = "[]\n"
	}
	_, _ = io.WriteString(w, end)
	return w.Flush()
}
