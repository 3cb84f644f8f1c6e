//go:build !linux && !darwin && !freebsd && !netbsd && !openbsd && !dragonfly && !windows

package mibitracker

import (
	"errors"
	"os"
)

// openLocked fails: a system whose locks we do not know resumes nothing.
func openLocked(string) (*os.File, error) { return nil, errors.ErrUnsupported }

// syncFolder is left to the system.
func syncFolder(string) error { return nil }
