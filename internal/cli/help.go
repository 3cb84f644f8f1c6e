package cli

import (
	"strings"

	"github.com/spf13/cobra"
)

// helpWidth is what help fits in: terminals have 80 columns, some of which
// break a line that fills them.
const helpWidth = 79

// fitHelp breaks the lines of a command's help, and those of its own commands',
// where terminals would do it anywhere.
func fitHelp(cmd *cobra.Command) {
	paragraphs := strings.Split(cmd.Long, "\n\n")
	for i, text := range paragraphs {
		for line := range strings.Lines(text) {
			if columns(strings.TrimSuffix(line, "\n")) > helpWidth {
				paragraphs[i] = strings.Join(brokenAt(text, helpWidth), "\n")
				break
			}
		}
	}
	cmd.Long = strings.Join(paragraphs, "\n\n")
	for _, c := range cmd.Commands() {
		fitHelp(c)
	}
}

// brokenAt breaks a text between words into lines of at most so many columns; a
// longer word, such as a path, has a line of its own.
func brokenAt(text string, width int) []string {
	lines := []string{""}
	for _, word := range strings.Fields(text) {
		last := &lines[len(lines)-1]
		switch {
		case *last == "":
			*last = word
		case columns(*last)+1+columns(word) <= width:
			*last += " " + word
		default:
			lines = append(lines, word)
		}
	}
	return lines
}
