package cli

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxSheet is how large a table may be, in bytes.
const maxSheet = 32 << 20

// imageSheet is a table of images as somebody gives it back.
type imageSheet struct {
	columns []imageColumn // those that are there, in the file's order
	rows    []sheetRow
}

// sheetRow is a row of an image.
type sheetRow struct {
	line  int // in the file, from 1
	id    int64
	cells []sheetCell // one for each column
}

// sheetCell is a cell's text. Where the line ends before it, it is missing:
// some spreadsheets leave out what is empty there.
type sheetCell struct {
	text    string
	missing bool
}

func (s *imageSheet) has(name string) bool {
	return slices.ContainsFunc(s.columns, func(c imageColumn) bool { return c.name == name })
}

// text is a row's cell of a column; empty where there is none.
func (s *imageSheet) text(row *sheetRow, name string) string {
	for i, c := range s.columns {
		if c.name == name {
			return row.cells[i].text
		}
	}
	return ""
}

// readSheet reads a table as mibi image table writes it, or a spreadsheet after
// it: UTF-8 or UTF-16, commas, semicolons or tabs, any ends of lines, empty
// lines and columns. It refuses what it would have to guess, all of it at once.
func readSheet(r io.Reader) (*imageSheet, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxSheet+1))
	if err != nil {
		return nil, err
	}
	if len(raw) > maxSheet {
		return nil, fmt.Errorf("it is larger than %d MiB: give it in parts", maxSheet>>20)
	}
	text, err := sheetText(raw)
	if err != nil {
		return nil, err
	}
	records := csv.NewReader(strings.NewReader(text))
	records.FieldsPerRecord = -1
	records.Comma = separatorOf(text)
	head, err := records.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("it is empty")
	}
	if err != nil {
		return nil, brokenCSV(err)
	}
	places, sheet, err := sheetHead(head)
	if err != nil {
		return nil, err
	}
	var wrong mistakes
	seen := map[int64]int{}
	for {
		record, err := records.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, brokenCSV(err)
		}
		if blank(record) {
			continue
		}
		line, _ := records.FieldPos(0)
		row := sheet.row(record, places, line, &wrong)
		if row.id == 0 {
			continue
		}
		if before, twice := seen[row.id]; twice {
			wrong.add("line %d: image %d stands in line %d already", line, row.id, before)
			continue
		}
		seen[row.id] = line
		sheet.rows = append(sheet.rows, row)
	}
	return sheet, wrong.err()
}

// sheetText is the text of a file, in UTF-8.
func sheetText(raw []byte) (string, error) {
	raw, marked := bytes.CutPrefix(raw, []byte(byteOrderMark))
	if !marked && len(raw) >= 2 {
		switch order := binary.ByteOrder(nil); {
		case raw[0] == 0xff && raw[1] == 0xfe:
			order = binary.LittleEndian
			raw = fromUTF16(raw[2:], order)
		case raw[0] == 0xfe && raw[1] == 0xff:
			order = binary.BigEndian
			raw = fromUTF16(raw[2:], order)
		}
	}
	for i, line := range bytes.Split(raw, []byte("\n")) {
		if !utf8.Valid(line) || bytes.IndexByte(line, 0) >= 0 {
			return "", fmt.Errorf("line %d is not UTF-8: save it as \"CSV UTF-8\"", i+1)
		}
	}
	text := string(raw)
	if !strings.Contains(text, "\n") {
		text = strings.ReplaceAll(text, "\r", "\n")
	}
	return text, nil
}

func fromUTF16(raw []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = order.Uint16(raw[2*i:])
	}
	return []byte(string(utf16.Decode(units)))
}

// separatorOf is what stands between the names of the first line.
func separatorOf(text string) rune {
	for _, separator := range ",;\t" {
		head := csv.NewReader(strings.NewReader(text))
		head.Comma = separator
		if names, err := head.Read(); err == nil && slices.ContainsFunc(names, func(n string) bool { return columnName(n) == "id" }) && len(names) > 1 {
			return separator
		}
	}
	return ','
}

func columnName(text string) string { return strings.ToLower(strings.TrimSpace(text)) }

// sheetHead reads the line of names. The places are where the columns stand.
func sheetHead(head []string) (places []int, _ *imageSheet, _ error) {
	var wrong mistakes
	sheet := &imageSheet{}
	all := imageColumns()
	var known []string
	for _, c := range all {
		known = append(known, c.name)
	}
	for place, text := range head {
		name := columnName(text)
		i := slices.Index(known, name)
		switch {
		case name == "":
			// Empty columns come with the way a spreadsheet was used.
		case i < 0:
			wrong.add("there is no column %q%s", strings.TrimSpace(text), proposal(name, known, asItIs))
		case sheet.has(name):
			wrong.add("the column %s stands there twice", name)
		default:
			sheet.columns, places = append(sheet.columns, all[i]), append(places, place)
		}
	}
	if err := wrong.err(); err != nil {
		return nil, nil, err
	}
	if !sheet.has("id") {
		return nil, nil, errors.New("its first line names no column id: take a table of mibi image table RUN")
	}
	return places, sheet, nil
}

// row reads a line that is not blank.
func (s *imageSheet) row(record []string, places []int, line int, wrong *mistakes) sheetRow {
	row := sheetRow{line: line, cells: make([]sheetCell, len(s.columns))}
	for i, c := range s.columns {
		if places[i] >= len(record) {
			row.cells[i].missing = true
			continue
		}
		text := record[places[i]]
		if c.kind == numberCell || c.kind == integerCell {
			row.cells[i].text = text
		} else {
			row.cells[i].text = unguarded(text)
		}
		if c.name != "id" {
			continue
		}
		id, ok := parseID(strings.TrimSpace(text))
		if !ok {
			wrong.add("line %d: the id %q is not a number above zero", line, text)
		}
		row.id = id
	}
	for place, text := range record {
		if strings.TrimSpace(text) != "" && !slices.Contains(places, place) {
			wrong.add("line %d: %q stands in a column without a name", line, text)
			break
		}
	}
	if slices.ContainsFunc(row.cells, func(c sheetCell) bool { return c.missing }) && row.id == 0 {
		wrong.add("line %d ends before its id", line)
	}
	return row
}

func blank(record []string) bool {
	return !slices.ContainsFunc(record, func(text string) bool { return strings.TrimSpace(text) != "" })
}

// brokenCSV says where a CSV breaks off.
func brokenCSV(err error) error {
	var at *csv.ParseError
	if !errors.As(err, &at) {
		return err
	}
	if errors.Is(at.Err, csv.ErrQuote) || errors.Is(at.Err, csv.ErrBareQuote) {
		return fmt.Errorf("line %d, byte %d: a quote (\") stands where none can; within a quoted cell it is written twice, and the quote of line %d may not have an end", at.Line, at.Column, at.StartLine)
	}
	return fmt.Errorf("line %d, byte %d: %w", at.Line, at.Column, at.Err)
}

// mistakes are what is wrong with a table: all of it is told at once.
type mistakes struct {
	texts []string
	more  int
}

const maxMistakes = 20 // that are told

func (m *mistakes) add(format string, args ...any) {
	if len(m.texts) >= maxMistakes {
		m.more++
		return
	}
	m.texts = append(m.texts, fmt.Sprintf(format, args...))
}

func (m *mistakes) err() error {
	if len(m.texts) == 0 {
		return nil
	}
	texts := m.texts
	if m.more > 0 {
		texts = append(slices.Clone(texts), fmt.Sprintf("and %d more", m.more))
	}
	return errors.New(strings.Join(texts, "\n  "))
}
