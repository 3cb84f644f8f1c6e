package blob_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/blob"
	"github.com/openmibi/openmibi/internal/blob/blobtest"
)

func openLocal(t *testing.T, dir string) *blob.Local {
	t.Helper()
	s, err := blob.OpenLocal(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// files is what really lies in the folder, folders with a final slash.
func files(t *testing.T, dir string) []string {
	t.Helper()
	list := []string{}
	err := filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err != nil || p == dir {
			return err
		}
		rel, err := filepath.Rel(dir, p)
		if d.IsDir() {
			rel += "/"
		}
		list = append(list, filepath.ToSlash(rel))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestLocal(t *testing.T) {
	t.Parallel()
	blobtest.Run(t, func(t *testing.T) blob.Store {
		dir := t.TempDir()
		t.Cleanup(func() {
			// Whatever a test of the suite did, only whole objects may be left.
			for _, name := range files(t, dir) {
				if bytes.ContainsRune([]byte(name), '+') {
					t.Errorf("left behind: %s", name)
				}
			}
		})
		return openLocal(t, dir)
	})
}

func TestLocalOnDisk(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "made", "by", "open")
	s := openLocal(t, dir)
	for _, key := range []string{"runs/r1/f.tiff", "runs/r1/g.tiff", "x"} {
		if _, err := s.Put(t.Context(), key, bytes.NewReader([]byte(key)), blob.PutOptions{Size: -1}); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"runs/", "runs/r1/", "runs/r1/f.tiff", "runs/r1/g.tiff", "x"}
	if got := files(t, dir); !slices.Equal(got, want) {
		t.Errorf("on disk %q, want plain files at their keys %q", got, want)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "runs", "r1", "f.tiff")); err != nil || string(data) != "runs/r1/f.tiff" {
		t.Errorf("read %q, %v", data, err)
	}
	if runtime.GOOS != "windows" {
		for name, want := range map[string]fs.FileMode{"runs/r1": 0o700, "runs/r1/f.tiff": 0o600} {
			fi, err := os.Stat(filepath.Join(dir, name))
			if err != nil || fi.Mode().Perm() != want {
				t.Errorf("%s has mode %v (%v), want %v", name, fi.Mode(), err, want)
			}
		}
	}
	if err := s.DeletePrefix(t.Context(), "runs"); err != nil {
		t.Fatal(err)
	}
	if got := files(t, dir); !slices.Equal(got, []string{"x"}) {
		t.Errorf("after DeletePrefix %q is left, want no empty folders", got)
	}
}

func TestLocalSweepAfterACrash(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	now := time.Now()
	for name, age := range map[string]time.Duration{
		"a/b/+put-OLD": 2 * time.Hour, "+put-OLD": 2 * time.Hour, "a/+put-YOUNG": time.Minute,
		"a/object": 2 * time.Hour, "a/Not Ours": 2 * time.Hour, "empty/folders/+put-OLD": 2 * time.Hour,
	} {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(p), 0o700), os.WriteFile(p, []byte("x"), 0o600),
			os.Chtimes(p, time.Time{}, now.Add(-age))); err != nil {
			t.Fatal(err)
		}
	}
	s := openLocal(t, dir)
	for info, err := range s.List(t.Context(), "") {
		if err != nil || info.Key != "a/object" {
			t.Errorf("List yields %q, %v beside leftovers", info.Key, err)
		}
	}
	n, err := s.Sweep(t.Context(), time.Hour)
	if n != 3 || err != nil {
		t.Errorf("Sweep = %d, %v, want 3", n, err)
	}
	want := []string{"a/", "a/+put-YOUNG", "a/Not Ours", "a/object"}
	if got := files(t, dir); !slices.Equal(got, want) {
		t.Errorf("after Sweep: %q, want %q", got, want)
	}
}

func TestLocalKeepsInsideItsFolder(t *testing.T) {
	t.Parallel()
	outside, dir := t.TempDir(), t.TempDir()
	secret := filepath.Join(outside, "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Symlink(outside, filepath.Join(dir, "way")), os.Symlink(secret, filepath.Join(dir, "file"))); err != nil {
		t.Skipf("this system makes no symbolic links: %v", err)
	}
	s := openLocal(t, dir)
	for _, key := range []string{"way/secret", "file"} {
		if o, err := s.Open(t.Context(), key); err == nil {
			t.Errorf("Open(%q) followed a link out of the folder", key)
			_ = o.Close()
		}
	}
	if _, err := s.Put(t.Context(), "way/new", bytes.NewReader([]byte("x")), blob.PutOptions{Size: 1}); err == nil {
		t.Error("Put followed a link out of the folder")
	}
	if err := s.DeletePrefix(t.Context(), "way"); err != nil {
		t.Errorf("DeletePrefix: %v", err)
	}
	for info, err := range s.List(t.Context(), "") {
		t.Errorf("List yields %q, %v", info.Key, err)
	}
	// A link at the key itself is replaced, not written through.
	if _, err := s.Put(t.Context(), "file", bytes.NewReader([]byte("mine")), blob.PutOptions{Size: 4}); err != nil {
		t.Error(err)
	}
	data, err := os.ReadFile(secret)
	if err != nil || string(data) != "secret" {
		t.Errorf("the file outside is %q, %v", data, err)
	}
	if got := files(t, outside); !slices.Equal(got, []string{"secret"}) {
		t.Errorf("outside the folder: %q", got)
	}
}

func TestOpenLocalNotAFolder(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := blob.OpenLocal(file); err == nil {
		t.Error("OpenLocal took a file for a folder")
		_ = s.Close()
	}
}
