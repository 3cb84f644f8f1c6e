package ingest

import (
	"context"
	"strings"
	"time"

	"github.com/openmibi/openmibi/internal/store"
)

const (
	// staleUpload is how long after its URL has expired an upload that was
	// never queued is kept: a slow body may have begun just before.
	staleUpload = 24 * time.Hour
	// staleTemp is how long nobody has written to a temporary file before it
	// counts as left behind.
	staleTemp = 24 * time.Hour
	// sweepBatch is how many blobs are looked up, or answers removed, at once.
	sweepBatch = 100
)

// sweeper sweeps at once and then at intervals until the context is done.
func (g *Ingest) sweeper(ctx context.Context) {
	ticker := time.NewTicker(g.Sweep)
	defer ticker.Stop()
	for {
		if err := g.SweepOnce(ctx, time.Now()); err != nil && ctx.Err() == nil {
			g.Logger.WarnContext(ctx, "sweeping failed; it will be tried again", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// SweepOnce forgets uploads that nobody finished, deletes the blobs that are
// garbage and the kept answers that have expired at a time, and removes the
// temporary files that a crash left.
func (g *Ingest) SweepOnce(ctx context.Context, now time.Time) error {
	err := g.Store.Write(ctx, func(t *store.Tx) error {
		_, err := t.ExpireUploads(ctx, now.Add(-staleUpload))
		return err
	})
	if err != nil {
		return err
	}
	if err := g.forgetAnswers(ctx, now); err != nil {
		return err
	}
	for {
		list, err := g.Store.DueGarbage(ctx, now, sweepBatch)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			break
		}
		for _, garbage := range list {
			if err := g.remove(ctx, garbage); err != nil {
				return err
			}
		}
	}
	_, err = g.Blobs.Sweep(ctx, staleTemp)
	return err
}

// remove deletes garbage before it forgets it: the other way round, a crash in
// between would leave bytes that nobody knows of.
func (g *Ingest) remove(ctx context.Context, garbage store.Garbage) error {
	var err error
	if prefix, ok := strings.CutSuffix(garbage.Key, "/"); ok {
		err = g.Blobs.DeletePrefix(ctx, prefix)
	} else {
		err = g.Blobs.Delete(ctx, garbage.Key)
	}
	if err != nil {
		return err
	}
	return g.Store.Write(ctx, func(t *store.Tx) error { return t.ForgetGarbage(ctx, garbage.ID) })
}

// forgetAnswers removes expired answers, each batch in a transaction of its
// own: other writers need not wait for all of them.
func (g *Ingest) forgetAnswers(ctx context.Context, now time.Time) error {
	for n := int64(sweepBatch); n == sweepBatch; {
		err := g.Store.Write(ctx, func(t *store.Tx) (err error) {
			n, err = t.ForgetAnswers(ctx, now, sweepBatch)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
