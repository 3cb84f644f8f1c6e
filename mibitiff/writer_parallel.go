package mibitiff

import (
	"context"
	"runtime"
	"sync"
)

// inOrder lets each processor do the items from 0 to n-1, and hands the results
// to take one after the other in that order. The packer of an item is its own
// until the next one was taken: there are no more of them than processors and
// one. It returns the first error in the items' order, or that of ctx, after
// all work has ended.
func inOrder[T any](ctx context.Context, n int, options *writerOptions, do func(ctx context.Context, p *packer, i int) (T, error), take func(T) error) error {
	type result struct {
		value T
		err   error
		used  *packer
	}
	workers := min(runtime.GOMAXPROCS(0), n)
	free := make(chan *packer, workers+1)
	for range workers + 1 {
		free <- &packer{options: options}
	}
	results := make([]chan result, n)
	for i := range results {
		results[i] = make(chan result, 1)
	}
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	// An item is handed out with a packer: so the one that take waits for
	// always has one.
	type item struct {
		i int
		p *packer
	}
	items := make(chan item)
	wg.Go(func() {
		defer close(items)
		for i := range n {
			select {
			case p := <-free:
				select {
				case items <- item{i, p}:
				case <-ctx.Done():
					return
				}
			case <-ctx.Done():
				return
			}
		}
	})
	for range workers {
		wg.Go(func() {
			for it := range items {
				value, err := do(ctx, it.p, it.i)
				results[it.i] <- result{value, err, it.p}
			}
		})
	}
	var last *packer
	for i := range n {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case r := <-results[i]:
			if r.err != nil {
				return r.err
			}
			if err := take(r.value); err != nil {
				return err
			}
			if last != nil {
				free <- last
			}
			last = r.used
		}
	}
	return nil
}
