//go:build !race

package e2e

// raceDetector says whether it watches, and slowdown about how many times as
// long things take then.
const (
	raceDetector = false
	slowdown     = 1
)
