package cli_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestFirstPullIsRun holds the commands of docs/cli/first-pull.md to those of
// the script that runs them.
func TestFirstPullIsRun(t *testing.T) {
	t.Parallel()
	told := commandsOf(t, "../../docs/cli/first-pull.md", `(?m)^\$ (.+)$`)
	run := commandsOf(t, "testdata/script/first_pull.txtar", `(?m)^(?:exec|onscreen|exits \d+) ((?:mibi|ls) .+)$`)
	at := slices.Index(run, "mibi login") // before it the run is made
	if at < 0 || len(told) == 0 || len(told) > len(run)-at || !slices.Equal(told, run[at:at+len(told)]) {
		t.Errorf("the page has\n%s\n\nand the script runs\n%s", strings.Join(told, "\n"), strings.Join(run, "\n"))
	}
}

func commandsOf(t *testing.T, path, pattern string) (commands []string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(string(content), -1) {
		commands = append(commands, match[1])
	}
	return commands
}
