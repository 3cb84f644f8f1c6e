package mibi

import (
	"errors"
	"fmt"
	"strings"
)

// ErrPanel is what every refusal of a panel CSV is, by errors.Is. The error
// itself is a *PanelError. A failure of the reader underneath is not one.
var ErrPanel = errors.New("not a usable panel CSV")

// PanelError says why a panel CSV was refused, and where.
type PanelError struct {
	// Line counts from 1; 0 where the whole file is meant.
	Line int
	// Column is the byte of that line, from 1; 0 where the whole line is.
	Column int
	// Field is the name of the table's column; empty outside of a table.
	Field string
	// Reason is the refusal in words.
	Reason string
	// Err is the parser's own error, where there is one.
	Err error
}

// Error names the line, the column and the reason.
func (e *PanelError) Error() string {
	var b strings.Builder
	b.WriteString("panel CSV")
	if e.Line > 0 {
		fmt.Fprintf(&b, ", line %d", e.Line)
	}
	if e.Column > 0 {
		fmt.Fprintf(&b, ", column %d", e.Column)
	}
	if e.Field != "" {
		fmt.Fprintf(&b, " (%s)", e.Field)
	}
	b.WriteString(": ")
	b.WriteString(e.Reason)
	return b.String()
}

// Is reports ErrPanel.
func (e *PanelError) Is(target error) bool { return target == ErrPanel }

// Unwrap gives the parser's own error.
func (e *PanelError) Unwrap() error { return e.Err }
