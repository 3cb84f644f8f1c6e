package config

import (
	"errors"
	"io/fs"
	"runtime"
	"syscall"
	"time"
)

// Programs that share the profiles read and replace the file in moments.
const (
	heldFirst, heldLongest = time.Millisecond, 100 * time.Millisecond
	heldTotal              = 2 * time.Second
)

// whileHeld does something with the file of the profiles. Windows neither
// replaces a file that somebody reads, nor reads one that is being replaced: it
// is done again until that has passed.
func whileHeld(do func() error) error { return again(do, heldBySomebody) }

// again does something as long as it fails with errors that may pass, for a
// while. It gives the last error.
func again(do func() error, mayPass func(error) bool) error {
	began := time.Now()
	for wait := heldFirst; ; wait = min(2*wait, heldLongest) {
		err := do()
		if err == nil || !mayPass(err) || time.Since(began) >= heldTotal {
			return err
		}
		time.Sleep(wait)
	}
}

// heldBySomebody tells an error of a file that another program holds.
func heldBySomebody(err error) bool {
	const sharingViolation, lockViolation = syscall.Errno(32), syscall.Errno(33)
	return runtime.GOOS == "windows" &&
		(errors.Is(err, fs.ErrPermission) || errors.Is(err, sharingViolation) || errors.Is(err, lockViolation))
}
