package e2e

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// momentFOVs is how many FOVs are pulled by what is killed at named moments: the
// last steps come soon.
const momentFOVs = 2

// TestPullEndsAnywhere ends pulls at named steps, of a small run, and pulls again.
func TestPullEndsAnywhere(t *testing.T) {
	t.Parallel()
	s, mibi := killSite(t, momentFOVs, 300_000)
	t.Run("moments", func(t *testing.T) { killAtMoments(t, s, mibi) })
	t.Run("signals", func(t *testing.T) { interrupt(t, s, mibi) })
	t.Run("system calls", func(t *testing.T) { killAtSystemCalls(t, s, mibi) })
}

// killAtMoments kills a pull as soon as its folder shows that a step was done, up
// to the last ones.
func killAtMoments(t *testing.T, s *site, mibi string) {
	t.Helper()
	size := func(name string) int64 {
		if info, err := os.Stat(name); err == nil {
			return info.Size()
		}
		return -1
	}
	for name, kind := range killedKinds() {
		t.Run(name, func(t *testing.T) {
			// One FOV after the other, and slowly: what is there first is seen in time.
			kind.args = slices.Concat(kind.args, []string{"--jobs", "1"})
			k := newKilledPull(t, s, mibi, 1e6, kind)
			k.reference(t, momentFOVs)
			last := momentFOVs * kind.files
			killed := 0
			for moment, come := range map[string]func(dir string) bool{
				"the pull's own folder is there": func(dir string) bool { return size(filepath.Join(dir, ".mibi-pull")) >= 0 },
				"the first manifest is there":    func(dir string) bool { return size(filepath.Join(dir, "manifest.json")) >= 0 },
				"the journal has a line":         func(dir string) bool { return size(filepath.Join(dir, ".mibi-pull", "journal.jsonl")) > 0 },
				"the first file is there":        func(dir string) bool { return countTIFFs(dir) >= 1 },
				"the last file but one is there": func(dir string) bool { return countTIFFs(dir) >= last-1 },
				"the last file is there":         func(dir string) bool { return countTIFFs(dir) >= last },
				"the manifest has files":         func(dir string) bool { return size(filepath.Join(dir, "manifest.json")) > 600 },
				"the journal has gone": func(dir string) bool {
					return size(filepath.Join(dir, "manifest.json")) > 600 && size(filepath.Join(dir, ".mibi-pull", "journal.jsonl")) < 0
				},
			} {
				dir := t.TempDir()
				cmd := k.start(t, dir)
				ended := make(chan error, 1)
				go func() { ended <- cmd.Wait() }()
				var err error
				for waits := true; waits; {
					select {
					case err = <-ended:
						waits = false
					default:
						if come(filepath.Join(dir, "killed")) {
							_ = cmd.Process.Kill()
							err, waits = <-ended, false
						}
						runtime.Gosched()
					}
				}
				if err != nil {
					if cmd.ProcessState.ExitCode() >= 0 {
						t.Fatalf("%s: it was not killed, but ended with %v", moment, err)
					}
					killed++
				}
				k.halfway(t, dir)
				k.end(t, dir)
				if t.Failed() {
					t.Fatalf("killed when %s", moment)
				}
			}
			t.Logf("%d kills", killed)
			if killed < 4 {
				t.Errorf("only %d kills", killed)
			}
		})
	}
}

// interrupt ends pulls by the signals that ask for it, in the middle of their
// bytes.
func interrupt(t *testing.T, s *site, mibi string) {
	t.Helper()
	for name, kind := range killedKinds() {
		t.Run(name, func(t *testing.T) {
			k := newKilledPull(t, s, mibi, 2e6, kind)
			k.reference(t, momentFOVs)
			for _, sign := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
				dir := t.TempDir()
				cmd := k.start(t, dir)
				k.proxy.when(k.files/2, func() { _ = cmd.Process.Signal(sign) })
				if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != 130 {
					t.Errorf("%v: exit code %d, want 130; %v", sign, cmd.ProcessState.ExitCode(), err)
				}
				k.proxy.when(0, nil)
				k.halfway(t, dir)
				k.end(t, dir)
			}
		})
	}
}

// killAtSystemCalls kills a pull as it comes to the calls that give names, bring to
// the disk and remove, one after another of its threads' ones.
func killAtSystemCalls(t *testing.T, s *site, mibi string) {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not here: a pull is killed at system calls by it")
	}
	if out, err := exec.CommandContext(t.Context(), strace, "-qq", "-e", "inject=rmdir:signal=KILL:when=1", "true").CombinedOutput(); err != nil {
		t.Skipf("strace may not do it here: %v %s", err, out)
	}
	const calls = "?rename,?renameat,?renameat2,fsync,ftruncate,?unlink,unlinkat,?rmdir,?mkdir,mkdirat"
	for name, kind := range killedKinds() {
		t.Run(name, func(t *testing.T) {
			k := newKilledPull(t, s, mibi, 0, kind)
			k.reference(t, momentFOVs)
			killed := 0
			for n := 1; n <= 400; n += 1 + n/3 { // a thread's first and last steps are the many kinds
				dir := t.TempDir()
				cmd := k.start(t, dir, strace, "-f", "-qq", "-o", os.DevNull, "-e", "trace="+calls, "-e", fmt.Sprintf("inject=%s:signal=KILL:when=%d", calls, n))
				if cmd.Wait() == nil {
					break // none of its threads has come so far
				}
				killed++
				k.halfway(t, dir)
				k.end(t, dir)
				if t.Failed() {
					t.Fatalf("killed at call %d", n)
				}
			}
			t.Logf("%d kills", killed)
			if killed < 3 {
				t.Errorf("only %d kills", killed)
			}
		})
	}
}

// countTIFFs is how many files a run's folder has under final names.
func countTIFFs(dir string) (n int) {
	_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil //nolint:nilerr // it is being made
		case d.Name() == ".mibi-pull":
			return fs.SkipDir
		case strings.HasSuffix(d.Name(), ".tiff"):
			n++
		}
		return nil
	})
	return n
}

// halfway looks at what a killed pull has left: nothing half under a final name.
// What it was about to write beside the manifest has no such name.
func (k *killedPull) halfway(t *testing.T, dir string) {
	t.Helper()
	dir = filepath.Join(dir, "killed")
	got := pulled(t, dir)
	for name := range got {
		if strings.HasPrefix(name, ".") && strings.HasSuffix(name, ".part") {
			delete(got, name)
		}
	}
	intact(t, got, k.want, false)
	if text, err := os.ReadFile(filepath.Join(dir, "manifest.json")); err == nil && !json.Valid(text) {
		t.Errorf("a manifest of %d bytes is half", len(text))
	}
}
