package mibitiff

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// inParallel calls work for 0 to n-1, as many at once as the program may use
// processors, and waits for all. The first error is returned and ends the rest:
// the context that work gets is then cancelled, and no further call is made.
func inParallel(ctx context.Context, n int, work func(ctx context.Context, i int) error) error {
	working, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		next    atomic.Int64
		workers sync.WaitGroup
		failed  sync.Once
		failure error
	)
	for range min(n, runtime.GOMAXPROCS(0)) {
		workers.Go(func() {
			for working.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := work(working, i); err != nil {
					failed.Do(func() { failure = err })
					cancel()
					return
				}
			}
		})
	}
	workers.Wait()
	if failure != nil {
		return failure
	}
	return ctx.Err()
}
