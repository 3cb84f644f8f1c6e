//go:build race

package inflate_test

// raceDetector says whether it watches: encoding takes ten times as long then.
const raceDetector = true
