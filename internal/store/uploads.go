package store

import (
	"context"
	"time"

	"github.com/openmibi/openmibi/internal/model"
)

const uploadColumns = `SELECT id, run_id, account_id, blob_key, expires_at, received_at, size, sha256, job_id, image_id FROM uploads`

func scanUpload(r scanner) (u model.Upload, err error) {
	var expires string
	var received *string
	err = r.Scan(&u.ID, &u.RunID, &u.AccountID, &u.Key, &expires, &received, &u.Size, &u.SHA256, &u.JobID, &u.ImageID)
	u.ExpiresAt = parseTime(expires)
	if received != nil {
		t := parseTime(*received)
		u.ReceivedAt = &t
	}
	return u, err
}

// Upload returns an upload by its location.
func (q *Queries) Upload(ctx context.Context, id string) (model.Upload, error) {
	return one(ctx, q, uploadColumns+" WHERE id = $1", []any{id}, scanUpload)
}

// AddUpload records that an upload was signed.
func (t *Tx) AddUpload(ctx context.Context, u model.Upload) error {
	_, err := t.exec(ctx, `INSERT INTO uploads (id, run_id, account_id, blob_key, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)`,
		u.ID, u.RunID, u.AccountID, u.Key, formatTime(t.now()), formatTime(u.ExpiresAt))
	return wrap(err, "add upload")
}

// UploadReceived records that an upload's bytes are whole, under a key of
// their own: a repeated PUT makes a new object, and the one before becomes
// garbage. An upload that is queued already keeps its bytes: the new ones are
// discarded.
func (t *Tx) UploadReceived(ctx context.Context, id, key string, size int64, sha256 string) error {
	u, err := t.Upload(ctx, id)
	if err != nil {
		return err
	}
	if u.JobID != nil {
		return t.discard(ctx, key)
	}
	_, err = t.exec(ctx, "UPDATE uploads SET blob_key = $1, size = $2, sha256 = $3, received_at = $4 WHERE id = $5",
		key, size, sha256, formatTime(t.now()), id)
	if err != nil {
		return wrap(err, "upload received")
	}
	if u.Key != key {
		return t.discardAt(ctx, t.now(), u.Key)
	}
	return nil
}

// Staged is what an account has lying about in uploads that are not queued.
type Staged struct {
	Open  int64 // uploads whose signed URL can still be used
	Bytes int64 // of all that has arrived
}

// Staged sums up an account's uploads at a time.
func (q *Queries) Staged(ctx context.Context, account int64, now time.Time) (Staged, error) {
	s, err := one(ctx, q, `SELECT COUNT(CASE WHEN expires_at > $2 THEN 1 END), COALESCE(SUM(size), 0)
		FROM uploads WHERE job_id IS NULL AND account_id = $1`,
		[]any{account, formatTime(now)}, func(r scanner) (s Staged, err error) { return s, r.Scan(&s.Open, &s.Bytes) })
	return s, wrap(err, "sum up uploads")
}

// EnqueueIngest queues an upload for an image, in this transaction.
func (t *Tx) EnqueueIngest(ctx context.Context, upload string, image int64) (int64, error) {
	id, err := one(ctx, t.Queries, `INSERT INTO jobs (kind, image_id, upload_id, state, run_at, created_at)
		VALUES ($1, $2, $3, 'queued', `+sqlNow+`, $4) RETURNING id`,
		[]any{model.JobIngest, image, upload, formatTime(t.now())}, scanInt64)
	if err != nil {
		return 0, wrap(err, "enqueue")
	}
	if _, err := t.exec(ctx, "UPDATE uploads SET job_id = $1, image_id = $2 WHERE id = $3", id, image, upload); err != nil {
		return 0, wrap(err, "enqueue")
	}
	if err := t.noteUpload(ctx, upload, image); err != nil {
		return 0, err
	}
	// An error of an earlier upload is over: who waits for this one must not
	// take it for its own.
	_, err = t.exec(ctx, `UPDATE images SET status = CASE WHEN tiff_key <> '' THEN 'A' ELSE 'U' END, processing_error = NULL
		WHERE id = $1 AND status = 'E'`, image)
	if err != nil {
		return 0, wrap(err, "enqueue")
	}
	t.enqueued = true
	return id, nil
}

// ExpireUploads forgets uploads that were signed but never queued before a
// time; their bytes become garbage.
func (t *Tx) ExpireUploads(ctx context.Context, before time.Time) (int64, error) {
	keys, err := all(ctx, t.Queries, "DELETE FROM uploads WHERE job_id IS NULL AND expires_at < $1 RETURNING blob_key",
		[]any{formatTime(before)}, scanString)
	if err != nil {
		return 0, wrap(err, "expire uploads")
	}
	return int64(len(keys)), t.discardAt(ctx, t.now(), keys...)
}
