package store

import (
	"database/sql/driver"
	"reflect"
	"slices"
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

// moved tells whether the transaction has put anything into another project.
func (r *trail) moved() bool {
	return slices.ContainsFunc(r.entries, func(e *entry) bool { _, ok := e.after["project"]; return ok })
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
