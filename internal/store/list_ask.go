package store

import (
	"context"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/openmibi/openmibi/internal/store/columns"
)

// found is the answer to a query: a page of ids, and how many there are in all.
type found struct {
	ids   []int64
	count int
}

// ask answers a query, on the state of the database that it follows.
func (x *imageIndex) ask(ctx context.Context, qs *Queries, v Viewer, q Query) (found, error) {
	for {
		if err := x.follow(ctx, qs); err != nil {
			return found{}, err
		}
		out, ok, err := x.inTurn(ctx, v, q)
		if ok || err != nil {
			return out, err
		}
	}
}

// inTurn answers no more at once than processors: each has room to work in.
func (x *imageIndex) inTurn(ctx context.Context, v Viewer, q Query) (found, bool, error) {
	select {
	case room := <-x.room:
		defer func() { x.room <- room }()
		out, ok := x.answer(room, v, q)
		return out, ok, nil
	case <-ctx.Done():
		return found{}, false, ctx.Err()
	}
}

// answer reports false where the index was given up meanwhile.
func (x *imageIndex) answer(room *columns.Scratch, v Viewer, q Query) (found, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if !x.loaded.Load() {
		return found{}, false
	}
	a := &asking{imageIndex: x, sees: x.scopesOf(v)}
	visible := x.visible(v, q.Inactive)
	chosen := a.choose(q.Conds)
	order := a.order(q.Order)
	if chosen.isAll() && order[0].Column == nil {
		return found{x.idsOf(visible.page(order[0].Desc, q)), visible.count()}, true
	}
	rows := columns.Scan(visible.within(chosen.ranges), chosen.filters, room)
	n := len(rows)
	lo, hi := q.bounds(n)
	return found{x.idsOf(columns.Page(rows, order, lo, hi, room)), n}, true
}

// bounds are the places of a page among n.
func (q Query) bounds(n int) (lo, hi int) {
	if q.Limit == 0 {
		return 0, n
	}
	lo = min(q.Offset, n)
	return lo, min(lo+q.Limit, n)
}

func (x *imageIndex) idsOf(rows []uint32) []int64 {
	out := make([]int64, len(rows))
	for i, row := range rows {
		out[i] = x.ids[row]
	}
	return out
}

// page is a page of all rows, by position.
func (v *visibleRows) page(desc bool, q Query) []uint32 {
	n := v.count()
	lo, hi := q.bounds(n)
	if desc {
		lo, hi = n-hi, n-lo
	}
	out := make([]uint32, 0, hi-lo)
	for i := sort.SearchInts(v.before, lo+1) - 1; lo < hi; i++ {
		for at := lo - v.before[i]; lo < hi && lo < v.before[i+1]; at, lo = at+1, lo+1 {
			out = append(out, v.ranges[i].Lo+uint32(at))
		}
	}
	if desc {
		slices.Reverse(out)
	}
	return out
}

// within is what the ranges of v and some others, in ascending order, have in
// common; nil stands for everything.
func (v *visibleRows) within(others []columns.Range) []columns.Range {
	if others == nil {
		return v.ranges
	}
	var out []columns.Range
	for _, o := range others {
		i := sort.Search(len(v.ranges), func(i int) bool { return v.ranges[i].Hi > o.Lo })
		for ; i < len(v.ranges) && v.ranges[i].Lo < o.Hi; i++ {
			out = append(out, columns.Range{Lo: max(o.Lo, v.ranges[i].Lo), Hi: min(o.Hi, v.ranges[i].Hi)})
		}
	}
	return out
}

// choice is what conditions leave: rows within ranges (nil: all) that pass
// filters.
type choice struct {
	ranges  []columns.Range
	filters []columns.Filter
}

func (c choice) isAll() bool { return c.ranges == nil && len(c.filters) == 0 }

// choose translates conditions. Those about runs choose rows, which lie
// together by run; the others filter them.
func (a *asking) choose(conds []Cond) choice {
	var c choice
	var runs []bool
	for _, cond := range conds {
		if len(cond.Values) == 0 {
			continue
		}
		kind := imageList.fields[cond.Field].Kind
		switch r, related := relations[cond.Field]; {
		case related:
			match := a.matching(r, kind, cond.Values)
			if r.codes(a.imageIndex) != &a.run {
				c.filters = append(c.filters, r.codes(a.imageIndex).In(match))
				continue
			}
			for i := range match {
				match[i] = match[i] && (runs == nil || at(runs, uint32(i)))
			}
			runs = match
		case cond.Field == "id":
			c.filters = append(c.filters, a.withIDs(cond.Values))
			c.ranges = within(c.ranges, a.rangesOf(cond.Values))
		case kind == kindMass || kind == kindTarget:
			c.filters = append(c.filters, a.stained(kind, cond.Values))
		default:
			c.filters = append(c.filters, a.own(ownFields[cond.Field], kind, cond.Values))
		}
	}
	if runs != nil {
		ranges := []columns.Range{}
		for _, s := range a.spans {
			if at(runs, s.run) {
				ranges = append(ranges, s.Range)
			}
		}
		c.ranges = within(c.ranges, ranges)
	}
	return c
}

// within is what two lists of ranges have in common; nil stands for everything.
func within(a, b []columns.Range) []columns.Range {
	if a == nil {
		return b
	}
	return append([]columns.Range{}, (&visibleRows{ranges: a}).within(b)...)
}

// matching tells for each related object whether it has one of some values.
func (a *asking) matching(r relation, kind Kind, values []any) []bool {
	match, is := make([]bool, r.size(a.imageIndex)), matcher(kind, values)
	for id := range match {
		match[id] = is(r.value(a, uint32(id)))
	}
	return match
}

// rangesOf are the rows of images by their ids.
func (a *asking) rangesOf(ids []any) []columns.Range {
	out := []columns.Range{}
	for _, v := range ids {
		if id, ok := v.(int64); ok {
			if at, found := a.find(id); found {
				out = append(out, columns.Range{Lo: at, Hi: at + 1})
			}
		}
	}
	slices.SortFunc(out, func(a, b columns.Range) int { return int(a.Lo) - int(b.Lo) })
	return slices.Compact(out)
}

func (a *asking) withIDs(ids []any) columns.Filter {
	return func(rows []uint32) []uint32 {
		return slices.DeleteFunc(rows, func(row uint32) bool { return !slices.Contains(ids, any(a.ids[row])) })
	}
}

// own filters by an image's own field.
func (a *asking) own(column string, kind Kind, values []any) columns.Filter {
	if c := a.codes[column]; c != nil {
		var ids []uint32
		for _, v := range values {
			if id, ok := v.(int64); ok && id > 0 && id <= math.MaxUint32 {
				ids = append(ids, uint32(id))
			}
		}
		return c.Equal(ids...)
	}
	if c := a.numbers[column]; c != nil {
		var keys []uint64
		for _, v := range values {
			switch v := v.(type) {
			case int64:
				keys = append(keys, columns.IntKey(v))
			case float64:
				keys = append(keys, columns.FloatKey(v))
			}
		}
		return c.Equal(keys...)
	}
	if kind == KindText {
		var texts []string
		for _, v := range values {
			if text, ok := v.(string); ok {
				texts = append(texts, text)
			}
		}
		return a.texts[column].Equal(texts...)
	}
	is := matcher(kind, values)
	return a.texts[column].Match(func(text string) bool { return is(textValue(text, true)) })
}

// stained filters by a channel's mass or target: of the image's own channels,
// or of the panel of its section.
func (a *asking) stained(kind Kind, values []any) columns.Filter {
	has := func(names []string, masses []int64) bool {
		return slices.ContainsFunc(values, func(v any) bool {
			switch v := v.(type) {
			case int64:
				return kind == kindMass && slices.Contains(masses, v)
			case string:
				v = strings.ToLower(v)
				return kind == kindTarget && slices.ContainsFunc(names, func(name string) bool { return strings.Contains(name, v) })
			}
			return false
		})
	}
	panels := make([]bool, len(a.panels))
	for id, p := range a.panels {
		panels[id] = a.may(p.ownedDim) && has(p.targets, p.masses)
	}
	sections := make([]bool, len(a.sections))
	for id := range a.sections {
		s, ok := a.section(uint32(id))
		sections[id] = ok && at(panels, s.panel)
	}
	sets := make([]bool, len(a.sets))
	for id, s := range a.sets {
		sets[id] = has(s.folded, s.masses)
	}
	section, set := a.codes["section_id"], a.codes["channel_set_id"]
	return func(rows []uint32) []uint32 {
		n := 0
		for _, row := range rows {
			rows[n] = row
			if at(sets, set.At(row)) || at(sections, section.At(row)) {
				n++
			}
		}
		return rows[:n]
	}
}

// order translates an ordering. It always ends with the position, which is
// that of ids: newest first, unless ids were asked for.
func (a *asking) order(steps []Order) []columns.Order {
	var out []columns.Order
	for _, o := range steps {
		if o.Field == "id" {
			return append(out, columns.Order{Desc: o.Desc})
		}
		out = append(out, columns.Order{Column: a.column(o.Field), Desc: o.Desc})
	}
	return append(out, columns.Order{Desc: true})
}

// column is what orders by a field.
func (a *asking) column(field string) columns.Column {
	r, related := relations[field]
	switch {
	case related && r.texts:
		return r.codes(a.imageIndex).By(a.rank(field, r.size(a.imageIndex), func(id uint32) (string, bool) {
			v := r.value(a, id)
			return v.text, v.some
		}))
	case related:
		ranks := make([]uint64, r.size(a.imageIndex))
		for id := range ranks {
			if v := r.value(a, uint32(id)); v.some {
				ranks[id] = uint64(v.number)
			}
		}
		return r.codes(a.imageIndex).By(ranks)
	}
	name := ownFields[field]
	if c := a.codes[name]; c != nil {
		return identity{c}
	}
	if c := a.numbers[name]; c != nil {
		return c
	}
	return a.texts[name]
}

// identity orders by ids themselves.
type identity struct{ codes *columns.Codes }

// Steps implements [columns.Column].
func (identity) Steps() int { return 1 }

// Keys implements [columns.Column].
func (c identity) Keys(_ int, rows []uint32, out []uint64) {
	for i, row := range rows {
		out[i] = uint64(c.codes.At(row))
	}
}
