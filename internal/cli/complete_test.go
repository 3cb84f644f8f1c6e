package cli_test

import (
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// soonLimit is less than any timeout of the client's own, and much more than a
// completion may take: machines that run tests are slow.
const soonLimit = 8 * time.Second

// soon runs a command that must succeed before any wait for a server's answer
// would end: soon COMMAND [ARG...].
func soon(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: soon COMMAND [ARG...]")
	}
	began := time.Now()
	ts.Check(ts.Exec(args[0], args[1:]...))
	if took := time.Since(began); took > soonLimit {
		ts.Fatalf("%v took %v", args, took)
	}
}
