package cli

import (
	"math"
	"runtime/debug"
)

// transferMemory is how much memory a transfer is to take at most, in bytes, but
// for the program itself.
const transferMemory = 32 << 20

// boundMemory lets garbage be collected more often than usual where a transfer
// would take more than that: a plan of a great many FOVs is made of far more text
// than stays of it. A limit that the user has set holds.
func boundMemory() {
	if debug.SetMemoryLimit(-1) == math.MaxInt64 {
		debug.SetMemoryLimit(transferMemory)
	}
}
