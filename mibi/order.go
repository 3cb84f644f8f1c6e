package mibi

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// CompareTargets orders two targets as the pages of a MIBItiff are ordered:
// text before numbers, text in lower case by code point ("CD20" before "CD4"),
// numbers by value. Two texts that differ only in case are equal (0), so a
// stable sort keeps the order in which they came.
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
	return cmp.Compare(strings.ToLower(a), strings.ToLower(b))
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

// targetNumber reports whether a target is a number in decimal notation. The
// hexadecimal forms that strconv also takes are text here: the order must be
// the one that other readers and writers of the format use.
func targetNumber(target string) (float64, bool) {
	target = strings.TrimSpace(target)
	if strings.ContainsAny(target, "xX") {
		return 0, false
	}
	if strings.Contains(target, "_") {
		joined, ok := dropDigitSeparators(target)
		if !ok {
			return 0, false
		}
		target = joined
	}
	value, err := strconv.ParseFloat(target, 64)
	if err != nil && !math.IsInf(value, 0) {
		return 0, false
	}
	return value, true
}

// dropDigitSeparators removes underscores that stand between two digits.
func dropDigitSeparators(text string) (string, bool) {
	isDigit := func(i int) bool {
		return i >= 0 && i < len(text) && '0' <= text[i] && text[i] <= '9'
	}
	for i := range len(text) {
		if text[i] == '_' && (!isDigit(i-1) || !isDigit(i+1)) {
			return "", false
		}
	}
	return strings.ReplaceAll(text, "_", ""), true
}
