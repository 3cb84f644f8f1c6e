package mibitiff

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
)

// inParallel calls work for 0 to n-1, as many at once as the program may use
// processors, and waits for all. The first error ends the rest: the context
// that work gets is then cancelled, and no further call is made.
func inParallel(ctx context.Context, n int, work func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := work(ctx, i); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	workers.Wait()
	// Nothing but a failure or the caller cancels before this.
	if err := ctx.Err(); err != nil {
		if cause := context.Cause(ctx); !errors.Is(cause, err) {
			return cause
		}
		return context.Cause(ctx)
	}
	return nil
}
