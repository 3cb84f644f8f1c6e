package store

import (
	"context"
	"fmt"
	"slices"
)

// Parts are rows that belong to an object: a panel's conjugates. In the record
// they are lists of what went and what came, or of what changed in them.

// addPart notes a part of the object that has changed; nil before it was
// added, and after it was taken away.
func (e *entry) addPart(field string, before, after map[string]any) {
	for _, side := range []struct {
		fields map[string]any
		part   map[string]any
	}{{e.before, before}, {e.after, after}} {
		list, _ := side.fields[field].([]map[string]any)
		if side.part != nil {
			list = append(list, side.part)
		}
		side.fields[field] = list
	}
}

// addCount counts the parts of a new object.
func (e *entry) addCount(field string) {
	if field != "" {
		n, _ := e.after[field].(int64)
		e.after[field] = n + 1
	}
}

func with(row map[string]any, id int64) map[string]any {
	row["id"] = id
	return row
}

// notePart records a change of a row that is part of an object.
func (t *Tx) notePart(a audited, id, owner int64, changes []Change, before, after []any) {
	old, made := map[string]any{}, map[string]any{}
	for i, c := range changes {
		if field, _ := a.field(c.Column); field != "" && !same(before[i], after[i]) {
			old[field], made[field] = before[i], after[i]
		}
	}
	if len(made) > 0 {
		t.trail.of(a.part.kind, owner).addPart(a.part.field, with(old, id), with(made, id))
	}
}

// remove deletes a row that is part of an object, and records it.
func (t *Tx) remove(ctx context.Context, table string, id int64) error {
	a := auditedTables[table]
	if !a.part.always {
		return fmt.Errorf("remove from %s: its rows are no parts of an object", table)
	}
	cols := []string{a.part.column}
	for col := range a.fields {
		cols = append(cols, col)
	}
	before, err := t.row(ctx, table, id, cols)
	if err != nil {
		return err
	}
	owner, _ := before[0].(int64)
	row := map[string]any{}
	for i, col := range cols[1:] {
		if v := before[i+1]; v != nil {
			row[a.fields[col]] = v
		}
	}
	if _, err := t.exec(ctx, "DELETE FROM "+table+" WHERE id = $1", id); err != nil {
		return fmt.Errorf("remove %d from %s: %w", id, table, err)
	}
	t.trail.of(a.part.kind, owner).addPart(a.part.field, with(row, id), nil)
	return nil
}

func isParts(v any) bool { _, ok := v.([]map[string]any); return ok }

func parts(v any) []map[string]any { list, _ := v.([]map[string]any); return list }

// withoutSame leaves out parts that were replaced by their likes: a row that
// went, and one that came, the same but for their ids.
func withoutSame(before, after []map[string]any) (was, made []map[string]any) {
	has := func(list []map[string]any, id any) bool {
		return slices.ContainsFunc(list, func(p map[string]any) bool { return p["id"] == id })
	}
	was, made = []map[string]any{}, append([]map[string]any{}, after...)
	for _, b := range before {
		i := -1
		if !has(after, b["id"]) {
			i = slices.IndexFunc(made, func(a map[string]any) bool { return !has(before, a["id"]) && samePart(a, b) })
		}
		if i < 0 {
			was = append(was, b)
			continue
		}
		made = slices.Delete(made, i, i+1)
	}
	return was, made
}

func samePart(a, b map[string]any) bool {
	if len(a) != len(b) {
		return false
	}
	for name, v := range a {
		if w, ok := b[name]; name != "id" && (!ok || !same(v, w)) {
			return false
		}
	}
	return true
}
