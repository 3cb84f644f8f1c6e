package e2e

import (
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/faulty"
)

// newLine puts a line before the server at a URL, until the test ends.
func newLine(t testing.TB, backend string, trip time.Duration, rate float64) *faulty.Line {
	t.Helper()
	l, err := faulty.NewLine(t.Context(), backend, trip, rate)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}
