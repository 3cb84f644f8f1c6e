package api_test

import "testing"

// sequential leaves a test that sends one request after the other to runs
// without the race detector: that finds nothing in it, and takes ten times as
// long. CI runs these plain.
func sequential(t *testing.T) {
	t.Helper()
	if raceless(false, true) {
		t.Skip("no two requests at once: run it without the race detector")
	}
}
