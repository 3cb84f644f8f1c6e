//go:build race

package cli_test

// raceDetector says whether it watches.
const raceDetector = true
