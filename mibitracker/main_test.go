package mibitracker_test

import (
	"log/slog"
	"testing"

	"go.uber.org/goleak"
)

// No test leaves a goroutine: what the client starts ends with what it was
// started for.
func TestMain(m *testing.M) {
	// Tests break connections on purpose, and net/http remarks on each.
	slog.SetDefault(slog.New(slog.DiscardHandler))
	goleak.VerifyTestMain(m)
}
