package cli

import (
	"math"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/preview"
	"github.com/openmibi/openmibi/mibitiff"
)

func TestCanvasFor(t *testing.T) {
	t.Parallel()
	for env, want := range map[string]struct {
		on  canvas
		ask bool
	}{
		"":                              {characterCanvas, false},
		"TERM=dumb COLORTERM=truecolor": {characterCanvas, false},
		"TERM=linux":                    {characterCanvas, false},
		"TERM=xterm":                    {characterCanvas, false},
		"TERM=xterm-256color":           {paletteCanvas, false},
		"TERM=xterm-256color COLORTERM=truecolor":      {trueColourCanvas, false},
		"TERM=xterm-256color COLORTERM=24bit":          {trueColourCanvas, false},
		"TERM=xterm-256color COLORTERM=yes":            {paletteCanvas, false},
		"WT_SESSION=1":                                 {trueColourCanvas, false},
		"TERM=xterm-direct":                            {trueColourCanvas, false},
		"TERM=xterm-kitty NO_COLOR=1":                  {characterCanvas, false},
		"TERM=xterm-kitty":                             {trueColourCanvas, true},
		"TERM=xterm-ghostty":                           {trueColourCanvas, true},
		"TERM=xterm-256color TERM_PROGRAM=WezTerm":     {paletteCanvas, true},
		"TERM=xterm-256color KONSOLE_VERSION=230802":   {paletteCanvas, true},
		"TERM=xterm KITTY_WINDOW_ID=1":                 {characterCanvas, true},
		"TERM=screen-256color TMUX=x":                  {paletteCanvas, false},
		"TERM=tmux-256color COLORTERM=truecolor":       {paletteCanvas, false},
		"TERM=screen STY=1":                            {characterCanvas, false},
		"TERM=xterm-kitty TMUX=x KITTY_WINDOW_ID=1":    {paletteCanvas, false},
		"TERM=screen KITTY_WINDOW_ID=1 TERM_PROGRAM=x": {characterCanvas, false},
	} {
		set := map[string]string{}
		for part := range strings.FieldsSeq(env) {
			name, value, _ := strings.Cut(part, "=")
			set[name] = value
		}
		if on, ask := canvasFor(func(name string) string { return set[name] }); on != want.on || ask != want.ask {
			t.Errorf("%s: canvas %d, ask %t; want %d, %t", env, on, ask, want.on, want.ask)
		}
	}
}

func TestPreviewNote(t *testing.T) {
	t.Parallel()
	plane, err := mibitiff.NewPlane(2, 1, []float32{0.5, 12345.678})
	if err != nil {
		t.Fatal(err)
	}
	for want, picture := range map[string]preview.Picture{
		"CD45: 2 × 1 pixels of float32; white is 1.23e-05, or more.":                {Width: 2, Height: 1, White: 1.234e-5},
		"CD45: 2 × 1 pixels of float32; white is a mean of 12346 a pixel, or more.": {Width: 1, Height: 1, White: 12345.678},
		"CD45: 2 × 1 pixels of float32, all zero or below.":                         {Width: 2, Height: 1},
		"CD45: 2 × 1 pixels of float32; white is 1" + strings.Repeat("0", 300) + ", or more.": {
			Width: 2, Height: 1, White: math.Pow10(300)},
	} {
		if got := previewNote(plane, picture, "CD45"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
