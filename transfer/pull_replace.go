package transfer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"syscall"
	"time"
)

// ErrFileInUse is wrapped by the failure of a file that is open in another
// program, or marked as read-only, where the system does not let another one take
// its place: Windows. The other files are pulled all the same.
var ErrFileInUse = errors.New("it is open in another program, or read-only: close it there, and run the same again")

// What looks at new files, such as a scanner for viruses, lets go of them within
// so long.
const (
	replaceFirst, replaceLongest = 5 * time.Millisecond, 200 * time.Millisecond
	replaceTotal                 = 2 * time.Second
)

// replaceFile gives a file its name, in place of another one of that name.
func replaceFile(from, to string) error {
	return replaceBy(os.Rename, heldBySomebody, from, to)
}

// replaceBy is replaceFile by a function, and by a test of errors that may pass.
func replaceBy(rename func(from, to string) error, held func(error) bool, from, to string) error {
	began := time.Now()
	for wait := replaceFirst; ; wait = min(2*wait, replaceLongest) {
		err := rename(from, to)
		if err == nil || !held(err) {
			return err
		}
		if time.Since(began) < replaceTotal {
			time.Sleep(wait)
			continue
		}
		if _, missing := os.Lstat(to); missing == nil {
			// Not wrapped: a refusal of this file is none of the folder.
			return fmt.Errorf("replace %s: %w (%v)", to, ErrFileInUse, err) //nolint:errorlint // see above
		}
		return err
	}
}

// heldBySomebody tells an error of a file that another program holds.
func heldBySomebody(err error) bool {
	const sharingViolation, lockViolation = syscall.Errno(32), syscall.Errno(33)
	return runtime.GOOS == "windows" &&
		(errors.Is(err, fs.ErrPermission) || errors.Is(err, sharingViolation) || errors.Is(err, lockViolation))
}
