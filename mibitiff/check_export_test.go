package mibitiff

import "strings"

// CheckCodes are the codes of all findings there can be.
func CheckCodes() []string {
	var codes []string
	for _, r := range checkRules {
		codes = append(codes, r.code)
	}
	return codes
}

// CheckRows are the rows of all codes as the manual has them.
func CheckRows() []string {
	var rows []string
	for _, r := range checkRules {
		cells := []string{"`" + r.code + "`", r.severity.String(), r.message, r.effect}
		rows = append(rows, "| "+strings.Join(cells, " | ")+" |")
	}
	return rows
}
