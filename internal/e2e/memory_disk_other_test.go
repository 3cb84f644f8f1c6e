//go:build !linux

package e2e

// freeSpace is not known here.
func freeSpace(string) (uint64, bool) { return 0, false }
