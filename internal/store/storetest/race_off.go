//go:build !race

package storetest

// UnderRace says whether the race detector watches: a database written in Go is
// ten times as slow then, and tests ask it less.
const UnderRace = false
