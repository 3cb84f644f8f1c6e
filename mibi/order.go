package mibi

import (
	"cmp"
	"math"
	"slices"
)

// CompareTargets orders two targets as the pages of a MIBItiff are ordered:
// text before numbers, text in lower case by code point ("CD20" before "CD4"),
// numbers by value. Two texts that differ only in case are equal (0), so a
// stable sort keeps the order in which they came.
//
// What counts as a number is what the field's Python tools take for one:
// decimal notation, digits of any script, space around them, underscores
// between digits, and inf, infinity and nan with or without a sign. They give
// nan no place of its own; here it comes after every number.
func CompareTargets(a, b string) int {
	x, xIsNumber := targetNumber(a)
	y, yIsNumber := targetNumber(b)
	switch {
	case xIsNumber && yIsNumber:
		return compareNumbers(x, y)
	case xIsNumber:
		return 1
	case yIsNumber:
		return -1
	}
	return cmp.Compare(lowerCase(a), lowerCase(b))
}

// CompareChannels orders two channels by their labels, see [CompareTargets].
func CompareChannels(a, b Channel) int { return CompareTargets(a.Label(), b.Label()) }

// SortChannels sorts channels in place into the page order of a MIBItiff.
// Channels that compare equal keep their order.
func SortChannels(channels []Channel) { slices.SortStableFunc(channels, CompareChannels) }

// compareNumbers puts NaN after every number, so that the order is total.
func compareNumbers(x, y float64) int {
	switch {
	case math.IsNaN(x) && math.IsNaN(y):
		return 0
	case math.IsNaN(x):
		return 1
	case math.IsNaN(y):
		return -1
	}
	return cmp.Compare(x, y)
}
