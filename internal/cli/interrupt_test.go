package cli

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// An interrupt that comes twice at once is one; after that a second one ends the
// process.
func TestSecondInterrupt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		var heeded atomic.Bool
		heedSecond(ctx, func() { heeded.Store(true) })
		time.Sleep(time.Hour)
		if heeded.Load() {
			t.Fatal("signals are not caught though none came")
		}
		interrupt()
		time.Sleep(echo - 1)
		if heeded.Load() {
			t.Error("an echo would end the process")
		}
		time.Sleep(2 * time.Nanosecond)
		synctest.Wait()
		if !heeded.Load() {
			t.Error("a second interrupt would be ignored")
		}
	})
}
