//go:build !linux && !darwin && !freebsd && !netbsd && !openbsd && !dragonfly && !windows

package mibitracker

import (
	"errors"
	"os"
)

// openLocked fails: a system whose locks we do not know resumes nothing.
func openLocked(string) (*os.File, error) { return nil, errors.ErrUnsupported }

// closeLocked closes a file.
func closeLocked(f *os.File) error { return f.Close() }

// openNew makes a file that nobody else has made.
func openNew(name string) (*os.File, error) {
	return os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666) //nolint:gosec // the user's umask says who may read what is downloaded
}

// syncFolder is left to the system.
func syncFolder(string) error { return nil }
