package transfer

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// An attempt that the transport gives up closes its reader, often in the middle
// of a Read: that tells nothing of the file. One that is cut does.
func TestSendingIsGivenUp(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "fov.tiff")
	if err := os.WriteFile(path, make([]byte, 100), 0o600); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	var told error
	open := func() *sending {
		t.Helper()
		s, err := openSending(t.Context(), &localTIFF{path: path, size: info.Size(), modTime: info.ModTime()})
		if err != nil {
			t.Fatal(err)
		}
		s.broke = func(err error) { told = err }
		if n, err := s.Read(make([]byte, 40)); n != 40 || err != nil {
			t.Fatalf("%d bytes, %v", n, err)
		}
		return s
	}
	s := open()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Read(make([]byte, 60)); !errors.Is(err, fs.ErrClosed) || told != nil {
		t.Errorf("given up: %v, told %v", err, told)
	}
	s = open()
	defer func() { _ = s.Close() }()
	if err := os.Truncate(path, 50); err != nil {
		t.Fatal(err)
	}
	_, err = s.Read(make([]byte, 60))
	if err == nil {
		_, err = s.Read(make([]byte, 60))
	}
	if !errors.Is(err, ErrFileChanged) || !errors.Is(told, ErrFileChanged) {
		t.Errorf("cut: %v, told %v", err, told)
	}
}
