package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/huandu/go-sqlbuilder"
)

// flavor numbers its parameters ($1, $2), which SQLite understands as well as
// PostgreSQL: one text of each query serves both.
const flavor = sqlbuilder.PostgreSQL

// batch is how many ids one IN list holds.
const batch = 500

type scanner interface{ Scan(...any) error }

// all collects every row of a query.
func all[T any](ctx context.Context, q *Queries, query string, args []any, scan func(scanner) (T, error)) (out []T, err error) {
	rows, err := q.x.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("scan: %w", err)
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// one reads a single row; none is [ErrNotFound].
func one[T any](ctx context.Context, q *Queries, query string, args []any, scan func(scanner) (T, error)) (T, error) {
	v, err := scan(q.x.QueryRowContext(ctx, query, args...))
	if errors.Is(err, sql.ErrNoRows) {
		return v, ErrNotFound
	}
	return v, err
}

// byIDs runs a query with an IN list, in batches. The query holds one %s for it.
func byIDs[T any](ctx context.Context, q *Queries, query string, ids []int64, scan func(scanner) (T, error)) ([]T, error) {
	var out []T
	for len(ids) > 0 {
		n := min(len(ids), batch)
		part := padded(ids[:n])
		marks := make([]string, len(part))
		args := make([]any, len(part))
		for i, id := range part {
			marks[i], args[i] = "$"+strconv.Itoa(i+1), id
		}
		rows, err := all(ctx, q, fmt.Sprintf(query, strings.Join(marks, ",")), args, scan)
		if err != nil {
			return nil, err
		}
		if out == nil {
			out = rows // one batch is the rule: it needs no copy
		} else {
			out = append(out, rows...)
		}
		ids = ids[n:]
	}
	return out, nil
}

// padded repeats the last id until there are 1, 2, 4, 8, ... of them: so the
// texts of queries are few, and stay prepared.
func padded(ids []int64) []int64 {
	size := 1
	for size < len(ids) {
		size *= 2
	}
	return append(slices.Clone(ids), slices.Repeat(ids[len(ids)-1:], size-len(ids))...)
}

func scanInt64(r scanner) (v int64, err error) { return v, r.Scan(&v) }

func scanString(r scanner) (v string, err error) { return v, r.Scan(&v) }

// exec runs a statement that changes rows and says how many it changed.
func (t *Tx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := t.tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// insert adds a row and returns its id. What is an object, or part of one, is
// recorded: see auditedTables.
func (t *Tx) insert(ctx context.Context, table string, cols []string, vals []any) (int64, error) {
	b := flavor.NewInsertBuilder().InsertInto(table).Cols(cols...).Values(vals...)
	b.SQL("RETURNING id")
	query, args := b.Build()
	var id int64
	if err := t.tx.QueryRowContext(ctx, query, args...).Scan(&id); err != nil {
		return 0, fmt.Errorf("insert into %s: %w", table, err)
	}
	return id, t.noteInsert(table, id, cols, vals)
}

// Change is one column's new value in an update. The API's allow-lists make
// them; a column that the table does not know is refused by the caller.
type Change struct {
	Column string
	Value  any
}

// update sets columns of the row with an id. What it changes of an object is
// recorded: see auditedTables.
func (t *Tx) update(ctx context.Context, table string, id int64, changes []Change) error {
	if len(changes) == 0 {
		return nil
	}
	note, err := t.noteUpdate(ctx, table, id, changes)
	if err != nil {
		return err
	}
	b := flavor.NewUpdateBuilder().Update(table)
	for _, c := range changes {
		b.SetMore(b.Assign(c.Column, c.Value))
	}
	b.Where(b.Equal("id", id))
	query, args := b.Build()
	n, err := t.exec(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("update %s %d: %w", table, id, err)
	}
	if n == 0 {
		return ErrNotFound
	}
	note()
	return nil
}
