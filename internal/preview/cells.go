package preview

import (
	"bufio"
	"fmt"
	"io"
)

// Colours is how many grays a terminal shows.
type Colours int

const (
	// Palette is the 256 colours of xterm, 26 grays of them.
	Palette Colours = 256
	// TrueColour is 24 bits, 256 grays.
	TrueColour Colours = 1 << 24
)

// HalfBlocks draws two rows of the picture in a line of characters: their upper
// halves are the one, their lower halves the other. Of an odd number of rows the
// last one stands above black. Each line ends with the terminal's own colours.
// Errors are those of w.
func (p Picture) HalfBlocks(w io.Writer, colours Colours) error {
	out := bufio.NewWriter(w)
	for y := 0; y < p.Height; y += 2 {
		upper, lower := -1, -1 // as they are set
		for x := range p.Width {
			above, below := colours.of(p.Shades[y*p.Width+x]), colours.of(0)
			if y+1 < p.Height {
				below = colours.of(p.Shades[(y+1)*p.Width+x])
			}
			if below != lower {
				_, _ = fmt.Fprintf(out, "\x1b[48;%sm", colours.code(below))
				lower = below
			}
			if above == below {
				_ = out.WriteByte(' ')
				continue
			}
			if above != upper {
				_, _ = fmt.Fprintf(out, "\x1b[38;%sm", colours.code(above))
				upper = above
			}
			_, _ = out.WriteString("▀")
		}
		_, _ = out.WriteString("\x1b[0m\n")
	}
	return out.Flush()
}

// of is the number of the gray that a shade has; that of 0 alone is black.
func (c Colours) of(shade uint8) int {
	if c == TrueColour {
		return int(shade)
	}
	switch step := steps(shade, 25); step {
	case 0:
		return 16
	case 25:
		return 231
	default:
		return 231 + step
	}
}

func (c Colours) code(gray int) string {
	if c == TrueColour {
		return fmt.Sprintf("2;%d;%d;%d", gray, gray, gray)
	}
	return fmt.Sprintf("5;%d", gray)
}

// steps is a shade on a scale from 0 to most, on which only 0 is 0.
func steps(shade uint8, most int) int { return (int(shade)*most + 254) / 255 }

// ramp goes from black to white on a dark ground.
const ramp = " .:-=+*#%@"

// Characters draws a row of the picture in a line of plain characters, more
// filled for lighter pixels. Errors are those of w.
func (p Picture) Characters(w io.Writer) error {
	out := bufio.NewWriter(w)
	for y := range p.Height {
		for _, shade := range p.Shades[y*p.Width : (y+1)*p.Width] {
			_ = out.WriteByte(ramp[steps(shade, len(ramp)-1)])
		}
		_ = out.WriteByte('\n')
	}
	return out.Flush()
}
