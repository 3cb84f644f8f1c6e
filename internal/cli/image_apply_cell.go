package cli

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// sameCell says whether two values of a field are the same to people:
// spreadsheets write the ends of lines within a text in their own way.
func sameCell(a, b cell) bool {
	switch a := a.(type) {
	case string:
		b, ok := b.(string)
		return ok && oneLineEnd(a) == oneLineEnd(b)
	case ref:
		b, ok := b.(ref)
		if ok && a.id != 0 && b.id != 0 {
			return a.id == b.id
		}
		return ok && a.name == b.name
	}
	return a == b
}

func oneLineEnd(text string) string {
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
}

// readCell reads a cell of a text, a number or an integer. An empty one is none.
func readCell(c imageColumn, text string) (cell, error) {
	if c.kind == textCell {
		return noneIfZero(text), nil
	}
	text = strings.TrimSpace(text)
	if text == "" {
		return nil, nil
	}
	v, err := strconv.ParseFloat(text, 64)
	switch {
	case strings.Contains(text, ","):
		return nil, fmt.Errorf("%q has a comma: a number has a decimal point and no other signs, such as 1234.5", text)
	case err != nil, math.IsInf(v, 0), math.IsNaN(v), strings.ContainsAny(text, "xX_pP"):
		return nil, fmt.Errorf("%q is not a number", text)
	case c.kind == numberCell:
		return v, nil
	case v != math.Trunc(v) || math.Abs(v) > 1<<53:
		return nil, fmt.Errorf("%q is not a whole number", text)
	}
	return int64(v), nil
}

// rounded says whether a number is what a spreadsheet shows of another one.
func rounded(from, to cell, text string) bool {
	old, ok := from.(float64)
	_, number := to.(float64)
	if !ok || !number {
		return false
	}
	text = strings.TrimSpace(text)
	_, decimals, _ := strings.Cut(text, ".")
	return strconv.FormatFloat(old, 'f', len(decimals), 64) == text
}

// sent is a value as the API takes it: related objects are ids, and codes where
// the id is not known.
func sent(v cell) any {
	r, ok := v.(ref)
	switch {
	case ok && r.id != 0:
		return r.id
	case ok:
		return r.name
	}
	return v
}
