package mibitiff

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/openmibi/openmibi/internal/tiff"
)

// WholeFile is the page of a [Finding] that concerns no page of its own.
const WholeFile = tiff.NoPage

// Report is what [Check] found in a file.
type Report struct {
	// Pages names the file's pages in their order, as [Page.Name] does; empty
	// where the file's pages cannot be read.
	Pages []string
	// Decoded is how many pages were decoded and their values looked at.
	Decoded int
	// Findings are the departures from the format, those of the whole file
	// first, then page by page. A file as the format wants it has none.
	Findings []Finding
}

// Count returns how many findings have a severity.
func (r *Report) Count(s Severity) int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// CheckOption changes what [Check] looks at.
type CheckOption func(*checkOptions)

type checkOptions struct {
	structureOnly bool
	open          readOptions
}

// CheckStructureOnly leaves the samples alone: only the index is read, and
// nothing is decoded.
func CheckStructureOnly() CheckOption { return func(o *checkOptions) { o.structureOnly = true } }

// CheckOpening sets how the index is read, as for [Open].
func CheckOpening(opts ...Option) CheckOption {
	return func(o *checkOptions) {
		for _, opt := range opts {
			opt(&o.open)
		}
	}
}

// Check compares a file of size bytes with the MIBItiff format and says of each
// departure where it is and what other readers make of it. It reads and decodes
// all pages, as many at a time as there are processors, and keeps none of them:
// it takes the memory of a page for each processor, of one page in all where
// pages are large.
//
// A file that is broken, or none of the format's, is no error but a finding.
// Errors are those of r and the context's.
func Check(ctx context.Context, r io.ReaderAt, size int64, opts ...CheckOption) (*Report, error) {
	var o checkOptions
	for _, opt := range opts {
		opt(&o)
	}
	o.open.Keep = checkedTags()
	c := &checker{size: size}
	t, err := tiff.Open(r, size, o.open.Options)
	if err != nil {
		if !c.unopened(err) {
			return nil, fmt.Errorf("checking a MIBItiff: %w", err)
		}
		return c.report(), nil
	}
	c.tiff = t
	var values *valueCheck
	if !o.structureOnly {
		// Decoding takes the longest: the rest is done meanwhile.
		values = startValues(ctx, t)
	}
	c.structure()
	err = ctx.Err()
	if values != nil {
		err = c.values(values.wait())
	}
	if err != nil {
		return nil, fmt.Errorf("checking a MIBItiff: %w", err)
	}
	return c.report(), nil
}

// unopened adds the finding for a file whose pages cannot be read. It reports
// false for an error that is not the file's own.
func (c *checker) unopened(err error) bool {
	var format *FormatError
	var unsupported *UnsupportedError
	switch {
	case errors.As(err, &format):
		code := "broken-structure"
		switch {
		case errors.Is(err, tiff.ErrNotTIFF):
			code = "not-tiff"
		case errors.Is(err, tiff.ErrTruncated):
			code = "truncated"
		}
		c.add(code, format.Page, format.Tag, withCause(format.Reason, format.Err))
	case errors.As(err, &unsupported):
		c.add("over-limits", unsupported.Page, unsupported.Tag, withCause(unsupported.Reason, unsupported.Err))
	default:
		return false
	}
	return true
}

// withCause puts a reason and its cause together, but for a cause that says no
// more than the finding does.
func withCause(reason string, err error) string {
	if err == nil {
		return reason
	}
	text := reason + ": " + err.Error()
	for _, said := range []error{tiff.ErrNotTIFF, tiff.ErrTruncated, tiff.ErrLimit} {
		text = strings.TrimSuffix(text, ": "+said.Error())
	}
	return text
}
