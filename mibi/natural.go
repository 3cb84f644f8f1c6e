package mibi

import (
	"cmp"
	"strings"
)

// CompareNatural orders texts as people do: runs of the digits 0 to 9 by their
// value, everything else by code point, so "CD8" comes before "CD11c". Texts
// that differ only in leading zeros are equal (0). It is the order of the
// targets that share a mass; [CompareTargets] is the one of pages.
func CompareNatural(a, b string) int {
	// Text and number take turns, text first: it may be empty.
	for {
		var x, y string
		x, a = cutRun(a, false)
		y, b = cutRun(b, false)
		if c := cmp.Compare(x, y); c != 0 {
			return c
		}
		if a == "" || b == "" {
			return cmp.Compare(len(a), len(b))
		}
		x, a = cutRun(a, true)
		y, b = cutRun(b, true)
		x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
		// Of two numbers without leading zeros the longer is the greater.
		if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
			return c
		}
	}
}

// cutRun cuts the digits, or what is none, off the front of a text.
func cutRun(s string, digits bool) (run, rest string) {
	for i := range len(s) {
		if ('0' <= s[i] && s[i] <= '9') != digits {
			return s[:i], s[i:]
		}
	}
	return s, ""
}
