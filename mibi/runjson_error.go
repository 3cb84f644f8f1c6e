package mibi

import (
	"errors"
	"fmt"
	"strings"
)

// ErrRunJSON is what every refusal of a run JSON is, by errors.Is. The error
// itself is a *RunJSONError. A failure of the reader underneath is not one.
var ErrRunJSON = errors.New("not a usable run JSON")

// RunJSONError says why a run JSON was refused, and where.
type RunJSONError struct {
	// Line counts from 1; 0 where the whole document is meant. For a FOV that
	// can be read but not used, it is the line where the FOV begins.
	Line int
	// Path leads to the value: "rois[0].fovs[2].runOrder", as far as it is known.
	Path string
	// Reason is the refusal in words.
	Reason string
	// Err is the parser's own error, where there is one.
	Err error
}

// Error names the line, the place and the reason.
func (e *RunJSONError) Error() string {
	var b strings.Builder
	b.WriteString("run JSON")
	if e.Line > 0 {
		fmt.Fprintf(&b, ", line %d", e.Line)
	}
	if e.Path != "" {
		fmt.Fprintf(&b, ", %s", e.Path)
	}
	b.WriteString(": ")
	b.WriteString(e.Reason)
	return b.String()
}

// Is reports ErrRunJSON.
func (e *RunJSONError) Is(target error) bool { return target == ErrRunJSON }

// Unwrap gives the parser's own error.
func (e *RunJSONError) Unwrap() error { return e.Err }
