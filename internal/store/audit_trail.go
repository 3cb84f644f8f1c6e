package store

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// trail is what a transaction has done so far: one entry an object, however
// many statements it took, in the order they were first touched.
type trail struct {
	actor   Actor
	entries []*entry
}

// entry becomes one record.
type entry struct {
	kind          string
	id            int64
	action        string
	before, after map[string]any
	actor         *Actor // nil: the transaction's
	project       *int64 // before, if scoped
	scoped        bool
}

// find returns the entry of an object, or nil. A transaction touches few
// objects: those that come in hundreds are part of another.
func (r *trail) find(kind string, id int64) *entry {
	for _, e := range r.entries {
		if e.kind == kind && e.id == id {
			return e
		}
	}
	return nil
}

// of returns the entry of an object, made if absent.
func (r *trail) of(kind string, id int64) *entry {
	if e := r.find(kind, id); e != nil {
		return e
	}
	e := &entry{kind: kind, id: id, action: ActionChange, before: map[string]any{}, after: map[string]any{}}
	r.entries = append(r.entries, e)
	return e
}

// set notes a field's values: of several changes the first "before" and the
// last "after" count. Maps are added up.
func (e *entry) set(field string, before, after any) {
	if was, ok := e.before[field]; !ok {
		e.before[field] = before
	} else if old, ok := was.(map[string]any); ok {
		add(old, before, false)
	}
	if made, ok := e.after[field].(map[string]any); ok && after != nil {
		add(made, after, true)
		return
	}
	e.after[field] = after
}

func add(to map[string]any, from any, replace bool) {
	more, _ := from.(map[string]any)
	for k, v := range more {
		if _, ok := to[k]; !ok || replace {
			to[k] = v
		}
	}
}

// changed returns the fields that differ; of a new object those that it has.
func (e *entry) changed() (before, after map[string]any) {
	before, after = map[string]any{}, map[string]any{}
	for field, v := range e.after {
		switch old := e.before[field]; {
		case e.action == ActionCreate:
			if v != nil {
				after[field] = v
			}
		case v == secret:
			after[field] = v
		case isParts(v):
			if was, made := withoutSame(parts(old), parts(v)); len(was)+len(made) > 0 {
				before[field], after[field] = was, made
			}
		case !same(old, v):
			before[field], after[field] = old, v
		}
	}
	return before, after
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

// note records a change of an object that is no column of its row: of a link
// table, or of what statements of their own have changed. Values are what JSON
// can hold; []int64, []map[string]any and map[string]any are lists, parts, and
// entries that add up.
func (t *Tx) note(kind string, id int64, field string, before, after any) {
	if !same(before, after) {
		t.trail.of(kind, id).set(field, before, after)
	}
}

// noteAction records that something else than a change was done to an object.
func (t *Tx) noteAction(kind string, id int64, action string) *entry {
	e := t.trail.of(kind, id)
	if e.action != ActionCreate {
		e.action = action
	}
	return e
}

// noteInsert records a row that was added.
func (t *Tx) noteInsert(table string, id int64, cols []string, vals []any) error {
	a, ok := auditedTables[table]
	if !ok {
		return nil
	}
	row := map[string]any{}
	var owner int64
	for i, col := range cols {
		v, err := plain(vals[i])
		if err != nil {
			return fmt.Errorf("%s.%s: %w", table, col, err)
		}
		if col == a.part.column {
			owner, _ = v.(int64)
		}
		if field, hidden := a.field(col); field != "" && v != nil {
			if hidden {
				v = secret
			}
			row[field] = v
		}
	}
	switch of := a.part; {
	case of.always:
		t.trail.of(of.kind, owner).addPart(of.field, nil, with(row, id))
		return nil
	case owner != 0:
		if e := t.trail.find(of.kind, owner); e != nil && e.action == ActionCreate {
			e.addCount(of.field)
			return nil
		}
	}
	e := t.trail.of(a.kind, id)
	e.action = ActionCreate
	for field, v := range row {
		e.set(field, nil, v)
	}
	return nil
}

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

// noteUpdate reads what an update is about to change, and returns what records
// it once that is done. No such row is [ErrNotFound].
func (t *Tx) noteUpdate(ctx context.Context, table string, id int64, changes []Change) (done func(), err error) {
	a, ok := auditedTables[table]
	if !ok {
		return func() {}, nil
	}
	cols := make([]string, 0, len(changes)+1)
	after := make([]any, len(changes))
	for i, c := range changes {
		cols = append(cols, c.Column)
		if after[i], err = plain(c.Value); err != nil {
			return nil, fmt.Errorf("%s.%s: %w", table, c.Column, err)
		}
	}
	if a.part.always {
		cols = append(cols, a.part.column)
	}
	before, err := t.row(ctx, table, id, cols)
	if err != nil {
		return nil, err
	}
	if a.part.always {
		owner, _ := before[len(changes)].(int64)
		return func() { t.notePart(a, id, owner, changes, before, after) }, nil
	}
	project, err := t.projectOf(ctx, a.kind, id)
	if err != nil {
		return nil, err
	}
	return func() {
		e := t.trail.of(a.kind, id)
		if !e.scoped && e.action != ActionCreate {
			e.project, e.scoped = project, true
		}
		for i, c := range changes {
			field, hidden := a.field(c.Column)
			if field == "" || same(before[i], after[i]) {
				continue
			}
			if hidden {
				e.after[field] = secret
				continue
			}
			if c.Column == "active" && e.action == ActionChange {
				e.action = ActionRestore
				if after[i] == false {
					e.action = ActionDelete
				}
			}
			e.set(field, before[i], after[i])
		}
	}, nil
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

// row reads columns of a row, as Go holds them. No such row is [ErrNotFound].
func (t *Tx) row(ctx context.Context, table string, id int64, cols []string) (vals []any, err error) {
	rows, err := t.tx.QueryContext(ctx, "SELECT "+strings.Join(cols, ", ")+" FROM "+table+" WHERE id = $1", id)
	if err != nil {
		return nil, fmt.Errorf("read %s %d: %w", table, id, err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	if !rows.Next() {
		return nil, cmp.Or(rows.Err(), ErrNotFound)
	}
	types, err := rows.ColumnTypes()
	if err != nil {
		return nil, err
	}
	vals = make([]any, len(cols))
	to := make([]any, len(cols))
	for i := range vals {
		to[i] = &vals[i]
	}
	if err := rows.Scan(to...); err != nil {
		return nil, fmt.Errorf("read %s %d: %w", table, id, err)
	}
	for i, v := range vals {
		// SQLite keeps them as numbers.
		if n, ok := v.(int64); ok && strings.EqualFold(types[i].DatabaseTypeName(), "BOOLEAN") {
			vals[i] = n != 0
		}
	}
	return vals, nil
}

// projectOf is the project that an object is in, now: its own, or its run's.
func (t *Tx) projectOf(ctx context.Context, kind string, id int64) (*int64, error) {
	o, err := t.owned(ctx, kind, id)
	return o.Project, err
}

// plain is a value as the database takes it: no pointer, no named type.
func plain(v any) (any, error) { return driver.DefaultParameterConverter.ConvertValue(v) }

// same tells whether two values are one, however their numbers are held.
func same(a, b any) bool {
	x, isInt := a.(int64)
	y, isFloat := b.(float64)
	if isInt && isFloat {
		return float64(x) == y
	}
	if x, isFloat := a.(float64); isFloat {
		if y, isInt := b.(int64); isInt {
			return x == float64(y)
		}
	}
	return reflect.DeepEqual(a, b)
}
