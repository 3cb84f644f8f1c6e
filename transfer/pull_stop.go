package transfer

import (
	"cmp"
	"context"
	"errors"
	"io/fs"

	"github.com/openmibi/openmibi/mibitracker"
)

// errTold is a failure that was told of already.
var errTold = errors.New("told already")

// linksRefused is about a storage that takes none of the server's links, though
// they are new.
const linksRefused = "The storage refuses links that the server has just made, whatever the account: the server's clock may be wrong " +
	"(mibi doctor compares it with this computer's), or a proxy changes the links."

// redirected is about a redirect that is not followed.
const redirected = "The server, or a proxy before it, sends clients to where they cannot go, again and again: ask who runs it."

// endsAll tells an error that would come again with every other FOV.
func endsAll(err error) bool { return adviceFor(err) != "" }

// adviceFor says what to do about an error that ends a whole pull; empty for one
// that does not.
func adviceFor(err error) string {
	var broken *mibitracker.BrokenError
	switch {
	case errors.Is(err, context.Canceled):
		return ""
	case diskFull(err):
		return "The disk is full: make room, and run the same again. What is whole stays, and what is half goes on."
	case readOnly(err), errors.Is(err, fs.ErrPermission):
		return "The folder cannot be written to: allow it, or pull into another one."
	case errors.Is(err, mibitracker.ErrLinkRefused):
		return linksRefused + " What is whole stays, and what is half goes on."
	case errors.Is(err, mibitracker.ErrUnauthorized):
		return "The login has ended: log in, and run the same again. What is whole stays, and what is half goes on."
	case errors.Is(err, mibitracker.ErrForbidden):
		return "The server refuses this account: ask for access to the run's project, and run the same again."
	case errors.Is(err, mibitracker.ErrRedirect):
		return redirected + " What is whole stays, and what is half goes on."
	case away(err), errors.As(err, &broken) && !errors.Is(err, mibitracker.ErrNoRanges):
		return "The server cannot be reached: try again later. What is whole stays, and what is half goes on."
	}
	return ""
}

// mostInRow is how many FOVs one after the other a server may fail to give,
// beyond those that are pulled at once, before it is not asked any more.
const mostInRow = 8

// failsAlways tells whether a server has failed so often in a row that it will
// go on to.
func (p *puller) failsAlways(err error) bool {
	if !errors.Is(err, mibitracker.ErrServer) && !errors.Is(err, mibitracker.ErrThrottled) {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inRow++
	return p.inRow >= mostInRow+p.options.Jobs
}

// stopped makes an error that ends a pull one that says what to do.
func stopped(err error, untried int) error {
	if err == nil {
		return nil
	}
	advice := adviceFor(err)
	if errors.Is(err, mibitracker.ErrServer) || errors.Is(err, mibitracker.ErrThrottled) {
		advice = cmp.Or(advice, "The server fails again and again: try again later, or ask who runs it. What is whole stays.")
	}
	if advice != "" {
		return &StoppedError{Advice: advice, Untried: untried, Err: err}
	}
	return err
}
