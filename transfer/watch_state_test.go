package transfer

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// What a watch left that was killed while it wrote its state goes with the next.
func TestWatchKilledAsItWrote(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, StateName)
	left := path + partExtension
	if err := os.WriteFile(left, []byte(`{"version": 1, "ru`), 0o600); err != nil {
		t.Fatal(err)
	}
	run := &mibitracker.Run{ID: 7, Label: "label"}
	state, err := openWatchState(path, "http://server", run)
	if err != nil {
		t.Fatal(err)
	}
	state.set("a.tiff", watchEntry{Size: 1})
	if err := state.save(); err != nil {
		t.Fatal(err)
	}
	if err := state.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", left, err)
	}
	if state, err = openWatchState(path, "http://server", run); err != nil {
		t.Fatal(err)
	}
	if state.mine.Files["a.tiff"] == nil {
		t.Error("what was written is not read again")
	}
	if err := state.close(); err != nil {
		t.Fatal(err)
	}
}
