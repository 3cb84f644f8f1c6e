package store

import (
	"context"
	"slices"
)

// add adds a row with these columns and returns its id.
func (t *Tx) add(ctx context.Context, table string, columns []Change) (int64, error) {
	cols, vals := make([]string, len(columns)), make([]any, len(columns))
	for i, c := range columns {
		cols[i], vals[i] = c.Column, c.Value
	}
	return t.insert(ctx, table, cols, vals)
}

// createdBy is columns with who makes the row.
func createdBy(account int64, columns []Change) []Change {
	return append(slices.Clip(columns), Change{"created_by", account})
}

// orTaken makes a [ConflictError] of a violated unique constraint.
func orTaken(err error, column string, columns []Change) error {
	if unique(err) {
		return taken(column, columns)
	}
	return err
}
