//go:build !windows

package cli

// colourConsole says no: what a terminal can its environment says.
func colourConsole(int) bool { return false }
