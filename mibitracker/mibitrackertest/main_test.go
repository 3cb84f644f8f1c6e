package mibitrackertest_test

import (
	"testing"

	"go.uber.org/goleak"
)

// Nothing runs on once the labs are closed.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
