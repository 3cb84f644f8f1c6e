package ingest

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

const (
	maxRetryDelay = 5 * time.Minute
	// settleTime is what a stop waits at most for a job to be given back.
	settleTime = 10 * time.Second
)

// refusal is bad input: trying again would end the same. Its text is shown to
// people.
type refusal struct{ reason string }

func (r *refusal) Error() string { return r.reason }

func refuse(format string, args ...any) error { return &refusal{fmt.Sprintf(format, args...)} }

// hold makes one attempt at a job while a heartbeat keeps its lease, and
// records how it ended.
func (g *Ingest) hold(ctx context.Context, job model.Job) {
	log := g.Logger.With("job", job.ID, "image", job.ImageID, "attempt", job.Attempts+job.Failures)
	work, cancel := context.WithCancelCause(ctx)
	var beat sync.WaitGroup
	beat.Go(func() { g.heartbeat(work, job, cancel) })

	start := time.Now()
	published, err := g.safely(func() (bool, error) { return g.attempt(work, job) })
	lost := errors.Is(err, store.ErrLeaseLost) || errors.Is(context.Cause(work), store.ErrLeaseLost)
	cancel(nil)
	beat.Wait()

	settle, done := context.WithTimeout(context.WithoutCancel(ctx), settleTime)
	defer done()
	var bad *refusal
	switch {
	case err == nil && published:
		log.InfoContext(ctx, "image published", "duration", time.Since(start))
	case err == nil:
		log.InfoContext(ctx, "job overtaken by a later upload of its image")
	case lost:
		log.WarnContext(ctx, "job dropped: its lease is lost", "error", err)
	case errors.As(err, &bad):
		log.WarnContext(ctx, "upload refused", "reason", bad.reason)
		g.recorded(ctx, g.Store.FailJob(settle, job, bad.reason), job)
	case ctx.Err() != nil:
		log.InfoContext(ctx, "job given back: the server stops")
		g.recorded(ctx, g.Store.ReleaseJob(settle, job), job)
	case job.Failures+1 >= g.limit(err):
		log.ErrorContext(ctx, "job failed for good", "error", err)
		// The error is about this computer, not about the file: it is for the log.
		reason := fmt.Sprintf("the server could not process the file, in %d attempts; its log says why, under job %d", job.Failures+1, job.ID)
		g.recorded(ctx, g.Store.FailJob(settle, job, reason), job)
	default:
		delay := g.retryDelay(job.Failures + 1)
		log.WarnContext(ctx, "job failed; it will be tried again", "error", err, "after", delay)
		g.recorded(ctx, g.Store.RetryJob(settle, job, err.Error(), delay), job)
	}
}

// recorded logs that an attempt's end could not be recorded: the job is then
// taken again when its lease has run out.
func (g *Ingest) recorded(ctx context.Context, err error, job model.Job) {
	if err != nil {
		g.Logger.ErrorContext(ctx, "the end of an attempt is not recorded", "job", job.ID, "error", err)
	}
}

// limit is how often a job may fail like this before it fails for good.
func (g *Ingest) limit(err error) int {
	var fault *crash
	if errors.As(err, &fault) {
		return g.MaxAttempts
	}
	return g.MaxFailures
}

func (g *Ingest) retryDelay(failures int) time.Duration {
	delay := g.RetryDelay
	for range failures - 1 {
		if delay = 2 * delay; delay >= maxRetryDelay {
			return maxRetryDelay
		}
	}
	return delay
}

// heartbeat extends a job's lease until the context is done. Once the lease is
// lost, or may be as the database has not answered for its whole time, it
// cancels the work.
func (g *Ingest) heartbeat(ctx context.Context, job model.Job, cancel context.CancelCauseFunc) {
	ticker := time.NewTicker(max(g.Lease/3, time.Millisecond))
	defer ticker.Stop()
	held := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		asked := time.Now()
		err := g.Store.ExtendLease(ctx, job, g.Lease)
		switch {
		case err == nil:
			held = asked
		case errors.Is(err, store.ErrLeaseLost) || time.Since(held) > g.Lease:
			cancel(store.ErrLeaseLost)
			return
		}
	}
}

// crash is a panic that was caught.
type crash struct{ value any }

func (c *crash) Error() string { return fmt.Sprintf("the program has a fault: %v", c.value) }

// safely turns a panic into an error: a fault in a decoder must not end the
// server for everybody.
func (g *Ingest) safely(f func() (bool, error)) (ok bool, err error) {
	defer func() {
		if v := recover(); v != nil {
			g.Logger.Error("caught a panic", "value", fmt.Sprint(v), "stack", string(debug.Stack()))
			ok, err = false, &crash{v}
		}
	}()
	return f()
}
