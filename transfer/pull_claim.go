package transfer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
)

// maxClaims is how often a folder is tried whose lock goes away meanwhile: the
// pulls that had it end one after another.
const maxClaims = 100

// claim takes a run's folder for one pull, which it makes where it is not
// there. At the end nothing of the state stays in it unless something is half.
func claim(dir string) (release func(), err error) {
	for range maxClaims {
		release, err = claimOnce(dir)
		if !errors.Is(err, errLockGone) {
			return release, err
		}
	}
	return nil, fmt.Errorf("%w, %s: wait until it ends, or pull into another folder", ErrFolderInUse, dir)
}

// errLockGone is of a lock that its holder removed while it was taken here.
var errLockGone = errors.New("the lock is gone")

func claimOnce(dir string) (release func(), err error) {
	folder := filepath.Join(dir, stateFolder)
	if err := os.MkdirAll(folder, 0o777); err != nil && !errors.Is(err, fs.ErrExist) { //nolint:gosec // the user's umask says who may read what is pulled
		return nil, err
	}
	switch err := ownState(dir); { // which may be gone again
	case errors.Is(err, fs.ErrNotExist):
		return nil, errLockGone
	case err != nil:
		return nil, err
	}
	path := filepath.Join(folder, lockName)
	lock := flock.New(path, flock.SetPermissions(0o666))
	held, err := lock.TryLock()
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return func() {}, nil // a network drive without locks
	case errors.Is(err, fs.ErrNotExist):
		return nil, errLockGone
	case err != nil:
		return nil, fmt.Errorf("lock the folder %s: %w", dir, err)
	case !held:
		return nil, fmt.Errorf("%w, %s: wait until it ends, or pull into another folder", ErrFolderInUse, dir)
	}
	// A lock is removed by its holder alone: one that is the file at its path
	// stays that until it is given back. Of another one nobody hears.
	mine, err := lock.Stat()
	there, missing := os.Lstat(path)
	switch {
	case err != nil:
		return nil, errors.Join(fmt.Errorf("lock the folder %s: %w", dir, err), lock.Unlock())
	case missing != nil || !os.SameFile(mine, there):
		return nil, errors.Join(errLockGone, lock.Unlock())
	}
	return func() {
		// Where other files lie there the lock stays with them. Windows removes no
		// file that is open: there it stays in any case.
		if entries, err := os.ReadDir(folder); err == nil && len(entries) == 1 {
			_ = os.Remove(path)
		}
		_ = lock.Unlock()
		_ = os.Remove(folder) // if it is empty
	}, nil
}
