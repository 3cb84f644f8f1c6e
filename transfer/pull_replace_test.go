package transfer

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
)

// A file that is held for a moment is replaced, one that stays held is a failure
// of its own, and any other error is told at once.
func TestReplaceFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	target := filepath.Join(dir, "target")
	if err := os.WriteFile(target, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	held := func(err error) bool { return errors.Is(err, fs.ErrPermission) }
	refusals := func(n int, with error) (rename func(from, to string) error, calls *int) {
		calls = new(int)
		return func(from, to string) error {
			if *calls++; *calls <= n {
				return &os.LinkError{Op: "rename", Old: from, New: to, Err: with}
			}
			return nil
		}, calls
	}
	synctest.Test(t, func(t *testing.T) {
		rename, calls := refusals(3, fs.ErrPermission)
		if err := replaceBy(rename, held, "new", target); err != nil || *calls != 4 {
			t.Errorf("held for a moment: %v after %d calls", err, *calls)
		}
		rename, calls = refusals(1000, fs.ErrPermission)
		err := replaceBy(rename, held, "new", target)
		if !errors.Is(err, ErrFileInUse) || errors.Is(err, fs.ErrPermission) || endsAll(err) || !strings.Contains(err.Error(), target) || *calls > 50 {
			t.Errorf("held for long: %v after %d calls", err, *calls)
		}
		rename, _ = refusals(1000, fs.ErrPermission)
		if err := replaceBy(rename, held, "new", filepath.Join(dir, "missing")); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("nothing there to hold: %v", err)
		}
		rename, calls = refusals(1, fs.ErrInvalid)
		if err := replaceBy(rename, held, "new", target); !errors.Is(err, fs.ErrInvalid) || *calls != 1 {
			t.Errorf("another error: %v after %d calls", err, *calls)
		}
	})
}
