package store

import (
	"context"
	"database/sql"
	"sync"
)

// statements keeps the statements of reads prepared: to parse and plan one
// takes SQLite as long as to look a row up.
type statements struct {
	db    *sql.DB
	mu    sync.Mutex
	known map[string]*sql.Stmt
}

// maxStatements bounds how many are kept. Lists make their own texts.
const maxStatements = 128

func newStatements(db *sql.DB) *statements {
	return &statements{db: db, known: map[string]*sql.Stmt{}}
}

// of returns a prepared statement, or nil where it is one too many.
func (s *statements) of(ctx context.Context, query string) (*sql.Stmt, error) {
	s.mu.Lock()
	found, full := s.known[query], len(s.known) >= maxStatements
	s.mu.Unlock()
	if found != nil || full {
		return found, nil
	}
	made, err := s.db.PrepareContext(ctx, query) // not under the lock: it may wait for a connection
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if other := s.known[query]; other != nil {
		return other, made.Close() //nolint:sqlclosecheck // it was made for nothing
	}
	s.known[query] = made
	return made, nil
}

// poolReader reads by prepared statements.
type poolReader struct{ *statements }

func (r poolReader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	stmt, err := r.of(ctx, query) //nolint:sqlclosecheck // it is kept
	if err != nil {
		return nil, err
	}
	if stmt == nil {
		return r.db.QueryContext(ctx, query, args...)
	}
	return stmt.QueryContext(ctx, args...)
}

func (r poolReader) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if stmt, err := r.of(ctx, query); err == nil && stmt != nil { //nolint:sqlclosecheck // it is kept
		return stmt.QueryRowContext(ctx, args...)
	}
	return r.db.QueryRowContext(ctx, query, args...) // which says what is wrong
}

// snapshotReader does so inside a transaction that reads. A statement that is
// not known yet is read without: to prepare it may need a connection, and this
// one holds one.
type snapshotReader struct {
	*statements

	tx      *sql.Tx
	missing []string
}

// learn prepares what was missing, once the transaction is over.
func (r *snapshotReader) learn(ctx context.Context) {
	for _, query := range r.missing {
		if _, err := r.of(ctx, query); err != nil { //nolint:sqlclosecheck // it is kept
			return // whoever reads it next hears why
		}
	}
}

func (r *snapshotReader) get(ctx context.Context, query string) *sql.Stmt {
	r.mu.Lock()
	found := r.known[query]
	r.mu.Unlock()
	if found == nil {
		r.missing = append(r.missing, query)
		return nil
	}
	return r.tx.StmtContext(ctx, found)
}

func (r *snapshotReader) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if stmt := r.get(ctx, query); stmt != nil { //nolint:sqlclosecheck // the transaction closes it
		return stmt.QueryContext(ctx, args...)
	}
	return r.tx.QueryContext(ctx, query, args...)
}

func (r *snapshotReader) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if stmt := r.get(ctx, query); stmt != nil { //nolint:sqlclosecheck // the transaction closes it
		return stmt.QueryRowContext(ctx, args...)
	}
	return r.tx.QueryRowContext(ctx, query, args...)
}
