//go:build unix

package transfer

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// A pipe in place of a file is one that nobody may ever write to.
func TestPullWaitsForNoPipes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{manifestName, stateFolder + "/" + journalName, stateFolder + "/" + lockName, stateFolder + "/1.tiff", "Point1.tiff"} {
		b, dir := newBackend(t, point(t, 1)), t.TempDir()
		b.pull(PullOptions{Dir: dir})
		b.images[0].tiff = makeTIFF(t, b.images[0].folder, 9)
		pipe := filepath.Join(dir, "run-A", filepath.FromSlash(name))
		if err := os.RemoveAll(pipe); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(pipe, 0o666); err != nil {
			t.Skipf("no pipes here: %v", err)
		}
		_, err := b.tryPull(t.Context(), PullOptions{Dir: dir})
		if (err == nil) != (name == stateFolder+"/1.tiff") {
			t.Errorf("a pull with a pipe %s: %v", name, err)
		}
		if _, err := Check(t.Context(), b.client(), testRun(), CheckOptions{Dir: dir}); name == manifestName && err == nil {
			t.Errorf("a check with a pipe %s passed it over", name)
		}
	}
}
