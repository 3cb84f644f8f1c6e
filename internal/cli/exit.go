package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/openmibi/openmibi/internal/server"
	"github.com/openmibi/openmibi/mibitracker"
)

// The exit codes of the command line's contract.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitRefused     = 4 // not logged in, or refused
	exitNotFound    = 5 // not found, or ambiguous
	exitInterrupted = 130
)

// usageError is a command line that cannot be run as it stands.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// usage marks an error as bad usage.
func usage(err error) error {
	if err == nil {
		return nil
	}
	return &usageError{err}
}

// exitCode says what went wrong, if anything did, and how the process ends.
func exitCode(ctx context.Context, err error, stderr io.Writer) int {
	if err == nil {
		return exitDone
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		_, _ = fmt.Fprintln(stderr, "mibi: interrupted")
		return exitInterrupted
	}
	_, _ = fmt.Fprintln(stderr, "mibi:", err)
	var bad *usageError
	switch {
	case errors.As(err, &bad), errors.Is(err, server.ErrInput):
		_, _ = fmt.Fprintln(stderr, "Run the command with --help to see how it is used.")
		return exitUsage
	case errors.Is(err, mibitracker.ErrUnauthorized), errors.Is(err, mibitracker.ErrForbidden):
		return exitRefused
	case errors.Is(err, mibitracker.ErrNotFound):
		return exitNotFound
	}
	return exitFailed
}
