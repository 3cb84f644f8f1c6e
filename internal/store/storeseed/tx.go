package storeseed

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// tx is a transaction that prepares each statement once.
type tx struct {
	ctx   context.Context //nolint:containedctx // it lives as long as one call of write
	tx    *sql.Tx
	known map[string]*sql.Stmt
}

func (w *seeder) write(ctx context.Context, f func(*tx) error) error {
	t, err := w.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(&tx{ctx: ctx, tx: t, known: map[string]*sql.Stmt{}}); err != nil {
		return errors.Join(err, t.Rollback())
	}
	return t.Commit() // which closes the statements
}

// add inserts a row and returns its id.
func (t *tx) add(table, columns string, values ...any) (int64, error) {
	key := table + columns
	stmt, known := t.known[key]
	if !known {
		marks := strings.TrimSuffix(strings.Repeat("?,", len(values)), ",")
		var err error
		if stmt, err = t.tx.PrepareContext(t.ctx, fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, columns, marks)); err != nil {
			return 0, fmt.Errorf("insert into %s: %w", table, err)
		}
		t.known[key] = stmt
	}
	res, err := stmt.ExecContext(t.ctx, values...)
	if err != nil {
		return 0, fmt.Errorf("insert into %s: %w", table, err)
	}
	return res.LastInsertId()
}
