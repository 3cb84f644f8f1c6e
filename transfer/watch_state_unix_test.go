//go:build unix

package transfer

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A watch does not wait for a pipe that lies in place of its files.
func TestWatchWaitsForNoPipes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{StateName, StateName + ".lock"} {
		dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "new")
		path := filepath.Join(dir, name)
		if err := syscall.Mkfifo(path, 0o666); err != nil {
			t.Skipf("no pipes here: %v", err)
		}
		run := testRun()
		if _, err := openWatchState(filepath.Join(dir, StateName), "http://server", run); err == nil {
			t.Errorf("a pipe %s was taken", name)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(outside, path); err != nil {
			t.Fatal(err)
		}
		state, err := openWatchState(filepath.Join(dir, StateName), "http://server", run)
		if err == nil {
			err = state.close()
		}
		if _, made := os.Lstat(outside); made == nil {
			t.Errorf("a link %s led out of the folder: %v", name, err)
		}
	}
}

// Files of a watched folder that are no files are passed over.
func TestWatchPassesOverPipes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mkfifo(filepath.Join(dir, "a.tiff"), 0o666); err != nil {
		t.Skipf("no pipes here: %v", err)
	}
	for name, to := range map[string]string{"b.tiff": "a.tiff", "loop": ".", "z.tiff": os.DevNull, "gone.tiff": "nothing"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	b := newBackend(t, point(t, 1))
	result, err := Watch(ctx, b.client(), testRun(), WatchOptions{Dir: dir, Once: true, Interval: 1})
	if err != nil || result.Pushed != 0 {
		t.Errorf("%+v, %v", result, err)
	}
}
