package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// noteInsert records a row that was added.
func (t *Tx) noteInsert(table string, id int64, cols []string, vals []any) error {
	a, ok := auditedTables[table]
	if !ok {
		return nil
	}
	var owner int64
	if i := slices.Index(cols, a.part.column); i >= 0 {
		v, err := plain(vals[i])
		if err != nil {
			return fmt.Errorf("%s.%s: %w", table, cols[i], err)
		}
		owner, _ = v.(int64)
	}
	if e := t.trail.find(a.part.kind, owner); !a.part.always && e != nil && e.action == ActionCreate {
		e.addCount(a.part.field)
		return nil
	}
	row := map[string]any{}
	for i, col := range cols {
		v, err := plain(vals[i])
		if err != nil {
			return fmt.Errorf("%s.%s: %w", table, col, err)
		}
		if field, hidden := a.field(col); field != "" && v != nil {
			switch {
			case !hidden:
				row[field] = v
			case v != "":
				row[field] = secret
			}
		}
	}
	if a.part.always {
		t.trail.of(a.part.kind, owner).addPart(a.part.field, nil, with(row, id))
		return nil
	}
	e := t.trail.of(a.kind, id)
	e.action = ActionCreate
	for field, v := range row {
		e.set(field, nil, v)
	}
	return nil
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
			e.set(field, before[i], after[i])
		}
	}, nil
}

// row reads columns of a row, as Go holds them. No such row is [ErrNotFound].
func (t *Tx) row(ctx context.Context, table string, id int64, cols []string) (vals []any, err error) {
	rows, err := t.tx.QueryContext(ctx, "SELECT "+strings.Join(cols, ", ")+" FROM "+table+" WHERE id = $1", id) //nolint:gosec // the names are the program's own
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
