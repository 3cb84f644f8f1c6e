package cli

import (
	"context"
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
		heeded := false
		heedSecond(ctx, func() { heeded = true })
		time.Sleep(time.Hour)
		if heeded {
			t.Fatal("signals are not caught though none came")
		}
		interrupt()
		time.Sleep(echo - 1)
		if heeded {
			t.Error("an echo would end the process")
		}
		time.Sleep(2)
		synctest.Wait()
		if !heeded {
			t.Error("a second interrupt would be ignored")
		}
	})
}
