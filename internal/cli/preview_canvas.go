package cli

import (
	"context"
	"os"
	"slices"
	"strings"
)

// canvas is what standard output can show a picture with.
type canvas int

const (
	characterCanvas  canvas = iota // no terminal, or one without grays
	paletteCanvas                  // half blocks of 256 colours
	trueColourCanvas               // half blocks of 24 bits
	pixelCanvas                    // pixels, by the protocol of kitty
)

// canvas finds it out. Only a terminal that most likely shows pixels is asked
// whether it does: others might show the question.
func (g *globals) canvas(ctx context.Context) canvas {
	fd, tty := terminal(g.streams.Out)
	if !tty {
		return characterCanvas
	}
	on, ask := canvasFor(os.Getenv)
	if on == characterCanvas && os.Getenv("NO_COLOR") == "" && colourConsole(fd) {
		on = trueColourCanvas
	}
	if ask && showsPixels(ctx, fd) {
		on = pixelCanvas
	}
	return on
}

// canvasFor is what the environment says of the terminal, and whether it is
// worth asking for pixels.
func canvasFor(getenv func(string) string) (on canvas, ask bool) {
	name := getenv("TERM")
	if name == "dumb" || getenv("NO_COLOR") != "" {
		return characterCanvas, false
	}
	is := func(names ...string) bool { return slices.Contains(names, name) }
	// What runs in these has the environment of the terminal in which they were
	// begun, not of where they show it now.
	within := strings.HasPrefix(name, "screen") || strings.HasPrefix(name, "tmux") || getenv("TMUX") != "" || getenv("STY") != ""
	full := slices.Contains([]string{"truecolor", "24bit"}, getenv("COLORTERM")) || getenv("WT_SESSION") != "" ||
		is("xterm-kitty", "xterm-ghostty", "wezterm", "alacritty", "foot") || strings.HasSuffix(name, "-direct")
	switch {
	case full && !within:
		on = trueColourCanvas
	case full && within, strings.Contains(name, "256color"):
		on = paletteCanvas
	}
	ask = !within && (is("xterm-kitty", "xterm-ghostty", "wezterm") || getenv("KITTY_WINDOW_ID") != "" ||
		slices.Contains([]string{"ghostty", "WezTerm"}, getenv("TERM_PROGRAM")) || getenv("KONSOLE_VERSION") != "")
	return on, ask
}
