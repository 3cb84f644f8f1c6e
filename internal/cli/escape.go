package cli

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// printable shows what a terminal would obey instead of show: control codes
// and marks that turn the direction of writing. Most texts come from a server.
func printable(s string) string { return escape(s, "") }

// printableLines lets line breaks through.
func printableLines(s string) string { return escape(s, "\n") }

func escape(s, but string) string {
	obeyed := func(r rune) bool {
		return !strings.ContainsRune(but, r) &&
			(unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029')
	}
	if utf8.ValidString(s) && !strings.ContainsFunc(s, obeyed) {
		return s
	}
	var b strings.Builder
	for _, r := range strings.ToValidUTF8(s, "\uFFFD") {
		if !obeyed(r) {
			b.WriteRune(r)
			continue
		}
		if r >= 0x7f {
			fmt.Fprintf(&b, `\u%04x`, r) // as JSON has it, too
			continue
		}
		quoted := strconv.QuoteRuneToASCII(r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}
