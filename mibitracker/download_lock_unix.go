//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package mibitracker

import (
	"errors"
	"os"
	"syscall"
)

// openLocked opens or makes a file that this download alone holds, until
// closeLocked or the process's end. It does not wait.
func openLocked(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o666) //nolint:gosec // the user's umask says who may read what is downloaded
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// closeLocked gives a file back, at once: closing it alone leaves it locked for
// as long as a process that is being started has it, too.
func closeLocked(f *os.File) error {
	return errors.Join(syscall.Flock(int(f.Fd()), syscall.LOCK_UN), f.Close())
}

// openNew makes a file that nobody else has made.
func openNew(name string) (*os.File, error) {
	return os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666) //nolint:gosec // the user's umask says who may read what is downloaded
}

// syncFolder makes a renaming last.
func syncFolder(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return nil //nolint:nilerr // a folder may be open to writers alone
	}
	err = f.Sync()
	if err2 := f.Close(); err == nil {
		err = err2
	}
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, errors.ErrUnsupported) {
		return nil // there are file systems that know no such thing
	}
	return err
}
