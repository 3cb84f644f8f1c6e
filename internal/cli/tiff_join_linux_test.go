package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// A folder of channels may hold anything that is called an image.
func TestJoinAmongDevicesAndLoops(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	in := filepath.Join(dir, "in")
	if err := os.MkdirAll(filepath.Join(in, "folder.tiff"), 0o700); err != nil {
		t.Fatal(err)
	}
	savePicture(t, filepath.Join(in, "a.tif"), joinPlanes[uint16](t, 1)[0])
	save(t, filepath.Join(dir, "m.json"), []byte(joinKeysJSON+`, "channels": [[1, "a"]]}`))
	if err := syscall.Mkfifo(filepath.Join(in, "pipe.tiff"), 0o600); err != nil {
		t.Skip(err)
	}
	for name, to := range map[string]string{"zero.png": "/dev/zero", "null.tif": "/dev/null"} {
		if err := os.Symlink(to, filepath.Join(in, name)); err != nil {
			t.Fatal(err)
		}
	}
	out := filepath.Join(dir, "out.tiff")
	args := []string{"tiff", "join", in, "-o", out, "--metadata", filepath.Join(dir, "m.json")}
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), args, Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr}); code != 0 {
		t.Fatalf("%d: %s", code, &stderr)
	}
	if err := os.Symlink("loop.tiff", filepath.Join(in, "loop.tiff")); err != nil {
		t.Fatal(err)
	}
	stderr.Reset()
	if code := run(t.Context(), args, Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr}); code == 0 || !strings.Contains(stderr.String(), "loop.tiff") {
		t.Errorf("code %d of a link to itself: %s", code, &stderr)
	}
}
