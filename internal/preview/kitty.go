package preview

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"image"
	"image/png"
	"io"
)

// kittyPiece is how many characters of an image one command may have.
const kittyPiece = 4096

// Kitty draws the picture's own pixels, as large as so many columns and rows,
// on terminals that take images by the protocol of kitty: see [KittyQuery]. They
// are told to answer nothing. The cursor is at the beginning of the next line
// then. Errors are those of w.
func (p Picture) Kitty(w io.Writer, columns, rows int) error {
	if len(p.Shades) == 0 {
		return nil
	}
	var file bytes.Buffer
	gray := &image.Gray{Pix: p.Shades, Stride: p.Width, Rect: image.Rect(0, 0, p.Width, p.Height)}
	if err := png.Encode(&file, gray); err != nil {
		return err
	}
	text := base64.StdEncoding.EncodeToString(file.Bytes())
	out := bufio.NewWriter(w)
	keys := fmt.Sprintf("a=T,f=100,c=%d,r=%d,", columns, rows)
	for more := 1; more == 1; keys = "" {
		piece := text[:min(len(text), kittyPiece)]
		if text = text[len(piece):]; text == "" {
			more = 0
		}
		_, _ = fmt.Fprintf(out, "\x1b_G%sq=2,m=%d;%s\x1b\\", keys, more, piece)
	}
	_ = out.WriteByte('\n')
	return out.Flush()
}

// KittyQuery asks a terminal whether it shows images: it sends an image of one
// pixel that is not to be shown, and asks what the terminal is. Each terminal
// answers the second question, see [Answered], and only those that show images
// the first, before it.
const KittyQuery = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\" + "\x1b[c"

// Answered reads what a terminal has said to [KittyQuery] up to now: whether that
// is all, and whether it shows images.
func Answered(said []byte) (all, shows bool) {
	for rest := said; ; {
		start := bytes.Index(rest, []byte("\x1b[?"))
		if start < 0 {
			return false, false
		}
		rest = rest[start+3:]
		end := bytes.IndexFunc(rest, func(r rune) bool { return (r < '0' || r > '9') && r != ';' })
		if end < 0 {
			return false, false
		}
		if rest[end] == 'c' {
			return true, bytes.Contains(said, []byte("\x1b_Gi=31;OK\x1b\\"))
		}
	}
}
