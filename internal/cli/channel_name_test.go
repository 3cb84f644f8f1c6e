package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestChannelFileName(t *testing.T) {
	t.Parallel()
	for channel, want := range map[string]string{
		"CD45":                    "CD45.png",
		"HLA class 1 A, B, and C": "HLA class 1 A, B, and C.png",
		"Na/K-ATPase":             "Na_K-ATPase.png",
		`a\b:c*d?e"f<g>h|i`:       "a_b_c_d_e_f_g_h_i.png",
		"../../etc/passwd":        "_._.._etc_passwd.png",
		".":                       "_.png", "..": "_..png", ".hidden": "_hidden.png", "": "_.png", "  ": "_.png", "/": "_.png",
		"β-actin": "β-actin.png", "a\x00b\nc\x1b[31m": "a_b_c_[31m.png", "evil\u202egnp": "evil_gnp.png", "bad\xff\xfe": "bad_.png",
		"CON": "CON_.png", "con": "con_.png", "nul.a": "nul_.a.png", "COM1": "COM1_.png", "lpt³": "lpt³_.png", "aux ": "aux_.png",
		"con .x": "con_.x.png", "conin$": "conin$_.png", "COM": "COM.png", "COM10": "COM10.png", "CONTROL": "CONTROL.png",
		"dot.": "dot..png", " CD3 ": "CD3.png",
	} {
		if got := channelFileName(channel, ".png"); got != want {
			t.Errorf("%q: %q, want %q", channel, got, want)
		}
	}
	long := channelFileName(strings.Repeat("ä", 1000), ".tiff")
	if len(long) > maxFileName || len(long) < maxFileName-1 || !utf8.ValidString(long) || !strings.HasSuffix(long, "ä.tiff") {
		t.Errorf("a long name becomes one of %d bytes: %q", len(long), long)
	}
}

// A name is one that this system takes, in the folder that it is put in.
func FuzzChannelFileName(f *testing.F) {
	for _, s := range []string{"CD45", "../x", "CON", "a/b", "\xff", strings.Repeat("ä", 200), "nul.tar.gz", ".", " . "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, channel string) {
		name := channelFileName(channel, ".png")
		if name != filepath.Base(name) || !filepath.IsLocal(name) || strings.ContainsAny(name, `\/:*?"<>|`) || strings.HasPrefix(name, ".") ||
			len(name) > maxFileName || !utf8.ValidString(name) || !strings.HasSuffix(name, ".png") {
			t.Fatalf("%q becomes %q", channel, name)
		}
		base, _, _ := strings.Cut(name, ".")
		if isDevice(strings.TrimRight(base, " ")) {
			t.Fatalf("%q becomes a device: %q", channel, name)
		}
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	})
}
