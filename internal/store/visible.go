package store

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/huandu/go-sqlbuilder"
)

// projectVisible is the rule for what has a project, and a creator: see policy.
func projectVisible(project, creator string) func(*sqlbuilder.SelectBuilder, Viewer) string {
	return func(sb *sqlbuilder.SelectBuilder, v Viewer) string {
		if v.Admin {
			return ""
		}
		who := sb.Var(v.ID)
		return fmt.Sprintf("((%[1]s IS NULL AND %[2]s = %[3]s) OR %[1]s IN (SELECT id FROM projects WHERE is_public"+
			" UNION SELECT project_id FROM project_members WHERE account_id = %[3]s))", project, creator, who)
	}
}

func everyone(*sqlbuilder.SelectBuilder, Viewer) string { return "" }

// sees returns [ErrNotFound] unless the viewer may see an object, deleted or not.
func (l list) sees(ctx context.Context, qs *Queries, v Viewer, id int64) error {
	allowed, err := l.allowed(ctx, qs, v, []int64{id})
	if err == nil && !allowed[id] {
		return ErrNotFound
	}
	return err
}

// allowed tells which of some objects the viewer may see, deleted or not.
func (l list) allowed(ctx context.Context, qs *Queries, v Viewer, ids []int64) (map[int64]bool, error) {
	if !followed[l.table] {
		return l.mayRead(ctx, qs, v, ids)
	}
	out, err := remembered(qs, v, "may read "+l.table, ids, func(ids []int64) (table[bool], error) {
		out, err := l.mayRead(ctx, qs, v, ids)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if !out[id] {
				out[id] = false // what is refused is remembered, too
			}
		}
		return out, nil
	})
	maps.DeleteFunc(out, func(_ int64, may bool) bool { return !may })
	return out, err
}

// followed are the lists that list_changes follows, with all that decides who
// sees what is in them. There are too many images to remember.
var followed = map[string]bool{
	"runs r": true, "sections sec": true, "slides s": true, "panels pl": true, "projects p": true, "imagesets s": true,
}

func (l list) mayRead(ctx context.Context, qs *Queries, v Viewer, ids []int64) (map[int64]bool, error) {
	out := make(map[int64]bool, len(ids))
	for part := range slices.Chunk(ids, batch) {
		sb := flavor.NewSelectBuilder().Select(l.alias + ".id").From(l.table)
		for _, name := range l.base {
			l.join(sb, v, name)
		}
		sb.Where(sb.In(l.alias+".id", sqlbuilder.List(padded(part))))
		if visible := l.visible(sb, v); visible != "" {
			sb.Where(visible)
		}
		query, args := sb.Build()
		found, err := all(ctx, qs, query, args, scanInt64)
		if err != nil {
			return nil, wrap(err, "check %s", l.table)
		}
		for _, id := range found {
			out[id] = true
		}
	}
	return out, nil
}

// seen is a table without what the viewer may not see: whatever embeds that
// shows nothing in its place.
func seen[T any](ctx context.Context, q *Queries, v Viewer, l list, m table[T]) (table[T], error) {
	if v.Admin || len(m) == 0 {
		return m, nil
	}
	allowed, err := l.allowed(ctx, q, v, slices.Sorted(maps.Keys(m)))
	maps.DeleteFunc(m, func(id int64, _ T) bool { return !allowed[id] })
	return m, err
}
