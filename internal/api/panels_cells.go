package api

import (
	"strconv"
	"strings"
	"unicode"
)

// Spreadsheets are where a panel's CSV ends up. They take a cell that begins
// with =, + , - or @ for a formula and run it: it could send away what stands
// beside it, or be written over by what it yields. So conjugates and names of
// panels do not begin so, and a panel's table is the same to the letter in the
// database, in the CSV and in the spreadsheet. What does not come from there
// (descriptions, the project's name, what was stored before this rule) gets an
// apostrophe in front, which spreadsheets read as "this is text" and which is
// taken away again where the CSV is posted.

// formula tells whether a spreadsheet would run the text of a cell. Numbers
// and dashes that stand for nothing are harmless.
func formula(text string) bool {
	first := []rune(text + "\x00")[0]
	switch first {
	case '=', '@', '＝', '＠', '\t', '\r':
		return true
	case '+', '-', '＋', '－':
	default:
		return false
	}
	if strings.Trim(text, "+-＋－ ") == "" {
		return false
	}
	_, err := strconv.ParseFloat(text, 64)
	return err != nil || strings.ContainsAny(text, "xXpP_")
}

// unfitCell says why a text cannot be a cell: nothing where it can.
func unfitCell(text string) string {
	switch {
	case strings.ContainsFunc(text, unicode.IsControl):
		return "A text of one line is required, without control characters."
	case formula(strings.TrimLeft(strings.TrimSpace(text), "'")):
		return "It begins like a formula, which a spreadsheet would run."
	}
	return ""
}

// cell makes a text fit to stand in a CSV for spreadsheets: on one line, since
// readers of such files count lines, and never a formula.
func cell(text string) string {
	text = strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, text))
	if formula(strings.TrimLeft(text, "'")) {
		return "'" + text
	}
	return text
}

// uncell takes away what cell has put in front.
func uncell(text string) string {
	if strings.HasPrefix(text, "'") && formula(strings.TrimLeft(text, "'")) {
		return text[1:]
	}
	return text
}

// idLot writes the column "ID (Lot)".
func idLot(id, lot *string) string {
	switch {
	case lot != nil && *lot != "":
		return strings.TrimSpace(textOf(id) + " (" + *lot + ")")
	case strings.HasSuffix(textOf(id), ")"):
		return textOf(id) + " ()" // the id's brackets are no lot's
	}
	return textOf(id)
}

// parseIDLot reads what idLot writes: the lot is in the brackets that end it.
func parseIDLot(text string) (id, lot *string) {
	if !strings.HasSuffix(text, ")") {
		return filledText(text), nil
	}
	depth := 0
	for i := len(text) - 1; i >= 0; i-- {
		switch text[i] {
		case ')':
			depth++
		case '(':
			depth--
		}
		if depth == 0 {
			return filledText(text[:i]), filledText(text[i+1 : len(text)-1])
		}
	}
	return filledText(text), nil
}

// unbalanced is what is wrong with a lot whose brackets do not match: it could
// not be told from the id beside it.
const unbalanced = "Its brackets do not match."

// balanced tells whether a text's brackets match.
func balanced(text string) bool {
	depth := 0
	for _, r := range text {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth < 0 {
			return false
		}
	}
	return depth == 0
}

func textOf(v *string) string {
	if v == nil {
		return ""
	}
	return *v
}

// filledText is nil for nothing but space.
func filledText(text string) *string {
	if text = strings.TrimSpace(text); text == "" {
		return nil
	}
	return &text
}
