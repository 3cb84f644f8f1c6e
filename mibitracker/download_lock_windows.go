package mibitracker

import (
	"os"
	"syscall"
)

// openLocked opens or makes a file that this download alone holds, until it is
// closed or the process ends: nobody else can open it to read or write.
func openLocked(name string) (*os.File, error) { return openMovable(name, syscall.OPEN_ALWAYS) }

// closeLocked gives a file back.
func closeLocked(f *os.File) error { return f.Close() }

// openNew makes a file that nobody else has made.
func openNew(name string) (*os.File, error) { return openMovable(name, syscall.CREATE_NEW) }

// openMovable opens a file that can be renamed and removed while it is open,
// which one that os.OpenFile opens cannot.
func openMovable(name string, creation uint32) (*os.File, error) {
	path, err := syscall.UTF16PtrFromString(name)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: name, Err: err}
	}
	h, err := syscall.CreateFile(path, syscall.GENERIC_READ|syscall.GENERIC_WRITE, syscall.FILE_SHARE_DELETE,
		nil, creation, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: name, Err: err}
	}
	return os.NewFile(uintptr(h), name), nil
}

// syncFolder does nothing: Windows has no such thing.
func syncFolder(string) error { return nil }
