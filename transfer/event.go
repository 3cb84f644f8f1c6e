package transfer

import "sync"

// Event is something that happened to one file of a plan, told while the plan
// runs. Events come one at a time, from any goroutine; whoever takes them
// returns quickly.
type Event struct {
	Kind EventKind
	// FOV is the image's number in its run, such as "Point4"; ImageID its id.
	FOV     string
	ImageID int64
	// Path is the file here, as the plan has it.
	Path string
	// Moved is how many of the file's bytes are over, Total how many there are;
	// Total is -1 where it is unknown. What an earlier transfer left counts as
	// moved.
	Moved, Total int64
	// Err is why it failed, or what is waited for.
	Err error
}

// EventKind says what an Event tells.
type EventKind string

const (
	// Started says that a file is being moved from now on.
	Started EventKind = "started"
	// Moved says that more bytes of a file have come or gone.
	Moved EventKind = "moved"
	// Done says that a file is whole at its place.
	Done EventKind = "done"
	// Skipped says that a file was whole at its place before.
	Skipped EventKind = "skipped"
	// Failed says that a file could not be moved; the others go on.
	Failed EventKind = "failed"
	// Waiting says that nothing moves until something is over, such as the
	// server's processing of an image, or a login that has ended.
	Waiting EventKind = "waiting"
	// Resumed says that what a Waiting event of no file told of is over; its Err
	// is the same.
	Resumed EventKind = "resumed"
)

// Failure is one FOV or file that could not be moved, or that is not as it
// should be.
type Failure struct {
	// FOV is the image's number in its run; empty where no image is known.
	FOV     string
	ImageID int64
	// Path is the file here; empty where none is concerned.
	Path string
	// Err says why, for people, and is typed as those of package mibitracker are.
	Err error
}

// Error says which FOV or file failed, and why.
func (f *Failure) Error() string {
	switch {
	case f.Path != "":
		return f.Path + ": " + f.Err.Error()
	case f.FOV != "":
		return f.FOV + ": " + f.Err.Error()
	}
	return f.Err.Error()
}

// Unwrap gives the cause.
func (f *Failure) Unwrap() error { return f.Err }

// telling hands events out one at a time; to may be nil.
type telling struct {
	turn sync.Mutex
	to   func(Event)
}

func (t *telling) tell(e Event) {
	if t.to == nil {
		return
	}
	t.turn.Lock()
	defer t.turn.Unlock()
	t.to(e)
}
