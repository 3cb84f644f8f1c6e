// Package tiff reads and writes the structure of TIFF and BigTIFF files:
// pages, tags, strips and tiles. What the tags mean beyond TIFF itself is left
// to the caller.
//
// It is made to meet hostile bytes: every error names the page and the tag, and
// nothing is allocated that the file's own size and the pixels asked for do not
// justify.
package tiff

import (
	"errors"
	"fmt"
)

var (
	// ErrNotTIFF is wrapped by the error for bytes that do not begin as a TIFF.
	ErrNotTIFF = errors.New("not a TIFF file")
	// ErrTruncated is wrapped by the error for a file that ends before what it
	// announces.
	ErrTruncated = errors.New("the file ends too early")
	// ErrLimit is wrapped by the error for what exceeds [Options].
	ErrLimit = errors.New("over the limit")
)

// NoPage is the page of an error that concerns the whole file.
const NoPage = -1

// FormatError says that a file is not valid TIFF.
type FormatError struct {
	Page   int    // index of the page from 0, or NoPage
	Tag    uint16 // the tag concerned, 0 for none
	Reason string // what is wrong
	Err    error  // a cause, or nil
}

// Error names the page, the tag and the reason.
func (e *FormatError) Error() string {
	return message("not valid TIFF", e.Page, e.Tag, e.Reason, e.Err)
}

// Unwrap returns the cause: ErrNotTIFF, ErrTruncated, or a decoder's error.
func (e *FormatError) Unwrap() error { return e.Err }

// UnsupportedError says that a file is valid TIFF of a kind that is not read
// here, or larger than the limits allow.
type UnsupportedError struct {
	Page   int    // index of the page from 0, or NoPage
	Tag    uint16 // the tag concerned, 0 for none
	Reason string // what is not supported
	Err    error  // a cause such as ErrLimit, or nil
}

// Error names the page, the tag and the reason.
func (e *UnsupportedError) Error() string {
	return message("unsupported TIFF", e.Page, e.Tag, e.Reason, e.Err)
}

// Unwrap returns the cause, or nil.
func (e *UnsupportedError) Unwrap() error { return e.Err }

// Is makes errors.Is(err, errors.ErrUnsupported) true.
func (e *UnsupportedError) Is(target error) bool { return target == errors.ErrUnsupported }

func message(kind string, page int, tag uint16, reason string, err error) string {
	text := kind
	if page != NoPage {
		text += fmt.Sprintf(", page %d", page)
	}
	if tag != 0 {
		text += fmt.Sprintf(", tag %d (%s)", tag, TagName(tag))
	}
	text += ": " + reason
	if err != nil {
		text += ": " + err.Error()
	}
	return text
}
