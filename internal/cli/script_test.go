package cli_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/openmibi/openmibi/internal/cli"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"mibi": func() { os.Exit(cli.Main(os.Args[1:], cli.System())) },
	})
}

// TestScripts runs the command line as a shell does: see testdata/script.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Files: scripts(t),
		Setup: func(env *testscript.Env) error {
			isolate(env)
			withStalls(env)
			// Each command would wait a second at its end for the race detector.
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			env.Setenv("MIBI_TESTDATA", os.Getenv("MIBI_TESTDATA"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"damage": damage, "ending": ending, "exits": exits, "filled": filled, "fovs": fovs, "keep": keep, "lab": lab, "older": older, "onscreen": onscreen, "served": served, "silent": silent, "soon": soon, "stalled": stalled, "tls": tls, "until": until},
		Condition: func(name string) (bool, error) {
			return name == "testdata" && os.Getenv("MIBI_TESTDATA") != "", nil
		},
	})
}

// scripts are the files in testdata/script: under the race detector, where time
// is short, those of commands that do several things at once. It finds nothing in
// the others, and takes five times as long.
func scripts(t *testing.T) []string {
	t.Helper()
	patterns := []string{"*"}
	if raceDetector && testing.Short() {
		patterns = []string{"bwlimit", "complete_silent", "download", "image_table", "preview", "pull*", "push*", "tiff_extract", "tiff_join", "watch"}
	}
	var files []string
	for _, p := range patterns {
		found, err := filepath.Glob("testdata/script/" + p + ".txtar")
		if err != nil || len(found) == 0 {
			t.Fatalf("no script %s: %v", p, err)
		}
		files = append(files, found...)
	}
	return files
}

// exits runs a command that must end with an exit code: exits CODE COMMAND...
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE COMMAND [ARG...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	var exit *exec.ExitError
	switch {
	case err == nil && want == 0:
	case !errors.As(err, &exit):
		ts.Fatalf("exited with %v, want code %d", err, want)
	case exit.ExitCode() != want:
		ts.Fatalf("exited with %d, want %d", exit.ExitCode(), want)
	}
}
