package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/openmibi/openmibi/transfer"
)

// checkTransfer finds bad usage in the options of a transfer, before anything is
// sent.
func checkTransfer(jobs int, options interface{ Validate() error }) error {
	if jobs < 1 {
		return usage(fmt.Errorf("--jobs is %d, below one", jobs))
	}
	if err := options.Validate(); err != nil {
		return usage(err)
	}
	return nil
}

// transferError gives an error of package transfer its exit code, and names that
// are near to one that nothing has.
func transferError(err error) error {
	var unknown *transfer.UnknownNameError
	var bad *transfer.UsageError
	var pattern *transfer.PatternError
	switch {
	case errors.As(err, &unknown):
		called := ""
		if unknown.CalledSo != "" {
			called = calledSo(unknown.Name, unknown.CalledSo)
		}
		return &notFoundError{fmt.Errorf("%w%s%s", err, called, proposal(unknown.Name, unknown.Known, strconv.Quote))}
	case errors.As(err, &bad), errors.As(err, &pattern):
		return usage(err)
	}
	return err
}

// withoutCause are failures but for the one that ended a transfer: it is told
// once.
func withoutCause(failures []transfer.Failure, ended error) []transfer.Failure {
	var stopped *transfer.StoppedError
	if !errors.As(ended, &stopped) {
		return failures
	}
	return slices.DeleteFunc(slices.Clone(failures), func(f transfer.Failure) bool { return f.Err == stopped.Err }) //nolint:errorlint // the very same
}
