package mibi

import (
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// targetNumber reports whether a target is a number, by the rules of Python's
// float: the page order must be the one that other writers of the format use.
func targetNumber(target string) (float64, bool) {
	target = strings.Trim(asciiNumber(target), " \t\n\v\f\r")
	if strings.ContainsAny(target, "xX") {
		return 0, false // hexadecimal is a number to strconv alone
	}
	if strings.Contains(target, "_") {
		joined, ok := dropDigitSeparators(target)
		if !ok {
			return 0, false
		}
		target = joined
	}
	if unsigned := strings.TrimLeft(target, "+-"); len(target)-len(unsigned) == 1 && strings.EqualFold(unsigned, "nan") {
		return math.NaN(), true
	}
	value, err := strconv.ParseFloat(target, 64)
	if err != nil && !math.IsInf(value, 0) {
		return 0, false
	}
	return value, true
}

// asciiNumber writes digits and spaces of any script as those of ASCII, which
// all texts of nothing else are left as.
func asciiNumber(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return text
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r < utf8.RuneSelf:
			return r
		case unicode.IsSpace(r):
			return ' '
		}
		if digit, ok := decimalDigit(r); ok {
			return '0' + digit
		}
		return r
	}, text)
}

// decimalDigit returns the value of a digit of any script. Unicode keeps the
// ten of a script side by side, from zero.
func decimalDigit(r rune) (rune, bool) {
	for _, rows := range unicode.Nd.R16 {
		if rune(rows.Lo) <= r && r <= rune(rows.Hi) {
			return (r - rune(rows.Lo)) % 10, true
		}
	}
	for _, rows := range unicode.Nd.R32 {
		if rune(rows.Lo) <= r && r <= rune(rows.Hi) {
			return (r - rune(rows.Lo)) % 10, true
		}
	}
	return 0, false
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
