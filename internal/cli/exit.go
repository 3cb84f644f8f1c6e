package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"syscall"

	"github.com/openmibi/openmibi/internal/config"
	"github.com/openmibi/openmibi/internal/server"
	"github.com/openmibi/openmibi/mibitracker"
)

// The exit codes of the command line's contract.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitPartly      = 3 // part of the work failed, the rest is done
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

// refusedError is a refusal to log in.
type refusedError struct{ err error }

func (e *refusedError) Error() string { return e.err.Error() }
func (e *refusedError) Unwrap() error { return e.err }

// notFoundError is a name of something that is not there.
type notFoundError struct{ err error }

func (e *notFoundError) Error() string { return e.err.Error() }
func (e *notFoundError) Unwrap() error { return e.err }

// given gives the error of a file or folder that a command was told to read its
// exit code: what is not there is not found. What goes wrong later, with files of
// the command's own or where it writes, is not of that kind.
func given(err error) error {
	if absent(err) {
		return &notFoundError{err}
	}
	return err
}

// absent tells the error of a file or folder that is not there, also below
// another file.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}

// partlyError is work of which a part is done; its text lists what failed.
type partlyError struct{ err error }

func (e *partlyError) Error() string { return e.err.Error() }
func (e *partlyError) Unwrap() error { return e.err }

// partly marks an error as that of a part of the work, the rest of which is done.
func partly(err error) error {
	if err == nil {
		return nil
	}
	return &partlyError{err}
}

// exitCode says what went wrong with a command, if anything did, and how the
// process ends.
func exitCode(ctx context.Context, err error, command string, stderr io.Writer) int {
	if err == nil {
		return exitDone
	}
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.Cause(ctx))) {
		_, _ = fmt.Fprintln(stderr, "mibi: interrupted")
		return exitInterrupted
	}
	_, _ = fmt.Fprintln(stderr, "mibi:", printableLines(err.Error()))
	code := codeOf(err)
	switch {
	case code == exitUsage:
		_, _ = fmt.Fprintf(stderr, "Run %s --help to see how it is used.\n", command)
	case errors.Is(err, mibitracker.ErrUnauthorized) && !errors.Is(err, mibitracker.ErrLinkRefused):
		_, _ = fmt.Fprintln(stderr, "The login has ended or was never one: run mibi login, or set "+config.EnvToken+".")
	case code == exitFailed && unreachable(err):
		_, _ = fmt.Fprintln(stderr, "Run mibi doctor to find out why the server cannot be reached.")
	}
	return code
}

// unreachable tells an error of the way to the server.
func unreachable(err error) bool {
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var plain tls.RecordHeaderError
	var silent *mibitracker.SilenceError
	var network *net.OpError
	switch {
	case errors.Is(err, mibitracker.ErrRedirect):
		return true
	case errors.As(err, &name), errors.As(err, &certificate), errors.As(err, &plain), errors.As(err, &silent):
		return true
	case errors.As(err, &network):
		return network.Op != "listen" // which is of a server's own port
	}
	// net/http has no type for it.
	return strings.Contains(err.Error(), "server gave HTTP response to HTTPS client")
}

func codeOf(err error) int {
	var bad *usageError
	var refused *refusedError
	var part *partlyError
	var missing *notFoundError
	switch {
	case errors.As(err, &bad), errors.Is(err, server.ErrInput), errors.Is(err, config.ErrSetting):
		return exitUsage
	case errors.As(err, &part):
		return exitPartly
	case errors.As(err, &refused), errors.Is(err, config.ErrNotLoggedIn):
		return exitRefused
	case errors.Is(err, mibitracker.ErrLinkRefused):
		return exitFailed // by a storage, which knows no accounts
	case errors.Is(err, mibitracker.ErrUnauthorized), errors.Is(err, mibitracker.ErrForbidden):
		return exitRefused
	case errors.As(err, &missing), errors.Is(err, mibitracker.ErrNotFound), errors.Is(err, mibitracker.ErrNotOne),
		errors.Is(err, server.ErrNoData), errors.Is(err, server.ErrNoUser), errors.Is(err, server.ErrNoKey):
		return exitNotFound
	}
	return exitFailed
}
