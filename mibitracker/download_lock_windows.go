package mibitracker

import (
	"os"
	"syscall"
)

// openLocked opens or makes a file that this download alone holds, until it is
// closed or the process ends: nobody else can open it to read or write, but it
// can be renamed and removed.
func openLocked(name string) (*os.File, error) {
	path, err := syscall.UTF16PtrFromString(name)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: name, Err: err}
	}
	h, err := syscall.CreateFile(path, syscall.GENERIC_READ|syscall.GENERIC_WRITE, syscall.FILE_SHARE_DELETE,
		nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: name, Err: err}
	}
	return os.NewFile(uintptr(h), name), nil
}

// syncFolder does nothing: Windows has no such thing.
func syncFolder(string) error { return nil }
