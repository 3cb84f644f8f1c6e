package mibitiff

import (
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/openmibi/openmibi/mibi"
)

// formatLevel is the level of compression that the format's own tools use.
const formatLevel = 6

// WriterOption changes how [Write], [WriteFrom], [WriteFolder], [WritePicture],
// [WriteOME] and a [Writer] write.
type WriterOption func(*writerOptions)

type writerOptions struct {
	level   int
	date    time.Time
	dtype   DType
	ranges  map[mibi.Channel]Range
	bigTIFF *bool
	sed     *Plane
	optical *RGB
	// pack stands in for the compression in tests.
	pack func(raw []byte) ([]byte, error)
}

// WithDate sets the date (tag 306) of an image whose metadata has none.
func WithDate(date time.Time) WriterOption { return func(o *writerOptions) { o.date = date } }

// WithLevel sets the level of compression, from 1 to 6. Without it, and with 6,
// it is that of the format's own tools, by an encoder that is made for counts
// and gives smaller files than theirs; levels below take a general one. 1 is the
// fastest and gives files a fifth to a third larger.
func WithLevel(level int) WriterOption { return func(o *writerOptions) { o.level = level } }

// WithDType sets the type of the channels' samples, Uint16 or Float32. Without
// it channels of real numbers are written as Float32, those of whole numbers as
// Uint16. Either way a sample that would change is refused with an error that
// wraps [ErrLossy].
func WithDType(dtype DType) WriterOption { return func(o *writerOptions) { o.dtype = dtype } }

// WithRanges sets the display ranges of channels. Those that are not among
// them have the range from 0 to their largest sample.
func WithRanges(ranges map[mibi.Channel]Range) WriterOption {
	return func(o *writerOptions) { o.ranges = ranges }
}

// WithBigTIFF says whether to write a BigTIFF, which may pass 4 GiB and which
// old readers do not know, or a classic TIFF. Without it [Write], [WriteFrom],
// [WriteFolder] and [WriteOME] write a BigTIFF where the samples, uncompressed,
// could not be held by a classic one; a [Writer], which cannot know what comes,
// writes a classic one. A page with which a classic TIFF would pass 4 GiB is
// refused with an error that wraps [ErrNeedsBigTIFF].
func WithBigTIFF(big bool) WriterOption { return func(o *writerOptions) { o.bigTIFF = &big } }

// WithSED adds the page of the secondary electron detector to what [Write] and
// [WriteFrom] write, see [Writer.WriteSED].
func WithSED(plane Plane) WriterOption { return func(o *writerOptions) { o.sed = &plane } }

// WithOptical adds the optical image and the slide's label to what [Write] and
// [WriteFrom] write, see [Writer.WriteOptical].
func WithOptical(rgb RGB) WriterOption { return func(o *writerOptions) { o.optical = &rgb } }

// newWriterOptions applies the options and checks what does not need an image.
func newWriterOptions(opts []WriterOption) (writerOptions, error) {
	options := writerOptions{level: formatLevel}
	for _, opt := range opts {
		opt(&options)
	}
	if err := checkDate(options.date); err != nil {
		return options, err
	}
	if options.level < 1 || options.level > formatLevel {
		return options, fmt.Errorf("compression level %d is not from 1 to %d", options.level, formatLevel)
	}
	if options.dtype != 0 && options.dtype != Uint16 && options.dtype != Float32 {
		return options, fmt.Errorf("a MIBItiff of %s: its channels are uint16 or float32: %w", options.dtype, errors.ErrUnsupported)
	}
	return options, nil
}

// checkDate refuses a date that tag 306 cannot hold: it has four digits for the
// year.
func checkDate(date time.Time) error {
	if year := date.Year(); year < 1 || year > 9999 {
		return fmt.Errorf("a date in the year %d: a TIFF holds the years 1 to 9999", year)
	}
	return nil
}

// Range is what a display shows of a channel: Min as black, Max as white, in
// counts. A file holds it in the tags 340 and 341.
type Range struct{ Min, Max float64 }

// ErrRange is wrapped by the error for a display range that is none, or that a
// file cannot hold.
var ErrRange = errors.New("not a display range")

// check tells whether a page of a type can hold the range: an image of uint16
// has whole numbers of 32 bits.
func (r Range) check(dtype DType) error {
	switch {
	case !isFinite(r.Min) || !isFinite(r.Max):
		return fmt.Errorf("%g to %g: %w", r.Min, r.Max, ErrRange)
	case r.Min > r.Max:
		return fmt.Errorf("%g to %g, from the larger to the smaller: %w", r.Min, r.Max, ErrRange)
	case dtype == Uint16 && (r.Min < 0 || r.Max > math.MaxUint32 || r.Min != math.Trunc(r.Min) || r.Max != math.Trunc(r.Max)):
		return fmt.Errorf("%g to %g: an image of uint16 holds whole numbers from 0 to %d: %w", r.Min, r.Max, uint32(math.MaxUint32), ErrRange)
	}
	return nil
}
