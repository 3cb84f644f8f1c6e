package transfer

import (
	"errors"

	"github.com/openmibi/openmibi/mibitracker"
)

// UnknownNameError is a name of an FOV or a channel that nothing has. It is
// mibitracker.ErrNotFound.
type UnknownNameError struct {
	// Kind is "FOV" or "channel"; Name what was asked for.
	Kind, Name string
	// Run is the run's label; Known are the names that there are.
	Run   string
	Known []string
	// CalledSo is the FOV that the operator called so; empty for none.
	CalledSo string
}

// Error says what is not there.
func (e *UnknownNameError) Error() string {
	if e.Kind == "channel" {
		return "no FOV that was asked for has a channel " + quoteName(e.Name)
	}
	return "run " + e.Run + " has no FOV " + quoteName(e.Name)
}

// Is reports mibitracker.ErrNotFound.
func (e *UnknownNameError) Is(target error) bool { return target == mibitracker.ErrNotFound }

// UsageError is an option, or a combination of some, that makes no sense.
type UsageError struct {
	// Reason says what is wrong, and what to do.
	Reason string
}

// Error is the reason.
func (e *UsageError) Error() string { return e.Reason }

// StoppedError is a pull or a push that ended before its end because nothing
// more could have come of it: no space, no login, no server.
type StoppedError struct {
	// Advice says what to do; Untried is how many FOVs were not come to, or not
	// finished.
	Advice  string
	Untried int
	// Err is why.
	Err error
}

// Error says why it ended, and what to do.
func (e *StoppedError) Error() string { return "stopped early: " + e.Err.Error() + "\n" + e.Advice }

// Unwrap gives the cause.
func (e *StoppedError) Unwrap() error { return e.Err }

// ErrReplaced is wrapped by the error for a file that the server took, and that
// never came to be served: somebody else's file of the same FOV did.
var ErrReplaced = errors.New("somebody pushed another file to this FOV meanwhile")
