package transfer

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// checked says of each file below the run's folder how it compares.
func checked(t *testing.T, b *backend, o CheckOptions) (map[string]CheckState, *CheckResult) {
	t.Helper()
	b.forget()
	result, err := Check(t.Context(), b.client(), testRun(), o)
	if err != nil {
		t.Fatal(err)
	}
	if asked, moved := b.forget(); moved != 0 || len(asked) != 1 {
		t.Errorf("a check moved %d bytes; asked %q", moved, asked)
	}
	states := map[string]CheckState{}
	for f := range result.Files() {
		rel, err := filepath.Rel(result.Dir, f.Path)
		if err != nil {
			t.Fatal(err)
		}
		if (f.State == CheckEqual || f.State == CheckMissing) != (f.Reason == "") {
			t.Errorf("%s is %s: %q", rel, f.State, f.Reason)
		}
		states[filepath.ToSlash(rel)] = f.State
	}
	return states, result
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, layout := range []Layout{MIBItiff, Channels} {
		t.Run(string(layout), func(t *testing.T) {
			t.Parallel()
			waiting := point(t, 6)
			waiting.status, waiting.tiff = "U", nil
			b := newBackend(t, point(t, 1), point(t, 2), point(t, 3), point(t, 4), waiting)
			dir := t.TempDir()
			o := PullOptions{Dir: dir, Layout: layout}
			if layout == Channels {
				o.SubFolder = "TIFs"
			}
			b.pull(o)
			for _, given := range []string{dir, filepath.Join(dir, "run-A")} {
				if states, result := checked(t, b, CheckOptions{Dir: given}); result.Count(CheckEqual) != result.FileCount || len(states) < 4 {
					t.Errorf("pulled: %v", states)
				}
			}
			name := func(i string) string {
				if layout == MIBItiff {
					return "Point" + i + ".tiff"
				}
				return "Point" + i + "/TIFs/CD45.tiff"
			}
			for path, content := range map[string]string{name("2"): "edited", "Point9.tiff": "nobody's", "Point1.txt": "notes", ".hidden": "x"} {
				if err := os.WriteFile(filepath.Join(dir, "run-A", filepath.FromSlash(path)), []byte(content), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Remove(filepath.Join(dir, "run-A", filepath.FromSlash(name("3")))); err != nil {
				t.Fatal(err)
			}
			b.images[3].tiff = makeTIFF(t, b.images[3].folder, 99)
			states, _ := checked(t, b, CheckOptions{Dir: dir})
			for path, want := range map[string]CheckState{
				name("1"): CheckEqual, name("2"): CheckDifferent, name("3"): CheckMissing, name("4"): CheckDifferent,
				"Point9.tiff": CheckExtra, "Point1.txt": CheckExtra, ".hidden": "", name("6"): "",
			} {
				if states[path] != want {
					t.Errorf("%s is %q, want %q", path, states[path], want)
				}
			}
			if states, _ := checked(t, b, CheckOptions{Dir: dir, FOVs: []string{"Point1"}}); states[name("1")] != CheckEqual || states["Point9.tiff"] != "" {
				t.Errorf("of one FOV: %v", states)
			}
		})
	}
}

// What a server does not say cannot be compared, and that is said.
func TestCheckUnverifiable(t *testing.T) {
	t.Parallel()
	b := newBackend(t, point(t, 1), point(t, 2))
	b.noHash = true
	b.images[0].extra = map[string][]byte{"mask": grayPNG(t)}
	dir := t.TempDir()
	b.pull(PullOptions{Dir: dir})
	b.pull(PullOptions{Dir: dir, Channels: []string{"CD3", "mask"}, FOVs: []string{"Point1"}})
	path := filepath.Join(dir, "run-A", "Point2.tiff")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)/2] ^= 0xff
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	states, result := checked(t, b, CheckOptions{Dir: dir})
	for path, want := range map[string]CheckState{
		"Point1.tiff": CheckUnverifiable, "Point2.tiff": CheckDifferent, "Point1/CD3.tiff": CheckUnverifiable,
		"Point1/mask.tiff": CheckUnverifiable, "Point1/CD45.tiff": CheckMissing,
	} {
		if states[path] != want {
			t.Errorf("%s is %q, want %q", path, states[path], want)
		}
	}
	for f := range result.Files() {
		if !strings.Contains(f.Reason, string(BySizeAndZlib)) {
			t.Errorf("says %q", f.Reason)
		}
		break
	}
}

func TestCheckRefuses(t *testing.T) {
	t.Parallel()
	b := newBackend(t, point(t, 1))
	dir := t.TempDir()
	if _, err := Check(t.Context(), b.client(), testRun(), CheckOptions{Dir: filepath.Join(dir, "nothing")}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of a folder that is not there: %v", err)
	}
	if _, err := Check(t.Context(), b.client(), testRun(), CheckOptions{Dir: dir, FOVs: []string{"x"}}); !errors.Is(err, mibitracker.ErrNotFound) {
		t.Errorf("of an unknown FOV: %v", err)
	}
	states, _ := checked(t, b, CheckOptions{Dir: dir})
	if len(states) != 1 || states["Point1.tiff"] != CheckMissing {
		t.Errorf("of an empty folder: %v", states)
	}
	b.pull(PullOptions{Dir: dir})
	other := testRun()
	other.Path = "another-path"
	if _, err := Check(t.Context(), newBackend(t).client(), other, CheckOptions{Dir: dir}); !errors.Is(err, ErrOtherRun) {
		t.Errorf("of another server: %v", err)
	}
}
