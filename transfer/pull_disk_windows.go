package transfer

import (
	"errors"
	"syscall"
)

// Codes of Windows that package syscall has no names for.
const (
	errWriteProtect   syscall.Errno = 19
	errHandleDiskFull syscall.Errno = 39
	errDiskFull       syscall.Errno = 112
	errDiskQuota      syscall.Errno = 1295
)

// diskFull tells an error of a disk without room, or of an account's share of it
// that is used up.
func diskFull(err error) bool {
	return errors.Is(err, errDiskFull) || errors.Is(err, errHandleDiskFull) || errors.Is(err, errDiskQuota)
}

// readOnly tells an error of a disk that takes nothing.
func readOnly(err error) bool { return errors.Is(err, errWriteProtect) }
