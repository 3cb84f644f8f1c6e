package cli

import (
	"encoding/csv"
	"io"
	"strings"
	"unicode/utf8"
)

// byteOrderMark tells spreadsheets that what follows is UTF-8.
const byteOrderMark = "\uFEFF"

// formulaStarts are the letters with which a text becomes a formula where a
// spreadsheet opens the file: who writes a description on the server must not
// run anything on the computer of who reads the table.
const formulaStarts = "=+-@\t\r\n＝＋－＠"

// guarded writes a text so that no spreadsheet takes it for a formula: with an
// apostrophe before it. A text that looks guarded already gets another one:
// [unguarded] gives every text back as it was.
func guarded(text string) string {
	if startsFormula(text) {
		return "'" + text
	}
	return text
}

// unguarded takes back what guarded did.
func unguarded(text string) string {
	if strings.HasPrefix(text, "'") && startsFormula(text) {
		return text[1:]
	}
	return text
}

// startsFormula looks behind apostrophes.
func startsFormula(text string) bool {
	first, size := utf8.DecodeRuneInString(strings.TrimLeft(text, "'"))
	return size > 0 && strings.ContainsRune(formulaStarts, first)
}

// writeImageCSV writes the table: a line of names, and one for each image.
func writeImageCSV(w io.Writer, columns []imageColumn, rows [][]cell) error {
	out := csv.NewWriter(w)
	line := make([]string, len(columns))
	for i, c := range columns {
		line[i] = c.name
	}
	if err := out.Write(line); err != nil {
		return err
	}
	for _, row := range rows {
		for i, v := range row {
			line[i] = csvCell(v)
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// csvCell is a value in the file. Numbers begin with a sign, and are none the
// worse for it.
func csvCell(v cell) string {
	switch v.(type) {
	case string, ref:
		return guarded(plainCell(v))
	}
	return plainCell(v)
}
