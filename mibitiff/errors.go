// Package mibitiff reads and writes MIBItiff: the multi-page TIFF in which
// MIBIscope images are kept, a page for each channel.
//
// It is shaped like archive/zip. [Open] reads the index of an image over any
// [io.ReaderAt], a local file or a remote one; [File.ReadPlane] then reads one
// page and leaves the others alone. A [Writer] adds page after page to a
// stream. Samples keep their type: a uint16 image is read and written as
// uint16, a float32 image as float32, value for value.
package mibitiff

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/openmibi/openmibi/internal/tiff"
)

var (
	// ErrNotMIBItiff is wrapped by the error for a file that is no MIBItiff: no
	// TIFF at all, or a TIFF that other software wrote.
	ErrNotMIBItiff = errors.New("not a MIBItiff")
	// ErrNotPicture is wrapped by the error for a file that is neither a PNG
	// nor a TIFF, see [ReadPicture].
	ErrNotPicture = errors.New("not a picture")
	// ErrTruncated is wrapped by the error for a file that ends before what it
	// announces.
	ErrTruncated = tiff.ErrTruncated
	// ErrNoChannel is wrapped by the error for a channel that an image does not
	// have.
	ErrNoChannel = errors.New("no such channel")
	// ErrMissingMetadata is wrapped by the error for metadata that does not
	// suffice to write a MIBItiff.
	ErrMissingMetadata = errors.New("required metadata is missing")
	// ErrPageOrder is wrapped by the error for pages that are written out of
	// the format's order.
	ErrPageOrder = errors.New("out of page order")
)

type (
	// FormatError says that a file is not valid; it names page and tag. It is
	// for errors.As.
	FormatError = tiff.FormatError
	// UnsupportedError says that a file is valid, but of a kind that is not
	// read here; it names page and tag. It is for errors.As, and
	// errors.Is(err, errors.ErrUnsupported) holds for it.
	UnsupportedError = tiff.UnsupportedError
)

// shown returns a text of a file as an error may print it: quoted, so that no
// terminal obeys it, and not too long.
func shown(text string) string {
	const most = 80
	if len(text) <= most {
		return strconv.Quote(text)
	}
	return strconv.Quote(text[:most]) + "..."
}

func formatError(page int, tag uint16, format string, args ...any) error {
	return &FormatError{Page: page, Tag: tag, Reason: fmt.Sprintf(format, args...)}
}
