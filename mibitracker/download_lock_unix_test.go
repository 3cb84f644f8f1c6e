//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package mibitracker

import (
	"path/filepath"
	"syscall"
	"testing"
)

// A process that is started at the same time has all files that are open, for a
// moment: what a download gives back is free all the same.
func TestLockIsGivenBackAtOnce(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), ".a.tiff.part")
	for range 2 {
		f, ok := openLasting(name)
		if !ok {
			t.Fatal("it is held")
		}
		child, err := syscall.Dup(int(f.Fd()))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = syscall.Close(child) }()
		if _, ok := openLasting(name); ok {
			t.Error("two have it")
		}
		p := &part{file: f, lasting: true, noted: 1}
		_ = p.leave(syscall.EIO)
	}
}
