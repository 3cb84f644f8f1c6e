package cli

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"testing/iotest"
)

// What comes once can be sent twice, short or long, and leaves nothing behind.
func TestKeep(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp)
	for _, n := range []int{0, 1, maxHeld - 1, maxHeld, maxHeld + 1, 3*maxHeld + 7} {
		want := bytes.Repeat([]byte("mibi?"), n/5+1)[:n]
		source, done, err := openInput("-", iotest.HalfReader(bytes.NewReader(want)))
		if err != nil || source.Size != int64(n) {
			t.Fatalf("%d bytes: size %d, %v", n, source.Size, err)
		}
		for range 2 {
			r, err := source.Open()
			if err != nil {
				t.Fatal(err)
			}
			got, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes came back as %d, %v", n, len(got), err)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}
		done()
	}
	if left, err := os.ReadDir(temp); len(left) > 0 || err != nil {
		t.Errorf("left over: %v, %v", left, err)
	}
	if _, done, err := openInput("-", iotest.ErrReader(io.ErrUnexpectedEOF)); err == nil {
		t.Error("a broken pipe was taken")
	} else {
		done()
	}
}

func TestFilePart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "Cell borders.TIF")
	if err := os.WriteFile(path, []byte("II*"), 0o600); err != nil {
		t.Fatal(err)
	}
	part, err := filePart("attachment=@" + path)
	if err != nil || part.Name != "attachment" || part.ContentType != "image/tiff" || part.File.Name != "Cell borders.TIF" || part.File.Size != 3 {
		t.Errorf("got %+v, %v", part, err)
	}
	for _, text := range []string{"", "a", "a=b", "=@" + path, "a=@", "a:=@" + path + "x", "a=@" + filepath.Dir(path)} {
		if part, err := filePart(text); err == nil {
			t.Errorf("%q was taken as %+v", text, part)
		}
	}
}
