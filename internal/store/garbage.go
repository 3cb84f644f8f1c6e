package store

import (
	"context"
	"time"
)

// grace is how long discarded bytes stay: longer than any signed URL lives,
// so that a download under way is never cut off.
const grace = 24 * time.Hour

// discard marks blobs as garbage, due after the time of grace. A key that ends
// in "/" stands for all blobs below it.
func (t *Tx) discard(ctx context.Context, keys ...string) error {
	return t.discardAt(ctx, t.now().Add(grace), keys...)
}

// discardAt marks blobs as garbage that is due at a time: for bytes that no
// signed URL can be reading.
func (t *Tx) discardAt(ctx context.Context, due time.Time, keys ...string) error {
	for _, key := range keys {
		if key == "" {
			continue
		}
		if _, err := t.exec(ctx, "INSERT INTO garbage (blob_key, due_at) VALUES ($1, $2)", key, formatTime(due)); err != nil {
			return wrap(err, "discard blob")
		}
	}
	return nil
}

// Garbage is a blob, or with a final "/" all blobs below a prefix, that
// nothing refers to any more.
type Garbage struct {
	ID  int64
	Key string
}

// DueGarbage returns some of the garbage that is due at a time.
func (q *Queries) DueGarbage(ctx context.Context, at time.Time, limit int) ([]Garbage, error) {
	list, err := all(ctx, q, "SELECT id, blob_key FROM garbage WHERE due_at <= $1 ORDER BY due_at, id LIMIT $2",
		[]any{formatTime(at), limit}, func(r scanner) (g Garbage, err error) { return g, r.Scan(&g.ID, &g.Key) })
	return list, wrap(err, "find garbage")
}

// ForgetGarbage removes the record of a blob that was deleted.
func (t *Tx) ForgetGarbage(ctx context.Context, id int64) error {
	_, err := t.exec(ctx, "DELETE FROM garbage WHERE id = $1", id)
	return wrap(err, "forget garbage")
}

// Reserve records a blob that is about to be written: should the process end
// before anything refers to it, it is garbage. Whoever then refers to it calls
// [Tx.Keep] with the id in the same transaction.
func (t *Tx) Reserve(ctx context.Context, key string) (int64, error) {
	return t.insert(ctx, "garbage", []string{"blob_key", "due_at"}, []any{key, formatTime(t.now().Add(grace))})
}

// Keep takes back a reservation. [ErrNotFound] means that it took longer than
// the time of grace, and that the blob may be gone.
func (t *Tx) Keep(ctx context.Context, id int64) error {
	n, err := t.exec(ctx, "DELETE FROM garbage WHERE id = $1", id)
	if err == nil && n == 0 {
		err = ErrNotFound
	}
	return wrap(err, "keep blob")
}
