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
	// ErrLimit is wrapped by the error for a file or a picture that is beyond a
	// limit of reading, see [WithMaxPages], [WithMaxPageBytes] and
	// [WithMaxImageBytes].
	ErrLimit = tiff.ErrLimit
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
	// FormatError says that a file is not valid. Its fields Page (int, from 0,
	// [WholeFile] for the file) and Tag (uint16, 0 for none) say where, Reason and
	// Err why. It is for errors.As, and wraps [ErrTruncated] for a file that is cut
	// off.
	FormatError = tiff.FormatError
	// UnsupportedError says that a file is valid, but of a kind that is not read
	// here, or larger than the limits. It has the fields of a [FormatError]. It is
	// for errors.As, and errors.Is(err, errors.ErrUnsupported) holds for it.
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
