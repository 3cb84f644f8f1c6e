package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallDisk is a file system in memory with room for so many bytes, and a way
// to give it another size.
func smallDisk(t *testing.T, size int) (dir string, resize func(int)) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", size)); err != nil {
		t.Skipf("a small disk takes an account that may mount one: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir, func(size int) {
		t.Helper()
		if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, fmt.Sprintf("size=%d", size)); err != nil {
			t.Fatal(err)
		}
	}
}

// The disk here is full in the middle of a pull: it says so, and with room it
// goes on.
func TestTransferDiskFull(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it is about a disk")
	}
	l := newTransferLab(t, t.TempDir(), 4)
	l.fill(t, "filled")
	reference := t.TempDir()
	runCommand(t, home(t, l.server.url), 0, pullArgs("filled", reference, "--layout", "channels")...)
	for layout, want := range map[string]map[string][]byte{"mibitiff": l.whole(), "channels": pulled(t, under(reference, "filled"))} {
		t.Run(layout, func(t *testing.T) {
			t.Parallel()
			dir, resize := smallDisk(t, l.size()*6/10)
			args := pullArgs("filled", dir, "--layout", layout)
			c := begin(t, home(t, l.server.url), args...)
			c.exits(t, 1, "The disk is full: make room, and run the same again")
			intact(t, pulled(t, under(dir, "filled")), want, false)
			c = begin(t, home(t, l.server.url), args...) // it is full from the beginning
			c.exits(t, 1, "The disk is full: make room")
			intact(t, pulled(t, under(dir, "filled")), want, false)
			resize(l.size() * 8)
			runCommand(t, home(t, l.server.url), 0, args...)
			intact(t, pulled(t, under(dir, "filled")), want, true)
		})
	}
}

// The server's disk is full in the middle of a push: that is said, what the
// server took is right, and with room the same push goes on.
func TestTransferServerDiskFull(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it is about a disk")
	}
	const disk = 64 << 20
	for _, left := range []int{20_000, 120_000, 240_000} {
		t.Run(fmt.Sprint(left), func(t *testing.T) {
			t.Parallel()
			data, _ := smallDisk(t, disk)
			l := newTransferLab(t, filepath.Join(data, "lab"), 4)
			l.newRun(t, "empty")
			ballast := filepath.Join(data, "ballast")
			free, ok := freeSpace(data)
			if !ok {
				t.Fatal("the disk does not say how much room it has")
			}
			if err := os.WriteFile(ballast, make([]byte, int(free)-left), 0o600); err != nil {
				t.Fatal(err)
			}
			args := l.pushArgs("empty", "--jobs", "1", "--timeout", "20s")
			c := begin(t, home(t, l.server.url), args...)
			code := c.code(t)
			t.Logf("exit code %d: %s", code, c.last())
			if code != 1 || !strings.Contains(c.last(), "The server has no room left: once it has, the same push goes on") {
				t.Errorf("exit code %d:\n%s", code, c.said())
			}
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
			runCommand(t, home(t, l.server.url), 0, append(args, "--wait")...)
			l.available(t, "empty")
		})
	}
}
