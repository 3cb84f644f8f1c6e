package mibitracker

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestNameFault(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]struct{ here, windows bool }{
		"summed_image.tiff": {true, true}, "sed ü.bmp": {true, true}, ".hidden": {true, true}, "...a": {true, true},
		"a..b": {true, true}, "console": {true, true}, "com": {true, true}, "COM10": {true, true}, "lpt1x.txt": {true, true},
		"": {}, ".": {}, "..": {}, "a\x00": {}, "a\x1b[2J": {}, "a\u0085": {}, "\xff": {}, strings.Repeat("x", 256): {},
		"CON": {here: true}, "con.tiff": {here: true}, "nul .x": {here: true}, "Aux.a.b": {here: true}, "COM1": {here: true},
		"lpt¹.x": {here: true}, "conin$": {here: true}, "a:b": {here: true}, `a\b`: {here: true}, `..\..\b`: {here: true},
		"a?": {here: true}, "a.": {here: true}, "a ": {here: true}, `C:`: {here: true}, "...": {here: true},
	} {
		for windows, want := range map[bool]bool{false: good.here, true: good.windows} {
			if fault := nameFault(name, windows); (fault == "") != want {
				t.Errorf("%q, on Windows %v: %q", name, windows, fault)
			}
		}
	}
}

// Whatever a storage calls a file, it stays in its folder.
func FuzzFileName(f *testing.F) {
	for _, path := range []string{"a/b.tiff", "../x", "a/..", `a\..\b`, "/", "", "a/CON", "a/b:c"} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		name, err := fileName(path)
		if err != nil {
			return
		}
		if filepath.Base(name) != name || !filepath.IsLocal(name) || filepath.Dir(filepath.Join("folder", name)) != "folder" {
			t.Errorf("%q becomes %q", path, name)
		}
		if short := shortened(name); len(short) > 100 || !strings.HasPrefix(name, short) {
			t.Errorf("%q is shortened to %q", name, short)
		}
	})
}
