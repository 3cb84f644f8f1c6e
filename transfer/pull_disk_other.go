//go:build !windows

package transfer

import (
	"errors"
	"syscall"
)

// diskFull tells an error of a disk without room, or of an account's share of it
// that is used up.
func diskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG)
}

// readOnly tells an error of a disk that takes nothing.
func readOnly(err error) bool { return errors.Is(err, syscall.EROFS) }
