package api

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/openmibi/openmibi/internal/store"
)

// memoryList is a short list that is read whole, and filtered here.
type memoryList[M any] struct {
	rows   []M // in their default order
	values map[string]func(M) any
	kinds  map[string]store.Kind
}

// Fields implements source.
func (m memoryList[M]) Fields() store.Fields {
	out := store.Fields{}
	for name := range m.values {
		out[name] = store.Field{Kind: m.kinds[name], Order: true, Filter: true}
	}
	return out
}

func (m memoryList[M]) match(query store.Query) []int64 {
	out := []int64{}
	for i, row := range m.rows {
		if !query.Inactive && !slices.ContainsFunc(query.Conds, func(c store.Cond) bool {
			return !slices.Contains(c.Values, m.values[c.Field](row))
		}) {
			out = append(out, int64(i))
		}
	}
	return out
}

// IDs implements source: an id is a place in the list.
func (m memoryList[M]) IDs(_ context.Context, _ *store.Queries, _ store.Viewer, query store.Query) ([]int64, error) {
	ids := m.match(query)
	slices.SortStableFunc(ids, func(a, b int64) int {
		for _, o := range query.Order {
			d := compareAny(m.values[o.Field](m.rows[a]), m.values[o.Field](m.rows[b]))
			if o.Desc {
				d = -d
			}
			if d != 0 {
				return d
			}
		}
		return 0
	})
	if query.Limit == 0 {
		return ids, nil
	}
	start := min(query.Offset, len(ids))
	return ids[start:min(start+query.Limit, len(ids))], nil
}

// Count implements source.
func (m memoryList[M]) Count(_ context.Context, _ *store.Queries, _ store.Viewer, query store.Query) (int64, error) {
	return int64(len(m.match(query))), nil
}

// Load implements source.
func (m memoryList[M]) Load(_ context.Context, _ *store.Queries, _ store.Viewer, ids []int64) ([]M, error) {
	out := make([]M, len(ids))
	for i, id := range ids {
		out[i] = m.rows[id]
	}
	return out, nil
}

// compareAny compares the two kinds of value that memory lists have.
func compareAny(a, b any) int {
	switch a := a.(type) {
	case int64:
		b, _ := b.(int64)
		return cmp.Compare(a, b)
	case string:
		b, _ := b.(string)
		return strings.Compare(a, b)
	}
	return 0
}
