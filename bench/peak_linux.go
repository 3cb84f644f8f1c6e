package main

import (
	"os"
	"syscall"
)

// peakMemory is the most memory that a process had, in bytes. It is at least
// what this process had when it started that one.
func peakMemory(state *os.ProcessState) int64 {
	if usage, ok := state.SysUsage().(*syscall.Rusage); ok {
		return usage.Maxrss << 10
	}
	return 0
}
