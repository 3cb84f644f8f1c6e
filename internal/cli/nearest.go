package cli

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	maxNearest = 5   // names that are proposed
	maxSpelt   = 100 // runes of a name of which the spelling is compared
)

// nearest gives the names that somebody may have meant who wrote another one:
// the same but for the case of letters, then those of which one is a part of
// the other, then those that are spelt nearly so. The nearest comes first.
func nearest(meant string, names []string) []string {
	type near struct {
		name     string
		distance int
	}
	var found []near
	for _, name := range names {
		if d, ok := distance(strings.ToLower(meant), strings.ToLower(name)); ok {
			found = append(found, near{name, d})
		}
	}
	slices.SortStableFunc(found, func(a, b near) int { return cmp.Compare(a.distance, b.distance) })
	var out []string
	for _, f := range found {
		if len(out) < maxNearest && !slices.Contains(out, f.name) {
			out = append(out, f.name)
		}
	}
	return out
}

// distance says how far two names are apart, and whether they are near at all.
func distance(a, b string) (int, bool) {
	la, lb := utf8.RuneCountInString(a), utf8.RuneCountInString(b)
	switch {
	case la == 0 || lb == 0:
		return 0, false
	case a == b:
		return 0, true
	case min(la, lb) > 1 && (strings.Contains(a, b) || strings.Contains(b, a)):
		return 1, true
	case max(la, lb) > maxSpelt:
		return 0, false
	}
	edits := editDistance([]rune(a), []rune(b))
	return 1 + edits, edits <= max(1, max(la, lb)/3)
}

// editDistance is how many letters have to be added, removed, changed or
// swapped with their neighbour to make one text of the other.
func editDistance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		before, last, row = last, row, before
		row[0] = i + 1
		for j := range b {
			changed := last[j]
			if a[i] != b[j] {
				changed++
			}
			row[j+1] = min(changed, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
	}
	return row[len(b)]
}

// proposal is the end of an error about a name that does not exist: the names
// that may have been meant, or all there are if they are few, as show has them.
func proposal(meant string, names []string, show func(string) string) string {
	before, near := "nearest", nearest(meant, names)
	if len(near) == 0 && len(names) <= 2*maxNearest {
		before, near = "there are", slices.Clone(names)
	}
	if len(near) == 0 {
		return ""
	}
	for i, name := range near {
		near[i] = show(name)
	}
	return "; " + before + ": " + strings.Join(near, ", ")
}

// asItIs shows a name as it is.
func asItIs(name string) string { return name }
