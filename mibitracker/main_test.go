package mibitracker_test

import (
	"testing"

	"go.uber.org/goleak"
)

// No test leaves a goroutine: what the client starts ends with what it was
// started for.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
