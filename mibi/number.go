package mibi

import (
	"math"
	"strconv"
	"strings"
)

// decimal reads a finite number in decimal notation, with or without space
// around it. strconv would also take what Go's own source text may hold,
// hexadecimal forms and underscores: nobody means a number by these in a file
// of the field.
func decimal(text string) (float64, bool) {
	text = strings.TrimSpace(text)
	if strings.ContainsAny(text, "xX_") {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, false
	}
	return f, true
}
