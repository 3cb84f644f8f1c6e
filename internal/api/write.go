package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/openmibi/openmibi/internal/store"
)

const mediaJSON = "application/json"

// written is the answer of a POST, rendered. Only [write] and [unchanged] make
// it: whatever a handler of [writes] answers, its repetitions are answered, too.
type written[T any] struct{ body []byte }

// errTaken undoes a transaction whose key another process has answered.
var errTaken = errors.New("the key is taken")

// write does what a POST asks and makes its answer out of what do returns, in
// one transaction, which keeps the answer where the request has an
// Idempotency-Key: a crash leaves both or neither. What do reads it reads
// through the transaction.
func write[T any](ctx context.Context, c *Call, do func(*store.Tx) (T, error)) (*written[T], error) {
	var asked store.Asked
	if c.once != nil {
		var err error
		if asked, err = c.once.asked(); err != nil {
			return nil, err
		}
	}
	var w *written[T]
	err := c.write(ctx, func(tx *store.Tx) error {
		claim, err := c.once.claim(ctx, tx, asked)
		if err != nil {
			return err
		}
		made, err := do(tx)
		if err != nil {
			return err
		}
		if w, err = render(made); err != nil {
			return err
		}
		return c.once.keep(ctx, tx, claim, w.body)
	})
	if errors.Is(err, errTaken) {
		return nil, c.once.overtaken(ctx)
	}
	if err != nil {
		return nil, err
	}
	return w, nil
}

// write runs do in a transaction of the caller's, if that may still write. It
// is for changes that are no POST.
func (c *Call) write(ctx context.Context, do func(*store.Tx) error) error {
	return c.api.Store.WriteAs(ctx, c.actor(), func(tx *store.Tx) error {
		if err := c.still(ctx, tx); err != nil {
			return err
		}
		return do(tx)
	})
}

// actor is the caller, for the audit record.
func (c *Call) actor() store.Actor {
	who := store.Actor{AccountID: c.Account.ID, Name: c.Account.Email, RequestID: requestID(c.Request.Context())}
	if c.Key != nil {
		who.KeyID = c.Key.ID
	}
	return who
}

// unchanged is the answer of a POST that finds nothing left to write.
func unchanged[T any](ctx context.Context, c *Call, body T) (*written[T], error) {
	if c.once == nil {
		return render(body)
	}
	return write(ctx, c, func(*store.Tx) (T, error) { return body, nil })
}

// show makes the wire form of what a query has found.
func show[M, T any](wire func(M) T) func(*M, error) (T, error) {
	return func(found *M, err error) (out T, _ error) {
		if err != nil {
			return out, err
		}
		return wire(*found), nil
	}
}

// render makes JSON as huma does.
func render[T any](body T) (*written[T], error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(body); err != nil {
		return nil, fmt.Errorf("encode the answer: %w", err)
	}
	return &written[T]{b.Bytes()}, nil
}

// claim takes the key before anything is done.
func (o *once) claim(ctx context.Context, tx *store.Tx, asked store.Asked) (int64, error) {
	if o == nil {
		return 0, nil
	}
	now := o.call.api.Now()
	claim, err := tx.ClaimAnswer(ctx, o.key, asked, now, now.Add(keptFor))
	if errors.Is(err, store.ErrConflict) {
		return 0, errTaken
	}
	return claim, err
}

// keep keeps the answer. One that is too large undoes the transaction: without
// it the key's promise would not hold.
func (o *once) keep(ctx context.Context, tx *store.Tx, claim int64, body []byte) error {
	if o == nil {
		return nil
	}
	if limit := o.call.api.MaxKept; int64(len(body)) > limit {
		return fieldProblem(keyHeader, "The answer is larger than %d bytes and cannot be kept for repetitions. Ask without this header.", limit)
	}
	media, body := o.seal(mediaJSON, body)
	if err := tx.KeepAnswer(ctx, claim, o.call.success, media, body); err != nil {
		return err
	}
	return o.call.api.reach(ctx, "answer.kept")
}
