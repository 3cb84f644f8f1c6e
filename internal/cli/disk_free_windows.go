package cli

import (
	"syscall"
	"unsafe"
)

// diskFree gives how many bytes a folder's disk has room for, for this user.
func diskFree(folder string) (uint64, error) {
	path, err := syscall.UTF16PtrFromString(folder)
	if err != nil {
		return 0, err
	}
	call := syscall.NewLazyDLL("kernel32.dll").NewProc("GetDiskFreeSpaceExW")
	var free uint64
	done, _, err := call.Call(uintptr(unsafe.Pointer(path)), uintptr(unsafe.Pointer(&free)), 0, 0)
	if done == 0 {
		return 0, err
	}
	return free, nil
}
