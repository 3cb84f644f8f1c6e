package mibi

import (
	"errors"
	"fmt"
	"strings"
)

// ErrRunXML is what every refusal of a run XML is, by errors.Is. The error
// itself is a *RunXMLError. A failure of the reader underneath is not one.
var ErrRunXML = errors.New("not a usable run XML")

// RunXMLError says why a run XML was refused, and where.
type RunXMLError struct {
	// Line counts from 1; 0 where the whole document is meant.
	Line int
	// Element is the element that was being read; empty outside of any.
	Element string
	// Reason is the refusal in words.
	Reason string
	// Err is the parser's own error, where there is one.
	Err error
}

// Error names the line, the element and the reason.
func (e *RunXMLError) Error() string {
	var b strings.Builder
	b.WriteString("run XML")
	if e.Line > 0 {
		fmt.Fprintf(&b, ", line %d", e.Line)
	}
	if e.Element != "" {
		fmt.Fprintf(&b, ", element %s", e.Element)
	}
	b.WriteString(": ")
	b.WriteString(e.Reason)
	return b.String()
}

// Is reports ErrRunXML.
func (e *RunXMLError) Is(target error) bool { return target == ErrRunXML }

// Unwrap gives the parser's own error.
func (e *RunXMLError) Unwrap() error { return e.Err }
