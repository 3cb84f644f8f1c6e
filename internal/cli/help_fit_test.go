package cli

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestHelpFits finds help that terminals would break; examples are commands,
// which are copied whole.
func TestHelpFits(t *testing.T) {
	t.Parallel()
	var look func(*cobra.Command)
	look = func(cmd *cobra.Command) {
		text := cmd.Long + "\n" + cmd.UsageString()
		for line := range strings.Lines(strings.ReplaceAll(text, cmd.Example, "")) {
			if line = strings.TrimSuffix(line, "\n"); columns(line) > helpWidth+1 {
				t.Errorf("%s: %d columns: %s", cmd.CommandPath(), columns(line), line)
			}
		}
		for _, c := range cmd.Commands() {
			if c.Name() != "completion" { // whose shells' commands are the library's
				look(c)
			}
		}
	}
	look(newRoot(&globals{}))
}

func TestBrokenAt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text  string
		width int
		want  string
	}{
		{"", 5, ""},
		{"one", 2, "one"},
		{"one two", 7, "one two"},
		{"one two", 6, "one|two"},
		{"a /long/path b", 6, "a|/long/path|b"},
		{"µµµ µµ µ", 6, "µµµ µµ|µ"},
		{" one\ntwo  three ", 7, "one two|three"},
	} {
		if got := strings.Join(brokenAt(test.text, test.width), "|"); got != test.want {
			t.Errorf("%q at %d: %q, want %q", test.text, test.width, got, test.want)
		}
	}
}
