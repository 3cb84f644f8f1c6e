// Package store keeps the server's entities and its queue of jobs in a
// database: SQLite inside the data folder. It knows neither blobs nor HTTP.
//
// Reads go through [Queries], which both the [Store] (each call on its own)
// and a [Tx] (inside one transaction) offer. Writes exist on a [Tx] only.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime"
	"time"
)

// Errors that callers tell apart with errors.Is.
var (
	// ErrNotFound says that no such row exists, or that the viewer may not see it.
	ErrNotFound = errors.New("not found")
	// ErrConflict says that a unique value is taken already; see [ConflictError].
	ErrConflict = errors.New("already exists")
	// ErrNewer says that the database was written by a newer version of the program.
	ErrNewer = errors.New("the database is of a newer version")
	// ErrLeaseLost says that a job is no longer held by who tries to end it.
	ErrLeaseLost = errors.New("the job's lease is lost")
	// ErrLastAdmin says that a change would leave no active administrator who
	// can log in.
	ErrLastAdmin = errors.New("this is the last active administrator who can log in")
	// ErrField says that a filter or an ordering names an unknown field; see [FieldError].
	ErrField = errors.New("unknown field")
)

// ConflictError is an [ErrConflict] that names the field.
type ConflictError struct{ Field, Value string }

func (e *ConflictError) Error() string {
	return fmt.Sprintf("%s %q already exists", e.Field, e.Value)
}

// Is makes errors.Is(err, ErrConflict) true.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }

// Viewer is who asks: what it may not see does not exist for it.
type Viewer struct {
	ID    int64
	Admin bool
}

// Store is an open database.
type Store struct {
	*Queries // on the pool of readers

	read, write *sql.DB
	now         func() time.Time
	changed     chan struct{} // a job was committed
}

// Queries are the reads, on a pool or inside a transaction.
type Queries struct {
	x interface {
		QueryContext(context.Context, string, ...any) (*sql.Rows, error)
		QueryRowContext(context.Context, string, ...any) *sql.Row
	}
	pool *sql.DB // nil inside a transaction
	// Inside a write they are nil: they know what was committed.
	images   *imageIndex
	cache    *relationCache
	prepared *statements
	known    *relationView // what a snapshot may use of cache
}

// snapshot runs reads that belong together on one state of the database: an
// image and its channels must not be read from before and after a publication.
func (q *Queries) snapshot(ctx context.Context, f func(*Queries) error) error {
	if q.pool == nil {
		return f(q)
	}
	tx, err := q.pool.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin to read: %w", err)
	}
	reader := &snapshotReader{statements: q.prepared, tx: tx}
	defer func() {
		_ = tx.Rollback() // it has nothing to undo
		reader.learn(ctx)
	}()
	inner := &Queries{x: reader, images: q.images}
	if inner.known, err = q.cache.at(ctx, inner); err != nil {
		return err
	}
	return f(inner)
}

// maxReaders is how many connections read at once: each has a cache of its own,
// and SQLite reads with the processor, not with the disk, most of the time.
const maxReaders = 4

// readers are the reads on a pool.
func readers(pool *sql.DB) *Queries {
	prepared := newStatements(pool)
	return &Queries{x: poolReader{prepared}, pool: pool, images: newImageIndex(runtime.GOMAXPROCS(0)), cache: new(relationCache), prepared: prepared}
}

// Tx is a write transaction. It is valid inside the function given to
// [Store.Write] and [Store.WriteAs] only.
type Tx struct {
	*Queries
	tx       *sql.Tx
	now      func() time.Time
	enqueued bool
	trail    trail
}

// Open opens the SQLite database at path, made if absent, and brings its
// schema up to date before it returns. A database that a newer version of the
// program has written is refused with [ErrNewer].
func Open(ctx context.Context, path string) (*Store, error) {
	if err := migrate(ctx, path); err != nil {
		return nil, err
	}
	write, err := openSQLite(path, "_txlock=immediate")
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", path, err)
	}
	// One writer at a time is what SQLite does anyway; queueing here instead
	// of in the busy handler keeps waiting writers in order.
	write.SetMaxOpenConns(1)
	read, err := openSQLite(path, "_pragma=query_only(1)")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), write.Close())
	}
	read.SetMaxOpenConns(maxReaders)
	read.SetMaxIdleConns(maxReaders) // to open one takes longer than to read
	s := &Store{Queries: readers(read), read: read, write: write, now: time.Now, changed: make(chan struct{}, 1)}
	if err := read.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", path, err), s.Close())
	}
	return s, nil
}

// Close closes the database. Reads and writes under way fail.
func (s *Store) Close() error { return errors.Join(s.read.Close(), s.write.Close()) }

// Warm reads what lists are answered from, which the first list would do
// otherwise: some seconds for a million images.
func (s *Store) Warm(ctx context.Context) error {
	return wrap(s.images.read(ctx, s.Queries), "read lists")
}

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.read.PingContext(ctx) }

// Enqueued receives a value after a transaction of this process has
// committed new jobs. Other processes' jobs are found by asking.
func (s *Store) Enqueued() <-chan struct{} { return s.changed }

const timeLayout = "2006-01-02T15:04:05.000000Z"

func formatTime(t time.Time) string { return t.UTC().Format(timeLayout) }

func parseTime(s string) time.Time {
	t, err := time.Parse(timeLayout, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
