package transfer

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"sync"

	"github.com/openmibi/openmibi/mibitracker"
)

// send pushes one file, and reports whether the server took it.
func (r *pushing) send(ctx context.Context, f *PushFile) bool {
	if ctx.Err() != nil {
		return false
	}
	f.State, f.Err = PushPlanned, nil
	r.event(Started, f, 0, nil)
	var sum string
	before := -1 // files that had arrived when the server went away
	err := r.plan.patience.try(ctx,
		func(err error) {
			if before < 0 {
				before = r.taken()
			}
			r.away(err)
		},
		func() (err error) {
			sum, err = r.upload(ctx, f)
			return err
		})
	if err != nil {
		if ctx.Err() != nil {
			return false // ended for all
		}
		end := r.hopeless(err, before)
		if end == nil || errors.Is(err, mibitracker.ErrServer) && !away(err) {
			r.failed(f, err)
		}
		if end != nil {
			r.stop(end)
		}
		return false
	}
	r.mu.Lock()
	r.arrived++
	r.row = 0
	r.bytes += f.Size
	r.mu.Unlock()
	r.back()
	f.State, f.SHA256 = PushPushed, sum
	if !r.plan.options.Wait {
		r.event(Done, f, f.Size, nil)
		return true
	}
	r.event(Waiting, f, f.Size, errors.New("the server processes it"))
	return true
}

// taken counts the files that the server took.
func (r *pushing) taken() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.arrived
}

// upload sends a file once, or more often where the client repeats it, and gives
// the hash of what was sent.
func (r *pushing) upload(ctx context.Context, f *PushFile) (string, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var mu sync.Mutex
	var last *sending // the attempt that counts
	source := mibitracker.Source{Name: filepath.Base(f.Path), Size: f.Size}
	source.Open = func() (io.ReadCloser, error) {
		s, err := openSending(ctx, f.local())
		if err != nil {
			// To send it again would be no better.
			cancel(err)
			return nil, err
		}
		s.want, s.broke = f.SHA256, cancel
		s.moved = every(eventBytes, f.Size, func(at int64) {
			mu.Lock()
			defer mu.Unlock()
			if last == s {
				r.event(Moved, f, at, nil)
			}
		})
		mu.Lock()
		defer mu.Unlock()
		if last != nil {
			r.event(Moved, f, 0, nil) // it starts over
		}
		last = s
		return s, nil
	}
	_, err := r.plan.client.Uploads.MIBItiff(ctx, r.plan.To.ID, source)
	if err != nil {
		if local := context.Cause(ctx); ctx.Err() != nil && local != nil {
			return "", local
		}
		return "", err
	}
	mu.Lock()
	sent := last
	mu.Unlock()
	if sent != nil {
		if sum, whole := sent.sum(); whole {
			return sum, nil
		}
	}
	return "", &mibitracker.UnexpectedAnswerError{Reason: "the server answered before it had the whole file"}
}
