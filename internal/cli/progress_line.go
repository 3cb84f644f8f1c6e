package cli

import (
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/term"
)

// liveLine is the last line on the terminal that standard error is, and changes
// in place. It is drawn with carriage returns and spaces alone: those work on
// every terminal, old Windows consoles too. The zero liveLine is no line.
type liveLine struct {
	mu    sync.Mutex
	text  string
	shown int // columns of it
}

// draw replaces the line by text, which is cut to fit a width in columns: a
// line that wraps cannot be replaced.
func (l *liveLine) draw(out io.Writer, text string, width int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	// The last column stays empty: a cursor behind it stands on the next line.
	text = firstColumns(text, width-1)
	if text == l.text {
		return
	}
	wide := columns(text)
	rest := max(0, min(l.shown, width-1)-wide)
	_, _ = io.WriteString(out, "\r"+text+strings.Repeat(" ", rest))
	l.text, l.shown = text, wide
}

// clear leaves an empty line with the cursor at its beginning.
func (l *liveLine) clear(out io.Writer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shown > 0 {
		_, _ = io.WriteString(out, l.erasure())
	}
	l.text, l.shown = "", 0
}

func (l *liveLine) erasure() string {
	return "\r" + strings.Repeat(" ", l.shown) + "\r"
}

// above writes whole lines above the live line.
func (l *liveLine) above(out io.Writer, p []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shown == 0 {
		_, err := out.Write(p)
		return err
	}
	_, err := io.WriteString(out, l.erasure()+string(p)+l.text)
	return err
}

// aside is standard error for messages, which may come while a live line stands
// there: they are written above it, whole lines in each Write.
type aside struct{ g *globals }

func (a aside) Write(p []byte) (int, error) {
	if err := a.g.line.above(a.g.streams.Err, p); err != nil {
		return 0, err
	}
	return len(p), nil
}

// columnsOf is the width of the terminal that a stream is, as it is now: 80
// where that is not known.
func columnsOf(stream any) int {
	if fd, ok := terminal(stream); ok {
		if w, _, err := term.GetSize(fd); err == nil && w > 0 {
			return w
		}
	}
	if w, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && w > 0 {
		return w
	}
	return 80
}

// columns is how many columns of a terminal a printable text takes.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += columnsOfRune(r)
	}
	return n
}

// firstColumns is the beginning of a text that takes at most so many columns.
func firstColumns(s string, most int) string {
	n := 0
	for i, r := range s {
		if n += columnsOfRune(r); n > most {
			return s[:i]
		}
	}
	return s
}

// columnsOfRune counts in doubt too many: a line that is too short is still
// one line.
func columnsOfRune(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r >= 0x1100 && r <= 0x115f, r >= 0x231a && r <= 0x23ff, r >= 0x25fd && r <= 0x27bf,
		r >= 0x2b1b && r <= 0x2b55, r >= 0x2e80 && r <= 0xa4cf, r >= 0xa960 && r <= 0xa97c,
		r >= 0xac00 && r <= 0xd7a3, r >= 0xf900 && r <= 0xfaff, r >= 0xfe30 && r <= 0xfe6f,
		r >= 0xff01 && r <= 0xff60, r >= 0xffe0 && r <= 0xffe6, r >= 0x16fe0:
		return 2
	}
	return 1
}
