package store

import (
	"context"
	"time"
)

// AnswerKey is what an account calls one of its requests: the contract's
// Idempotency-Key, which counts for one route.
type AnswerKey struct {
	AccountID  int64
	Route, Key string
}

// Asked tells one request from another that has the same key: the SHA-256 of
// its body, and the body's length in bytes.
type Asked struct {
	SHA256 string
	Size   int64
}

// Answer is what a request was answered, kept for its repetitions.
type Answer struct {
	Asked
	Status      int
	ContentType string
	Body        []byte
}

// Asked returns what was asked under a key whose answer is kept at a time.
// None is [ErrNotFound].
func (q *Queries) Asked(ctx context.Context, k AnswerKey, at time.Time) (Asked, error) {
	a, err := one(ctx, q, `SELECT request_sha256, request_size FROM answers
		WHERE account_id = $1 AND route = $2 AND idempotency_key = $3 AND expires_at > $4`,
		[]any{k.AccountID, k.Route, k.Key, formatTime(at)}, func(r scanner) (a Asked, err error) {
			return a, r.Scan(&a.SHA256, &a.Size)
		})
	return a, wrap(err, "find what was asked")
}

// Answer returns the answer that is kept for a key at a time. None is
// [ErrNotFound].
func (q *Queries) Answer(ctx context.Context, k AnswerKey, at time.Time) (Answer, error) {
	a, err := one(ctx, q, `SELECT request_sha256, request_size, status, content_type, body FROM answers
		WHERE account_id = $1 AND route = $2 AND idempotency_key = $3 AND expires_at > $4`,
		[]any{k.AccountID, k.Route, k.Key, formatTime(at)}, func(r scanner) (a Answer, err error) {
			return a, r.Scan(&a.SHA256, &a.Size, &a.Status, &a.ContentType, &a.Body)
		})
	return a, wrap(err, "find answer")
}

// ClaimAnswer takes a key for this transaction, before it does what the
// request asks: an [ErrConflict] says that another one has answered already
// and that this one is to be undone. What has expired at the time now gives
// way. Nobody else sees the claim until it is committed, with its answer: see
// [Tx.KeepAnswer].
func (t *Tx) ClaimAnswer(ctx context.Context, k AnswerKey, asked Asked, now, expires time.Time) (int64, error) {
	_, err := t.exec(ctx, `DELETE FROM answers WHERE account_id = $1 AND route = $2 AND idempotency_key = $3 AND expires_at <= $4`,
		k.AccountID, k.Route, k.Key, formatTime(now))
	if err != nil {
		return 0, wrap(err, "claim answer")
	}
	id, err := t.insert(ctx, "answers",
		[]string{"account_id", "route", "idempotency_key", "request_sha256", "request_size", "created_at", "expires_at"},
		[]any{k.AccountID, k.Route, k.Key, asked.SHA256, asked.Size, formatTime(now), formatTime(expires)})
	if unique(err) {
		return 0, &ConflictError{Field: "Idempotency-Key", Value: k.Key}
	}
	return id, wrap(err, "claim answer")
}

// KeepAnswer keeps the answer under the key that the transaction has claimed.
func (t *Tx) KeepAnswer(ctx context.Context, claim int64, status int, contentType string, body []byte) error {
	return wrap(t.update(ctx, "answers", claim, []Change{{"status", status}, {"content_type", contentType}, {"body", body}}), "keep answer")
}

// ForgetAnswers removes some of the answers that have expired at a time, at
// most limit of them, and says how many.
func (t *Tx) ForgetAnswers(ctx context.Context, at time.Time, limit int) (int64, error) {
	n, err := t.exec(ctx, `DELETE FROM answers WHERE id IN (SELECT id FROM answers WHERE expires_at <= $1 ORDER BY expires_at, id LIMIT $2)`,
		formatTime(at), limit)
	return n, wrap(err, "forget answers")
}
