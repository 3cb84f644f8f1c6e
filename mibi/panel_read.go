package mibi

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Limits of ReadPanel. A real panel has tens of rows in a few kilobytes.
const (
	// MaxPanelBytes is the size in bytes above which a panel is refused.
	MaxPanelBytes = 1 << 20
	// MaxPanelRows is the number of lines with values above which a panel is
	// refused.
	MaxPanelRows = 10_000
	// MaxPanelColumns is the number of fields above which a line is refused.
	MaxPanelColumns = 256
	// MaxPanelField is the length in bytes above which a field is refused.
	MaxPanelField = 16 << 10
	// MaxPanelMass is the mass in Da above which a row is refused.
	MaxPanelMass = 1000
)

// ReadPanel reads a panel CSV ("Panel CSV" in the format notes), in any of its
// dialects: a table with the columns Mass and Target in any order and whatever
// others; one with Isotope and Label instead; and MIBItracker's export, with its
// name,value lines and a table for each batch. Column names match in any letter
// case. It takes UTF-8 with or without a byte order mark, any line ends, and
// quoted fields.
//
// A row without a mass or a target is left out and named in Dropped; missing is
// an empty field, and what data tools write for one: NA, N/A, NaN, NULL and their
// kin. A mass is a whole number from 1 to MaxPanelMass Da; 92.0 is 92. Space
// around a value is not part of it.
//
// It refuses text that is not UTF-8 or has a NUL, broken quotes, a file without a table, a
// column that stands twice, values beyond the last column, masses that are none,
// and what exceeds the limits above. Every refusal is a *PanelError and ErrPanel
// by errors.Is; an error of r is returned wrapped.
func ReadPanel(r io.Reader) (*Panel, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxPanelBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading the panel CSV: %w", err)
	}
	if len(text) > MaxPanelBytes {
		return nil, &PanelError{Reason: fmt.Sprintf("larger than %d bytes", MaxPanelBytes)}
	}
	if text, err = panelText(text); err != nil {
		return nil, err
	}
	p := &panelParser{csv: csv.NewReader(bytes.NewReader(text))}
	p.csv.FieldsPerRecord = -1
	if err := p.parse(); err != nil {
		return nil, err
	}
	return &p.panel, nil
}

// panelText returns the text without its byte order mark, its lines ended as
// encoding/csv knows them.
func panelText(text []byte) ([]byte, error) {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	for rest, at := text, 0; len(rest) > 0; {
		r, size := utf8.DecodeRune(rest)
		reason := ""
		switch {
		case r == utf8.RuneError && size == 1:
			reason = "not UTF-8: save the file as CSV in UTF-8"
		case r == 0:
			reason = "a NUL byte, as in UTF-16: save the file as CSV in UTF-8"
		}
		if reason != "" {
			start := bytes.LastIndexByte(text[:at], '\n') + 1
			return nil, &PanelError{Line: 1 + bytes.Count(text[:at], []byte("\n")), Column: at - start + 1, Reason: reason}
		}
		rest, at = rest[size:], at+size
	}
	if bytes.IndexByte(text, '\n') < 0 {
		text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
	}
	// Before encoding/csv makes a field of each comma: those of one long value
	// in quotes may stay.
	number := 0
	for line := range bytes.Lines(text) {
		if number++; bytes.Count(line, []byte(",")) > MaxPanelColumns+MaxPanelField {
			return nil, &PanelError{Line: number, Reason: fmt.Sprintf("more than %d fields", MaxPanelColumns)}
		}
	}
	return text, nil
}

type panelParser struct {
	csv   *csv.Reader
	panel Panel
	lines int
	line  int // of the record

	// The open table: its batch is the panel's last.
	inTable      bool
	mass, target int // its columns
	// What stands above the next table.
	info    []PanelInfo
	inBatch bool // the lines are a batch's own
}

func (p *panelParser) parse() error {
	for {
		record, err := p.csv.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return p.csvError(err)
		}
		p.line, _ = p.csv.FieldPos(0)
		for i, field := range record {
			if len(field) > MaxPanelField {
				return p.refuse(i, "", fmt.Sprintf("longer than %d bytes", MaxPanelField))
			}
			record[i] = strings.TrimSpace(field)
		}
		if !slices.ContainsFunc(record, func(s string) bool { return s != "" }) {
			continue
		}
		if p.lines++; p.lines > MaxPanelRows {
			return p.refuse(-1, "", fmt.Sprintf("more than %d lines", MaxPanelRows))
		}
		if len(record) > MaxPanelColumns {
			return p.refuse(-1, "", fmt.Sprintf("more than %d fields", MaxPanelColumns))
		}
		if err := p.record(record); err != nil {
			return err
		}
	}
	if len(p.panel.Batches) == 0 {
		return &PanelError{Reason: "no line names the columns Mass and Target, or Isotope and Label: a panel has such a line, separated by commas"}
	}
	if len(p.info) > 0 {
		p.panel.Batches = append(p.panel.Batches, PanelBatch{Info: p.info})
	}
	return nil
}

func (p *panelParser) record(record []string) error {
	mass, target, err := p.header(record)
	switch {
	case err != nil:
		return err
	case mass >= 0:
		p.open(record, mass, target)
		return nil
	case p.inTable && !p.startsBatch(record):
		return p.row(record)
	}
	p.inTable = false
	p.infoLine(record)
	return nil
}

// header finds the two columns that make a line a table's header; -1 without.
func (p *panelParser) header(record []string) (mass, target int, err error) {
	for _, pair := range [][2]string{{"Mass", "Target"}, {"Isotope", "Label"}} {
		at := [2]int{-1, -1}
		for i, field := range record {
			for k, name := range pair {
				if !strings.EqualFold(field, name) {
					continue
				}
				if at[k] < 0 {
					at[k] = i
				} else if slices.ContainsFunc(record, func(s string) bool { return strings.EqualFold(s, pair[1-k]) }) {
					return -1, -1, p.refuse(i, name, "the column stands twice in the header")
				}
			}
		}
		if at[0] >= 0 && at[1] >= 0 {
			return at[0], at[1], nil
		}
	}
	return -1, -1, nil
}

func (p *panelParser) open(record []string, mass, target int) {
	batch := PanelBatch{Columns: trimEmpty(record)}
	if p.inBatch {
		batch.Info = p.info
	} else {
		p.panel.Info = append(p.panel.Info, p.info...)
	}
	p.info, p.inBatch = nil, false
	p.inTable, p.mass, p.target = true, mass, target
	p.panel.Batches = append(p.panel.Batches, batch)
}

// startsBatch tells the line "Batch,1", perhaps padded with commas, from a row.
// Only MIBItracker's export has it, and that one begins with other lines.
func (p *panelParser) startsBatch(record []string) bool {
	first := p.panel.Batches[0]
	exported := len(p.panel.Info) > 0 || len(first.Info) > 0
	record = trimEmpty(record)
	return exported && record[0] == "Batch" && len(record) <= 2
}

// infoLine takes a name,value line. Some exports have an empty field before the
// name; a value with commas that nobody quoted comes in several fields.
func (p *panelParser) infoLine(record []string) {
	record = trimEmpty(record)
	name := slices.IndexFunc(record, func(s string) bool { return s != "" })
	if record[name] == "Batch" && !p.inBatch {
		p.panel.Info = append(p.panel.Info, p.info...)
		p.info, p.inBatch = nil, true
	}
	p.info = append(p.info, PanelInfo{Line: p.line, Name: record[name], Value: strings.Join(record[name+1:], ",")})
}

func (p *panelParser) row(record []string) error {
	batch := &p.panel.Batches[len(p.panel.Batches)-1]
	width := len(batch.Columns)
	if used := len(trimEmpty(record)); used > width {
		return p.refuse(width, "", fmt.Sprintf("a value beyond the header's %d columns: a value with commas needs quotes", width))
	}
	values := make([]string, width)
	copy(values, record)
	if missing(values[p.mass]) || missing(values[p.target]) {
		p.panel.Dropped = append(p.panel.Dropped, p.line)
		return nil
	}
	mass, ok := panelMass(values[p.mass])
	if !ok {
		return p.refuse(p.mass, batch.Columns[p.mass], fmt.Sprintf("%s is not a whole mass from 1 to %d Da", quoted(values[p.mass]), MaxPanelMass))
	}
	batch.Rows = append(batch.Rows, PanelRow{Line: p.line, Mass: mass, Target: values[p.target], Values: values})
	return nil
}

// panelMass reads 92 and 92.0.
func panelMass(s string) (int, bool) {
	whole, fraction, _ := strings.Cut(s, ".")
	mass, err := strconv.ParseUint(whole, 10, 16)
	return int(mass), err == nil && strings.Trim(fraction, "0") == "" && 1 <= mass && mass <= MaxPanelMass
}

// missing reports what spreadsheets and data frames write for no value.
func missing(s string) bool {
	switch s {
	case "", "NA", "N/A", "n/a", "#N/A", "#N/A N/A", "#NA", "<NA>", "NaN", "nan", "-NaN", "-nan", "NULL", "null",
		"1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN":
		return true
	}
	return false
}

func trimEmpty(record []string) []string {
	n := len(record)
	for n > 0 && record[n-1] == "" {
		n--
	}
	return record[:n:n]
}

// refuse makes the error for a field of the record, or for all of it at -1.
func (p *panelParser) refuse(field int, name, reason string) *PanelError {
	e := &PanelError{Line: p.line, Field: name, Reason: reason}
	if field >= 0 {
		e.Line, e.Column = p.csv.FieldPos(field)
	}
	return e
}

func (p *panelParser) csvError(err error) error {
	e := &PanelError{Reason: err.Error(), Err: err}
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		e.Line, e.Column = parse.Line, parse.Column
		e.Reason = "broken quotes: " + parse.Err.Error()
		if parse.StartLine != parse.Line {
			e.Reason += fmt.Sprintf(", in the row that begins at line %d", parse.StartLine)
		}
	}
	return e
}
