package api

import (
	"testing"
	"time"
)

// A body may be slow, but what comes byte by byte has an end.
func TestSlowestBody(t *testing.T) {
	t.Parallel()
	begun := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	const idle = 30 * time.Second
	for _, test := range []struct {
		after time.Duration
		read  int64
		want  time.Duration // of the deadline, after the beginning
	}{
		{0, 0, idle},
		{4 * time.Minute, 8, 4*time.Minute + idle},
		{5*time.Minute - time.Second, 10, 5 * time.Minute}, // a byte every 30 s: it ends here
		{6 * time.Minute, 100 << 10, 6*time.Minute + idle}, // 284 bytes a second: until 6 min 40 s
		{390 * time.Second, 100 << 10, 400 * time.Second},  // and not longer
		{10 * time.Hour, 100 << 20, 10*time.Hour + idle},   // 2.9 KiB/s may go on
		{100 * time.Hour, 1 << 40, 100*time.Hour + idle},   // a fast one
	} {
		m := movingBody{idle: idle, begun: begun, read: test.read}
		if got := m.deadline(begun.Add(test.after)).Sub(begun); got != test.want {
			t.Errorf("after %v, with %d bytes: until %v, want %v", test.after, test.read, got, test.want)
		}
	}
}
