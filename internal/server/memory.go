package server

import (
	"os"
	"runtime/debug"
)

// KeepMemoryLow makes this process collect garbage more often than programs
// usually do: the lists that a server holds in memory live long and cost the
// collector next to nothing, and should not make it let twice as much pile up.
// The environment's GOGC and GOMEMLIMIT have the last word. It is for programs
// that do nothing but serve.
func KeepMemoryLow() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(40)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softLimit)
	}
}

// softLimit is from how many bytes on the collector works harder. It holds a
// million images, with room to work. Large files in work may need more, and
// get it.
const softLimit = 208 << 20
