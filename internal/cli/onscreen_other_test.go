//go:build !linux

package cli_test

import "github.com/rogpeppe/go-internal/testscript"

// onscreen needs a terminal of Linux; scripts with it stop before it elsewhere.
func onscreen(ts *testscript.TestScript, _ bool, _ []string) {
	ts.Fatalf("onscreen is for Linux")
}
