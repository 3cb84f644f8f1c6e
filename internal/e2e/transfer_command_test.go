package e2e

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// command is the program mibi in a process of its own.
type command struct {
	cmd    *exec.Cmd
	name   string
	out    bytes.Buffer
	events chan string // the lines of its standard error, as long as somebody waits for one
	ended  chan error

	mu  sync.Mutex
	err strings.Builder
}

// home is the environment of somebody who has a password.
func home(t *testing.T, url string) []string {
	t.Helper()
	dir := t.TempDir()
	return []string{
		"HOME=" + dir, "XDG_CONFIG_HOME=" + dir, "AppData=" + dir, "TMPDIR=" + os.TempDir(), "PATH=" + os.Getenv("PATH"),
		"MIBI_NO_KEYRING=1", "MIBITRACKER_URL=" + url, "MIBITRACKER_EMAIL=" + alice, "MIBITRACKER_PASSWORD=" + password,
		commandEnv + "=1", "GORACE=atexit_sleep_ms=0",
	}
}

// homeWith is the environment of somebody who has a token or a key alone.
func homeWith(t *testing.T, url, token string) []string {
	t.Helper()
	return append(home(t, url), "MIBITRACKER_EMAIL=", "MIBITRACKER_PASSWORD=", "MIBITRACKER_TOKEN="+token)
}

// executable is this test binary, which is the program in such an environment.
func executable(t *testing.T) string {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return exe
}

// begin starts the program.
func begin(t *testing.T, env []string, args ...string) *command {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*soon)
	c := &command{cmd: exec.CommandContext(ctx, executable(t), args...), name: strings.Join(args, " "), events: make(chan string, 1<<16), ended: make(chan error, 1)}
	c.cmd.Env, c.cmd.Dir, c.cmd.Stdout = env, t.TempDir(), &c.out
	stderr, err := c.cmd.StderrPipe()
	if err == nil {
		err = c.cmd.Start()
	}
	if err != nil {
		cancel()
		t.Fatal(err)
	}
	go func() {
		defer cancel()
		lines := bufio.NewScanner(stderr)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			c.mu.Lock()
			c.err.WriteString(lines.Text() + "\n")
			c.mu.Unlock()
			c.events <- lines.Text()
		}
		close(c.events)
		c.ended <- c.cmd.Wait()
	}()
	return c
}

// until waits for a line of standard error that has all of the parts.
func (c *command) until(t *testing.T, parts ...string) {
	t.Helper()
	limit := time.After(soon)
lines:
	for {
		select {
		case line, ok := <-c.events:
			if !ok {
				t.Fatalf("%s ended without saying %q:\n%s", c.name, parts, c.said())
			}
			for _, part := range parts {
				if !strings.Contains(line, part) {
					continue lines
				}
			}
			return
		case <-limit:
			t.Fatalf("%s does not say %q:\n%s", c.name, parts, c.said())
		}
	}
}

func (c *command) said() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err.String()
}

// code waits for the program's end, and gives its exit code: one of those that
// a transfer may end with.
func (c *command) code(t *testing.T) int {
	t.Helper()
	err := <-c.ended
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	code := c.cmd.ProcessState.ExitCode()
	switch code {
	case 0, 1, 3, 4:
	default:
		t.Errorf("mibi %s: exit code %d:\n%s", c.name, code, c.said())
	}
	return code
}

// last are the program's last words: empty where nothing went wrong.
func (c *command) last() string {
	_, last, _ := strings.Cut("\n"+c.said(), "\nmibi: ")
	return last
}

// exits waits for the program's end, and fails the test if its code is another,
// or its last words lack one of the parts.
func (c *command) exits(t *testing.T, code int, parts ...string) {
	t.Helper()
	if got := c.code(t); got != code {
		t.Errorf("mibi %s: exit code %d, want %d:\n%s", c.name, got, code, c.said())
	}
	for _, part := range parts {
		if !strings.Contains(c.last(), part) {
			t.Errorf("mibi %s: the last words lack %q:\n%s", c.name, part, c.said())
		}
	}
}

// runCommand runs the program to its end.
func runCommand(t *testing.T, env []string, code int, args ...string) *command {
	t.Helper()
	c := begin(t, env, args...)
	c.exits(t, code)
	return c
}

// pullArgs are those of a pull of a run into a folder.
func pullArgs(label, dir string, more ...string) []string {
	return append([]string{"pull", label, "--out", dir, "--json"}, more...)
}

// pushArgs are those of a push of the lab's files to a run.
func (l *transferLab) pushArgs(label string, more ...string) []string {
	return append([]string{"push", l.dir, "--run", label, "--json"}, more...)
}

// under is where a pull into a folder puts a run.
func under(dir, label string) string { return filepath.Join(dir, label) }
