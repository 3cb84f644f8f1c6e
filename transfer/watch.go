package transfer

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

// WatchOptions say what is watched. Dir is needed; other zero fields mean their
// defaults.
type WatchOptions struct {
	// Dir is the folder to watch, with all that is in it. It is there at the
	// beginning, and may be away for a while later.
	Dir string
	// Interval is the time between two looks at the folder (default 5 s).
	Interval time.Duration
	// State is the file that says what was pushed (default StateName in Dir).
	State string
	// Include and Exclude choose among the files, as in PushOptions.
	Include, Exclude []string
	// Jobs is how many files are sent at once; 4 where it is 0 or less, and at
	// most 64.
	Jobs int
	// Once ends the watch when everything that is in the folder was pushed and
	// processed, or failed. It does not wait for a login, nor long for a server
	// that is away, nor for files that stay incomplete.
	Once bool
	// Events is told what happens; nil for nobody. Its Waiting events without a
	// path wrap ErrLoginEnded, ErrServerAway, ErrFolderAway or ErrStateUnwritten,
	// and a Resumed event with the same error follows each.
	Events func(Event)
}

// StateName is the file in the watched folder that says what was pushed.
const StateName = ".mibi-watch.json"

const defaultInterval = 5 * time.Second

var (
	// ErrLoginEnded is wrapped by the error of a Waiting event: the server takes
	// neither the token nor another one of the client's token store.
	ErrLoginEnded = errors.New("the login has ended")
	// ErrServerAway is wrapped by the error of a Waiting event: the server does
	// not answer, or fails.
	ErrServerAway = errors.New("the server is away")
	// ErrFolderAway is wrapped by the error of a Waiting event: the watched
	// folder is not there, as when a network drive is disconnected.
	ErrFolderAway = errors.New("the watched folder is away")
	// ErrStateUnwritten is wrapped by the error for a state that cannot be
	// written.
	ErrStateUnwritten = errors.New("what was pushed cannot be noted")
	// ErrWatched says that another watch has the state's file.
	ErrWatched = errors.New("another watch is at work")
	// ErrNotWhole is wrapped by the error for a file that is still being
	// written, or that was not copied to its end.
	ErrNotWhole = errors.New("not whole yet")
	// ErrBeingProcessed is the error of the Waiting event of a file that the
	// server has taken.
	ErrBeingProcessed = errors.New("the server processes it")
)

// WatchResult is what a watch did, and how things stood at its end.
type WatchResult struct {
	// Run is the run's label.
	Run string
	// Pushed counts the files that the server took, Bytes their sizes.
	Pushed int
	Bytes  int64
	// Available counts the files that the server has processed, Skipped those
	// that it had already.
	Available, Skipped int
	// Failures are the files in the folder that the server could not process or
	// did not take, or for which it serves somebody else's (ErrReplaced), and with
	// Once those that were not whole at the end.
	Failures []Failure
	// Left are the files that are not the run's.
	Left []Failure
}

// Watch pushes the MIBItiffs in a folder to a run as they become whole, until
// the context ends, whose error it returns then with the result.
//
// It looks at the folder again and again, for network drives tell of no
// changes. A file is whole when neither its size nor its time has changed
// between two looks, and every strip of it decodes: what copies allocate ahead
// has its size long before its content. Which FOV it is of is found as PlanPush
// does it. What the server has already, by its SHA-256, is not sent; what was
// pushed is looked at again only when its size or time changes, also by a later
// watch, for the state is a file. A push that fails is tried again at growing
// intervals. What the server could not process, or refuses, or serves
// somebody else's file for (ErrReplaced), waits for the file to change.
//
// Nothing is lost while the folder, the server or the login is away: Watch
// waits, and says so by events. It refreshes the client's token as KeepLogin
// does; with a token store it goes on after a login in another program.
//
// Errors: ErrWatched, an error that wraps ErrStateUnwritten, a *UsageError, a
// *PatternError, those of a run that is not there any more or that the account may not change,
// and the context's. With Once, also those that it does not wait for.
func Watch(ctx context.Context, c *mibitracker.Client, run *mibitracker.Run, o WatchOptions) (_ *WatchResult, err error) {
	if err := runGiven(run); err != nil {
		return nil, err
	}
	if err := o.Validate(); err != nil {
		return nil, err
	}
	o.Jobs = jobsOf(o.Jobs, usualJobs)
	filter, err := NewFilter(o.Include, o.Exclude)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("watch a folder: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("watch a folder: %s is none", o.Dir)
	}
	o.Dir = filepath.Clean(o.Dir)
	if o.Interval <= 0 {
		o.Interval = defaultInterval
	}
	if o.State == "" {
		o.State = filepath.Join(o.Dir, StateName)
	}
	state, err := openWatchState(o.State, c.BaseURL(), run)
	if err != nil {
		return nil, err
	}
	slim := *run
	slim.ImageSet = nil // the largest of all, for weeks
	w := &watcher{
		WatchOptions: o, client: c, run: &slim, filter: filter, state: state,
		open: map[string]*candidate{}, unreadable: map[string]string{}, rivals: map[string]rival{}, patience: defaultPatience(),
	}
	if !o.Once {
		w.patience = patience{} // the watch waits by itself
	}
	defer func() { err = errors.Join(err, state.close()) }()
	err = w.watch(ctx)
	return w.result(), err
}
