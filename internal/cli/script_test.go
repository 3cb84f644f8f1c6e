package cli_test

import (
	"errors"
	"os"
	"os/exec"
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
		Dir: "testdata/script",
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
