package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/openmibi/openmibi/internal/preview"
	"github.com/openmibi/openmibi/mibitiff"
)

// previewFlags are --preview and --preview-width.
type previewFlags struct {
	g     *globals
	show  bool
	width int // in columns; 0 for what fits
}

// widestPreview is the most columns that a preview may have.
const widestPreview = 1000

func (p *previewFlags) register(cmd *cobra.Command, g *globals, what string) {
	p.g = g
	cmd.Flags().BoolVar(&p.show, "preview", false, what)
	cmd.Flags().IntVar(&p.width, "preview-width", 0, "how many `columns` wide the picture is (default 80, or what the terminal has room for)")
}

// check says what is wrong with the flags.
func (p *previewFlags) check(cmd *cobra.Command) error {
	given := cmd.Flags().Changed("preview-width")
	switch {
	case given && !p.show:
		return usage(errors.New("--preview-width is of a --preview"))
	case given && (p.width < 1 || p.width > widestPreview):
		return usage(fmt.Errorf("--preview-width is %d, not from 1 to %d", p.width, widestPreview))
	case p.show && p.g.json:
		return usage(errors.New("--preview draws for people: give it without --json and --jq"))
	}
	return nil
}

// draw shows a plane on standard output, and says what it is on standard error.
func (p *previewFlags) draw(ctx context.Context, plane mibitiff.Plane, name string) error {
	columns, rows := p.room()
	columns, rows = preview.Fit(plane.Width(), plane.Height(), columns, rows)
	var picture preview.Picture
	var err error
	out := p.g.streams.Out
	switch on := p.g.canvas(ctx); on {
	case pixelCanvas:
		picture = preview.Of(plane, columns*cellWidth, rows*2*cellWidth)
		err = picture.Kitty(out, columns, rows)
	case trueColourCanvas:
		picture = preview.Of(plane, columns, 2*rows)
		err = picture.HalfBlocks(out, preview.TrueColour)
	case paletteCanvas:
		picture = preview.Of(plane, columns, 2*rows)
		err = picture.HalfBlocks(out, preview.Palette)
	default:
		picture = preview.Of(plane, columns, rows)
		err = picture.Characters(out)
	}
	if err != nil {
		return err
	}
	p.g.note("%s", previewNote(plane, picture, name))
	return nil
}

// cellWidth is how many pixels a column is taken to have, where pixels are drawn.
const cellWidth = 10

// previewNote says what a picture shows.
func previewNote(plane mibitiff.Plane, picture preview.Picture, name string) string {
	size := fmt.Sprintf("%s: %d × %d pixels of %s", name, plane.Width(), plane.Height(), plane.DType())
	if picture.White == 0 {
		return size + ", all zero or below."
	}
	white := strconv.FormatFloat(picture.White, 'g', 3, 64)
	if picture.White >= 1000 {
		white = strconv.FormatFloat(math.Round(picture.White), 'f', -1, 64)
	}
	if picture.Width < plane.Width() || picture.Height < plane.Height() {
		return size + "; white is a mean of " + white + " a pixel, or more."
	}
	return size + "; white is " + white + ", or more."
}

// room gives the columns and rows that there are for a picture. On a terminal it
// is not higher than that, unless its width was asked for.
func (p *previewFlags) room() (columns, rows int) {
	columns, rows = 80, math.MaxInt/4
	fd, tty := terminal(p.g.streams.Out)
	if !tty {
		if p.width > 0 {
			columns = p.width
		}
		return columns, rows
	}
	wide := columnsOf(p.g.streams.Out)
	if p.width > 0 {
		return min(p.width, wide), rows
	}
	if _, high, err := term.GetSize(fd); err == nil && high > 0 {
		rows = max(high-3, 4) // what it is, and the prompt
	}
	return min(columns, wide), rows
}
