package transfer

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// TestClaimIsOfOne lets many take a folder and give it back, which removes and
// makes its lock all the time: one has it at a time.
func TestClaimIsOfOne(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var holders, taken atomic.Int64
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 200 {
				release, err := claim(dir)
				if errors.Is(err, ErrFolderInUse) {
					runtime.Gosched()
					continue
				}
				if err != nil {
					t.Error(err)
					return
				}
				if n := holders.Add(1); n != 1 {
					t.Errorf("%d have the folder", n)
				}
				taken.Add(1)
				runtime.Gosched()
				holders.Add(-1)
				release()
			}
		})
	}
	all.Wait()
	if taken.Load() == 0 {
		t.Error("nobody had the folder")
	}
	noState(t, dir)
}

// TestClaimKeepsHalves gives a folder back in which something is half.
func TestClaimKeepsHalves(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	release, err := claim(dir)
	if err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(dir, stateFolder, ".1.tiff.KEY.part")
	if err := os.WriteFile(half, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := claim(dir); !errors.Is(err, ErrFolderInUse) {
		t.Errorf("a second one: %v", err)
	}
	release()
	if _, err := os.Stat(half); err != nil {
		t.Error(err)
	}
	if release, err = claim(dir); err != nil {
		t.Fatal(err)
	}
	release()
}

// noState fails where pulls left anything but what they pulled; on Windows the
// lock stays.
func noState(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, stateFolder))
	if runtime.GOOS == "windows" && len(entries) == 1 && entries[0].Name() == lockName {
		return
	}
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("left in the state's folder: %v, %v", entries, err)
	}
}
