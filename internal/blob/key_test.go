package blob

import (
	"errors"
	"io/fs"
	"strings"
	"testing"
)

func TestCheckKey(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", MaxSegmentLen)
	valid := []string{
		"a", "0", "runs/26/summed_image.tiff", "a-b/c.d_e", "_", "-", "console", "com", "com10", "lpt", "nul1",
		"a..b", "ab.con", long, strings.Repeat("a/", MaxKeyLen/2-1) + "ab",
	}
	for _, key := range valid {
		if err := CheckKey(key); err != nil {
			t.Errorf("CheckKey(%q) = %v, want nil", key, err)
		}
	}
	invalid := []string{
		"", "/", "/a", "a/", "a//b", ".", "..", "../a", "a/..", "a/../b", "a/./b", ".hidden", "a/.b", "a.", "a./b",
		"A", "a/B.tiff", "a b", "a\\b", "c:a", "a:b", "a\x00", "é", "a\n", "%2e%2e", "~a", "+a", "a*",
		"con", "nul", "nul.txt", "a/aux", "prn.tar.gz", "com0", "com1", "lpt9.x", "x/com5/y",
		long + "a", strings.Repeat("a/", MaxKeyLen/2) + "a",
	}
	for _, key := range invalid {
		if err := CheckKey(key); !errors.Is(err, ErrKey) {
			t.Errorf("CheckKey(%q) = %v, want ErrKey", key, err)
		}
	}
}

// What CheckKey lets pass must be a plain path inside the root whatever the bytes.
func FuzzCheckKey(f *testing.F) {
	for _, seed := range []string{"a/b", "../a", "a/./b", "nul", "a\\..\\b", "/a"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if CheckKey(key) != nil {
			return
		}
		if !fs.ValidPath(key) || key == "." || strings.ToLower(key) != key || strings.ContainsAny(key, `\:+`) {
			t.Errorf("CheckKey accepts %q", key)
		}
		if isTemp(key[strings.LastIndexByte(key, '/')+1:]) {
			t.Errorf("key %q could be taken for a temporary file", key)
		}
	})
}
