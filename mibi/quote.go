package mibi

import "strconv"

// Messages repeat what a file says, and a file may say anything: a megabyte, or
// what a terminal obeys.

// quoted is a value in quotes, cut where it is long.
func quoted(s string) string { return strconv.Quote(cut(s, 40)) }

// printable is a text of a message without quotes around it.
func printable(s string) string {
	s = strconv.Quote(cut(s, 160))
	return s[1 : len(s)-1]
}

func cut(s string, runes int) string {
	if r := []rune(s[:min(len(s), 4*runes)]); len(r) > runes || len(s) > 4*runes {
		return string(r[:min(len(r), runes)]) + "..."
	}
	return s
}
