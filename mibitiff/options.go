package mibitiff

import (
	"github.com/openmibi/openmibi/internal/tiff"
)

// Option changes how [Open] reads. The zero behaviour suits local files and
// remote ones.
type Option func(*readOptions)

// readOptions are what an [Option] sets.
type readOptions struct {
	tiff.Options
	maxImageBytes int64
}

// WithReadAhead sets how many bytes one read fetches at least while the index
// is read (16 KiB without it). A page whose tags and description fit costs one
// read.
func WithReadAhead(bytes int) Option { return func(o *readOptions) { o.ReadAhead = bytes } }

// WithTrace calls trace for each piece of the file that the index needs, with
// its offset and length in bytes, in the order of reading: all that [Open]
// would read of the file if it read nothing ahead. Pieces may touch, overlap
// and come twice.
func WithTrace(trace func(offset, length int64)) Option {
	return func(o *readOptions) { o.Trace = trace }
}

// WithMaxPages sets how many pages a file may have (65,536 without it).
func WithMaxPages(pages int) Option { return func(o *readOptions) { o.MaxPages = pages } }

// WithMaxPageBytes sets how many bytes the samples of one page may take once
// decoded (1 GiB without it).
func WithMaxPageBytes(bytes int64) Option { return func(o *readOptions) { o.MaxPageBytes = bytes } }

// defaultMaxImageBytes is several times what the largest fields of view take.
const defaultMaxImageBytes = 8 << 30

// WithMaxImageBytes sets how many bytes the samples of all the channels that
// [File.Image] reads at once may take (8 GiB without it).
func WithMaxImageBytes(bytes int64) Option { return func(o *readOptions) { o.maxImageBytes = bytes } }
