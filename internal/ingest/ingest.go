// Package ingest turns uploaded MIBItiffs into viewable images: it takes jobs
// from the queue in package store, verifies the file against its run and its
// image, decodes every page, writes a file for each channel, and publishes it
// all in one transaction. It also sweeps what nobody refers to any more.
//
// A job may be taken more than once: after a crash, after a stop, after a
// failure that may pass. Nothing that an attempt writes is seen before the
// transaction at its end, and only the holder of the job's lease gets through
// that.
package ingest

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/openmibi/openmibi/internal/blob"
	"github.com/openmibi/openmibi/internal/store"
)

// Config is what workers need. A zero field means its default, Store and Blobs
// have none.
type Config struct {
	Store  *store.Store
	Blobs  blob.Store
	Logger *slog.Logger // default: nothing is logged
	// Workers is how many jobs are worked on at once (default 1). Two pages of
	// a job are worked on at once.
	Workers int
	// Lease is how long a job stays ours without a heartbeat (default 30 s).
	Lease time.Duration
	// Poll is how often the queue is looked at when nothing woke a worker
	// (default 2 s): for jobs whose time has come, and those of dead processes.
	Poll time.Duration
	// MaxAttempts is how often a job may take the process, or the decoder, down
	// (default 5).
	MaxAttempts int
	// MaxFailures is how often a job may fail in a way that may pass, such as a
	// full disk (default 300: about a day). Until then its upload is not lost.
	MaxFailures int
	// RetryDelay is the wait before the second attempt; each further one is
	// twice as long, up to 5 minutes (default 1 s).
	RetryDelay time.Duration
	// Memory bounds what the planes in work take together, in bytes (default
	// 512 MiB). A larger plane is worked on alone.
	Memory int64
	// Sweep is how often garbage is looked for (default 10 minutes).
	Sweep time.Duration
	// Hook, if set, is called at named moments of each job: "ingest.taken",
	// "ingest.verified", "ingest.derived.N" after the Nth channel's file is
	// durable, "publish.before-commit", "publish.after-commit". Its error ends
	// the attempt as one that may pass. Tests end the process there. It may be
	// called from several goroutines at once.
	Hook func(ctx context.Context, moment string) error
}

func (c Config) withDefaults() Config {
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	orDefault(&c.Workers, 1)
	orDefault(&c.Lease, 30*time.Second)
	orDefault(&c.Poll, 2*time.Second)
	orDefault(&c.MaxAttempts, 5)
	orDefault(&c.MaxFailures, 300)
	orDefault(&c.RetryDelay, time.Second)
	orDefault(&c.Memory, 512<<20)
	orDefault(&c.Sweep, 10*time.Minute)
	if c.Hook == nil {
		c.Hook = func(context.Context, string) error { return nil }
	}
	return c
}

func orDefault[T ~int | ~int64](v *T, fallback T) {
	if *v <= 0 {
		*v = fallback
	}
}

// Ingest is the queue's workers and the sweeper.
type Ingest struct {
	Config

	memory *semaphore.Weighted
	// more passes a wake-up on: the store wakes one worker however many jobs came.
	more chan struct{}
}

// New returns workers that [Ingest.Run] sets to work.
func New(c Config) *Ingest {
	c = c.withDefaults()
	return &Ingest{Config: c, memory: semaphore.NewWeighted(c.Memory), more: make(chan struct{}, c.Workers)}
}

// Run works until the context is done. It then gives the jobs in work back,
// and returns nil when all is at rest.
func (g *Ingest) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	for range g.Workers {
		wg.Go(func() { g.worker(ctx) })
	}
	wg.Go(func() { g.sweeper(ctx) })
	wg.Wait()
	return nil
}

// worker takes one job after the other.
func (g *Ingest) worker(ctx context.Context) {
	poll := time.NewTicker(g.Poll)
	defer poll.Stop()
	for ctx.Err() == nil {
		found, err := g.next(ctx)
		if err != nil && ctx.Err() == nil {
			g.Logger.ErrorContext(ctx, "the queue cannot be read; it will be tried again", "error", err)
		}
		if found {
			continue
		}
		select {
		case <-ctx.Done():
		case <-g.Store.Enqueued():
		case <-g.more:
		case <-poll.C:
		}
	}
}

// next takes a job and makes an attempt at it. It reports false if none is due.
func (g *Ingest) next(ctx context.Context) (bool, error) {
	job, err := g.Store.TakeJob(ctx, g.Lease, g.MaxAttempts)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	select {
	case g.more <- struct{}{}:
	default:
	}
	g.hold(ctx, job)
	return true, nil
}
