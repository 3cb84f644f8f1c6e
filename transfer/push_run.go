package transfer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/openmibi/openmibi/mibitracker"
)

// pushing is a plan that runs.
type pushing struct {
	plan  *PushPlan
	files []PushFile // each is one goroutine's at a time
	stop  context.CancelCauseFunc
	telling

	mu      sync.Mutex
	arrived int   // files that the server took
	row     int   // refusals by the server since the last of them
	bytes   int64 // of the files that it took
	told    error // that the server does not answer; nil while it does
}

// Run pushes what the plan says, several files at once. Where files do not fit
// the run it is a *MismatchError without a result, and nothing was sent, unless
// the options say to push the others.
//
// What fails of single files is in the result's Failures. The error is the
// context's, or a *StoppedError where going on was of no use: a login that has
// ended or does not allow it, a run that is gone, a server that is away or has no
// room. The result says also then how far each file is. Run again, the plan goes
// on with what is open.
func (p *PushPlan) Run(ctx context.Context) (*PushResult, error) {
	if len(p.Mismatches) > 0 && !p.options.SkipMismatched {
		return nil, &MismatchError{Run: p.To.Label, Files: p.Mismatches}
	}
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	r := &pushing{plan: p, files: slices.Clone(p.Files), stop: stop, telling: telling{to: p.options.Events}}
	r.all(running)
	p.Files = r.files
	result := &PushResult{Run: p.To.Label, Files: r.files, Failures: slices.Clone(p.Mismatches), Bytes: r.bytes}
	for i := range r.files {
		if f := &r.files[i]; f.Err != nil {
			result.Failures = append(result.Failures, Failure{FOV: f.FOV, ImageID: f.ImageID, Path: f.Path, Err: f.Err})
		}
	}
	if running.Err() == nil {
		return result, nil
	}
	err := context.Cause(running)
	var stopped *StoppedError
	if errors.As(err, &stopped) {
		for i := range r.files {
			if s := r.files[i].State; s == PushPlanned || s == PushProcessing {
				stopped.Untried++
			}
		}
	}
	return result, err
}

// all sends the files that are open, and waits for them beside.
func (r *pushing) all(ctx context.Context) {
	var senders, waiters errgroup.Group
	taken := make(chan int, len(r.files))
	if r.plan.options.Wait {
		for range r.plan.options.Jobs {
			waiters.Go(func() error {
				for i := range taken {
					r.wait(ctx, &r.files[i])
				}
				return nil
			})
		}
	}
	senders.SetLimit(r.plan.options.Jobs)
	for i := range r.files {
		f := &r.files[i]
		if f.State == PushSkipped {
			r.event(Skipped, f, f.Size, nil)
		}
		switch {
		case f.State == PushPushed || f.State == PushProcessing:
			taken <- i
		case f.open():
			senders.Go(func() error {
				if r.send(ctx, f) {
					taken <- i
				}
				return nil
			})
		}
	}
	// Neither gives an error: what goes wrong is the file's, or ends ctx.
	_ = senders.Wait()
	close(taken)
	_ = waiters.Wait()
}

// failed notes a file's failure.
func (r *pushing) failed(f *PushFile, err error) {
	f.State, f.Err = PushFailed, err
	r.event(Failed, f, 0, err)
}

// manyRefusals is how many files in a row a server may fail at before the
// others are spared the same.
const manyRefusals = 3

// hopeless says why nothing more is to be sent after a file's error; nil where
// the error is that file's alone. before is how many files had arrived when the
// server went away; -1 where nobody noticed.
func (r *pushing) hopeless(err error, before int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var refused *mibitracker.APIError
	isAnswer := errors.As(err, &refused)
	switch {
	// A 400 may be of the file that was sent.
	case errors.Is(err, mibitracker.ErrLinkRefused) && !errors.Is(err, mibitracker.ErrBadRequest):
		return &StoppedError{Advice: linksRefused + " Once that is right, the same push goes on where this one ended.", Err: err}
	case errors.Is(err, mibitracker.ErrUnauthorized):
		return &StoppedError{Advice: "Log in: the same push goes on where this one ended.", Err: err}
	case errors.Is(err, mibitracker.ErrForbidden):
		return &StoppedError{Advice: "This account may not push to run " + r.plan.To.Label + ": ask for the right to edit its project.", Err: err}
	case errors.Is(err, mibitracker.ErrNotFound):
		return &StoppedError{Advice: "Run " + r.plan.To.Label + " is not there any more.", Err: err}
	case errors.Is(err, mibitracker.ErrRedirect):
		return &StoppedError{Advice: redirected + " Once that is right, the same push goes on where this one ended.", Err: err}
	case isAnswer && refused.Status == http.StatusInsufficientStorage:
		return &StoppedError{Advice: "The server has no room left: once it has, the same push goes on where this one ended.", Err: err}
	case away(err) && (before < 0 || r.arrived == before):
		return &StoppedError{Advice: "The server is away: once it is back, the same push goes on where this one ended.", Err: err}
	case !errors.Is(err, mibitracker.ErrServer) && !errors.Is(err, mibitracker.ErrThrottled):
		return nil
	}
	if r.row++; r.row >= manyRefusals {
		return &StoppedError{Err: fmt.Errorf("the server failed at %d files in a row: %w", r.row, err),
			Advice: "Its log says why, and its disk may be full: the same push goes on where this one ended."}
	}
	return nil
}
