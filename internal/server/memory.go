package server

import (
	"os"
	"runtime/debug"
)

// KeepMemoryLow makes this process collect garbage more often than programs
// usually do: the lists that a server holds in memory live long and cost the
// collector next to nothing, and should not make it let twice as much pile up.
// The environment's GOGC has the last word. It is for programs that do nothing
// but serve.
func KeepMemoryLow() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(40)
	}
}
