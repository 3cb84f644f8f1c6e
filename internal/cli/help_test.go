package cli

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// Each command says in a line what it does, explains itself in lines that fit,
// and has an example to copy; groups show their commands.
func TestHelp(t *testing.T) {
	t.Parallel()
	var check func(cmd *cobra.Command)
	check = func(cmd *cobra.Command) {
		path := cmd.CommandPath()
		switch {
		case path == "mibi completion" || path == "mibi help":
			return // the library's
		case cmd.Short == "" || strings.HasSuffix(cmd.Short, ".") || utf8.RuneCountInString(cmd.Short) > helpWidth:
			t.Errorf("%s: short help %q", path, cmd.Short)
		case !cmd.Runnable():
			t.Errorf("%s does nothing", path)
		}
		for line := range strings.Lines(cmd.Long) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > helpWidth {
				t.Errorf("%s: a line of %d columns: %q", path, n, line)
			}
		}
		if !cmd.HasSubCommands() {
			if !strings.Contains(cmd.Example, "  "+path) && !strings.Contains(cmd.Example, path+" ") {
				t.Errorf("%s has no example of itself: %q", path, cmd.Example)
			}
			if cmd.Args == nil {
				t.Errorf("%s takes any arguments", path)
			}
		}
		if cmd.HasParent() && !cmd.Parent().HasParent() && cmd.GroupID == "" {
			t.Errorf("%s is in no group of mibi --help", path)
		}
		for _, sub := range cmd.Commands() {
			check(sub)
		}
	}
	check(newRoot(&globals{}))
}
