package mibi

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
)

// WriteCSV writes the panel as CSV: the info lines, then each batch with its
// own, a blank line and its table; one without any info is a plain table
// ("Panel CSV" in the format notes). Lines end in a newline, values are quoted
// only where CSV needs it, and there is no byte order mark.
//
// What it writes, [ReadPanel] reads back the same. What it could not read back
// so is refused with a *PanelError, which is ErrPanel by errors.Is, before
// anything is written: a value with space around it, a row whose Values do not
// hold its Mass and its Target, a panel beyond the limits of ReadPanel, and
// the like. An error of w is returned wrapped.
//
// Values are written to the letter. A spreadsheet takes some for formulas, by
// their first character (=, +, -, @), and may run them: who hands a panel of
// unknown origin to people has to look at its values first.
func (p *Panel) WriteCSV(w io.Writer) error {
	var text bytes.Buffer
	if err := p.encode(csv.NewWriter(&text)); err != nil {
		return fmt.Errorf("encoding the panel CSV: %w", err)
	}
	again, err := ReadPanel(bytes.NewReader(text.Bytes()))
	if err != nil {
		return err
	}
	if reason := p.differs(again); reason != "" {
		return &PanelError{Reason: reason}
	}
	if _, err := w.Write(text.Bytes()); err != nil {
		return fmt.Errorf("writing the panel CSV: %w", err)
	}
	return nil
}

func (p *Panel) encode(w *csv.Writer) error {
	// The encoder keeps its first error for the end.
	begun := false
	blank := func() {
		if begun {
			_ = w.Write(nil)
		}
	}
	info := func(lines []PanelInfo) {
		for _, line := range lines {
			_ = w.Write([]string{line.Name, line.Value})
			begun = true
		}
	}
	info(p.Info)
	for _, b := range p.Batches {
		blank()
		info(b.Info)
		if len(b.Columns) == 0 {
			continue
		}
		if len(b.Info) > 0 {
			blank()
		}
		_ = w.Write(b.Columns)
		for _, row := range b.Rows {
			_ = w.Write(row.Values)
		}
		begun = true
	}
	w.Flush()
	return w.Error()
}

// differs says what another panel has otherwise, but for the lines: nothing
// where it has all the same.
func (p *Panel) differs(other *Panel) string {
	if text := infoDiffers(p.Info, other.Info); text != "" {
		return text
	}
	if len(other.Dropped) > 0 {
		return "a row has no mass or no target that could be read back"
	}
	if len(p.Batches) != len(other.Batches) {
		return fmt.Sprintf("its %d batches would be read back as %d", len(p.Batches), len(other.Batches))
	}
	for i, b := range p.Batches {
		if text := b.differs(other.Batches[i]); text != "" {
			return fmt.Sprintf("batch %d of %d: %s", i+1, len(p.Batches), text)
		}
	}
	return ""
}

func (b PanelBatch) differs(other PanelBatch) string {
	if text := infoDiffers(b.Info, other.Info); text != "" {
		return text
	}
	if !slices.Equal(b.Columns, other.Columns) {
		return fmt.Sprintf("the columns %q would be read back as %q", b.Columns, other.Columns)
	}
	if len(b.Rows) != len(other.Rows) {
		return fmt.Sprintf("its %d rows would be read back as %d", len(b.Rows), len(other.Rows))
	}
	for i, row := range b.Rows {
		again := other.Rows[i]
		if !slices.Equal(row.Values, again.Values) {
			return fmt.Sprintf("row %d: the values %q would be read back as %q", i+1, row.Values, again.Values)
		}
		if row.Mass != again.Mass || row.Target != again.Target {
			return fmt.Sprintf("row %d: mass %d and target %s are not those in its values, %d and %s",
				i+1, row.Mass, quoted(row.Target), again.Mass, quoted(again.Target))
		}
	}
	return ""
}

func infoDiffers(lines, other []PanelInfo) string {
	for i, line := range lines {
		if i >= len(other) {
			return fmt.Sprintf("the line %s would not be read back", quoted(line.Name))
		}
		if again := other[i]; line.Name != again.Name || line.Value != again.Value {
			return fmt.Sprintf("the line %s, %s would be read back as %s, %s",
				quoted(line.Name), quoted(line.Value), quoted(again.Name), quoted(again.Value))
		}
	}
	if len(other) > len(lines) {
		return fmt.Sprintf("the line %s would be read back in another place", quoted(other[len(lines)].Name))
	}
	return ""
}
