//go:build linux || darwin

package cli

import "syscall"

// diskFree gives how many bytes a folder's disk has room for.
func diskFree(folder string) (uint64, error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(folder, &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(max(s.Bsize, 0)), nil
}
