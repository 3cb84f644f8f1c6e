package cli

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibi"
)

// Names of pages are shown, and obeyed by no terminal.
func TestTIFFCheckNames(t *testing.T) {
	t.Parallel()
	path := namedTIFF(t, mibi.Channel{Mass: 1, Target: "red\x1b[31m"}, mibi.Channel{Mass: 2, Target: "second"})
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// One character of the first page's name is another: "rad\x1b[31m (1)".
	at := bytes.Index(content, []byte("red\x1b[31m (1)"))
	if at < 0 {
		t.Fatal("the page's name was not found")
	}
	content[at+1] = 'a'
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs := ran(t, 0, "tiff", "check", path)
	if strings.Contains(out+errs, "\x1b") || !strings.Contains(out, `warning: page 0 (rad\x1b[31m (1)), tag 285 PageName: the page's name is not that of its channel`) {
		t.Errorf("%q %q", out, errs)
	}
}

func TestPageList(t *testing.T) {
	t.Parallel()
	var odd []int
	for i := range 30 {
		odd = append(odd, 2*i+1)
	}
	for _, c := range []struct {
		pages []int
		want  string
	}{
		{[]int{3}, "page 3"}, {[]int{0, 1, 2, 3}, "pages 0-3"}, {[]int{0, 1, 3, 3, 4, 9}, "pages 0-1, 3-4, 9"},
		{odd[:3], "pages 1, 3, 5"}, {odd, "pages 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31, 33, 35, 37, 39 and more"},
	} {
		if got := pageList(c.pages); got != c.want {
			t.Errorf("%v: %q, want %q", c.pages, got, c.want)
		}
	}
}
