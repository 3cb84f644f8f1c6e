package transfer

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibitiff"
)

func TestFindTIFFs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{
		"a.tif", "B.TIFF", "sub/c.tiff", "sub/sub/d.Tif", "sub/no.txt", "sub/e.tiff.part", ".hidden.tiff", ".cache/f.tiff", "tiff", "alone.dat",
	} {
		writePush(t, []byte("x"), dir, name)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder.tiff"), 0o700); err != nil {
		t.Fatal(err)
	}
	linked := runtime.GOOS != "windows"
	if linked {
		for name, to := range map[string]string{
			"sub/loop": dir, "sub/link.tiff": "../a.tif", "nowhere.tiff": "no such file", "self.tiff": "self.tiff",
		} {
			if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	find := func(filter *Filter, paths ...string) (names []string, left, wrong []Failure) {
		t.Helper()
		files, left, wrong, err := findTIFFs(t.Context(), paths, filter.Match)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			rel, err := filepath.Rel(dir, f.path)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, filepath.ToSlash(rel))
		}
		return names, left, wrong
	}
	names, left, wrong := find(nil, dir)
	want := []string{"B.TIFF", "a.tif", "sub/c.tiff", "sub/sub/d.Tif"}
	if linked {
		want = []string{"B.TIFF", "a.tif", "nowhere.tiff", "self.tiff", "sub/c.tiff", "sub/link.tiff", "sub/sub/d.Tif"}
		if len(left) != 1 || !errors.Is(left[0].Err, errLinkedFolder) {
			t.Error(left)
		}
	}
	if !slices.Equal(names, want) || len(wrong) != 0 {
		t.Errorf("%v, %v", names, wrong)
	}
	// Named files come whatever they are called, once, and missing ones are told.
	names, _, wrong = find(nil, filepath.Join(dir, "alone.dat"), filepath.Join(dir, "a.tif"), filepath.Join(dir, "sub", "..", "a.tif"), filepath.Join(dir, "none"))
	if !slices.Equal(names, []string{"alone.dat", "a.tif"}) || len(wrong) != 1 || !errors.Is(wrong[0].Err, os.ErrNotExist) {
		t.Errorf("%v, %v", names, wrong)
	}
	filter, err := NewFilter([]string{"*.tif"}, []string{"/sub/sub"})
	if err != nil {
		t.Fatal(err)
	}
	if names, _, _ = find(filter, dir); !slices.Equal(names, []string{"a.tif"}) {
		t.Error(names)
	}
	if linked { // a link that is named is followed
		if names, _, _ = find(nil, filepath.Join(dir, "sub", "loop")); !slices.Contains(names, "sub/loop/a.tif") {
			t.Error(names)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, _, err := findTIFFs(ended, []string{dir}, filter.Match); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// Whatever a file holds, looking at it ends with an error that says what it is.
func TestReadLocalRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	whole := pushTIFF(t, "name", "P1/D", 5)
	tail := slices.Clone(whole)
	tail[len(tail)-3] ^= 1
	for name, c := range map[string]struct {
		content []byte
		is      error
		text    string
	}{
		"empty":     {nil, errNotTIFF, "empty"},
		"text":      {[]byte("no TIFF, but a text of some length"), errNotTIFF, ""},
		"zeros":     {make([]byte, 1<<20), errNotTIFF, ""},
		"allocated": {append(slices.Clone(whole[:len(whole)/2]), make([]byte, len(whole)-len(whole)/2)...), nil, ""},
		"cut":       {whole[:len(whole)-1], mibitiff.ErrTruncated, ""},
		"tail":      {tail, nil, "does not decode"},
		"header":    {[]byte("II*\x00\xff\xff\xff\xff"), nil, ""},
	} {
		_, err := readLocal(t.Context(), writePush(t, c.content, dir, name))
		if err == nil || c.is != nil && !errors.Is(err, c.is) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := readLocal(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "regular") {
		t.Error(err)
	}
	local, err := readLocal(t.Context(), writePush(t, whole, dir, "whole"))
	if err != nil || local.run != "name" || local.folder != "P1/D" || !slices.Equal(local.channels, []string{"CD45", "dsDNA"}) {
		t.Errorf("%+v, %v", local, err)
	}
}

func FuzzReadLocal(f *testing.F) {
	f.Add(pushTIFF(f, "name", "P1/D", 5))
	f.Add([]byte("II*\x00\x08\x00\x00\x00\xff\xff"))
	f.Fuzz(func(t *testing.T, content []byte) {
		local, err := readLocal(t.Context(), writePush(t, content, t.TempDir(), "a.tiff"))
		if (local == nil) == (err == nil) {
			t.Errorf("%v, %v", local, err)
		}
	})
}
