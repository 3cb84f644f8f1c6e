package mibitiff

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
)

// ErrNeedsBigTIFF is wrapped by the error for a page with which a classic TIFF
// would pass 4 GiB, see [WithBigTIFF].
var ErrNeedsBigTIFF = tiff.ErrNeedsBigTIFF

// Writer writes a MIBItiff to a stream, page after page: the channels in page
// order, then the SED, then the optical image with the slide's label. Whoever
// has all channels at hand writes them with [Write] or [WriteFrom], which
// compress them side by side.
//
// What it writes is the Python tools' own structure to the byte, but for the
// compressed samples: little-endian, each page one strip under zlib, tags,
// their types and order, and the description's JSON alike. The same image gives
// the same bytes. It holds two compressed pages in memory.
//
// Channels are written as uint16 or float32, all alike in type and size. A page
// that is refused leaves the Writer as it was; after an error of the underlying
// writer it takes no more.
type Writer struct {
	out     io.Writer
	pages   *pageMaker
	big     bool
	tiff    *tiff.Writer // nil before the first page
	written []mibi.Channel
	masses  map[int]bool    // of those
	labels  map[string]bool // and these
	like    likeness
	sed     bool
	optical bool
	closed  bool
	failure error      // of the first Close
	packers [2]*packer // by turns: one holds the strip that tiff holds back
}

// NewWriter returns a Writer of an image with the given metadata. Metadata that
// lacks a required value, the date among them, is refused with an error that
// wraps [ErrMissingMetadata] and names all that is missing. So is what other
// readers of the format refuse: a folder whose first part is not the field of
// view's id ([ErrFolder]), and an aperture that is none
// ([mibi.ErrUnknownAperture]); apertures are written as their code.
// User keys that the format reserves are left out, see
// [mibi.Metadata.DroppedKeys].
//
// [WithSED] and [WithOptical] are for [Write]; here they are refused.
func NewWriter(w io.Writer, meta mibi.Metadata, opts ...WriterOption) (*Writer, error) {
	pages, err := newPageMaker(meta, opts)
	if err != nil {
		return nil, err
	}
	if pages.options.sed != nil || pages.options.optical != nil {
		return nil, errors.New("a Writer takes SED and optical image by WriteSED and WriteOptical, not as options")
	}
	return newWriter(w, pages), nil
}

func newWriter(w io.Writer, pages *pageMaker) *Writer {
	out := &Writer{out: w, pages: pages, masses: map[int]bool{}, labels: map[string]bool{}}
	for i := range out.packers {
		out.packers[i] = &packer{options: &pages.options}
	}
	if pages.options.bigTIFF != nil {
		out.big = *pages.options.bigTIFF
	}
	return out
}

// ChannelOption changes how one channel is written.
type ChannelOption func(*channelOptions)

type channelOptions struct{ shown *Range }

// WithRange sets the channel's display range. Without it [WithRanges] counts,
// and else it is from 0 to the largest sample.
func WithRange(r Range) ChannelOption { return func(o *channelOptions) { o.shown = &r } }

// WriteChannel adds the page of one channel. Samples of other types than uint16
// and float32 are converted, see [WithDType].
//
// Channels come in the order of [mibi.CompareChannels]; another order is
// refused with an error that wraps [ErrPageOrder], a mass or target that came
// before with one that wraps [mibi.ErrDuplicateChannel], a plane that is empty or
// of another size or type than the first with one that wraps [ErrShape], a sample
// that the file's type would change with one that wraps [ErrLossy], a range that
// the page cannot hold with one that wraps [ErrRange]. See [Write] for a way that
// sorts.
func (w *Writer) WriteChannel(channel mibi.Channel, plane Plane, opts ...ChannelOption) error {
	var options channelOptions
	for _, opt := range opts {
		opt(&options)
	}
	if err := w.acceptChannel(channel); err != nil {
		return channelError(channel, err)
	}
	page, err := w.pages.channel(w.packer(), channel, plane, options.shown)
	if err != nil {
		return err
	}
	return w.add(page)
}

// packer returns the packer whose strip is written.
func (w *Writer) packer() *packer { return w.packers[0] }

// acceptChannel tells whether a channel may come next.
func (w *Writer) acceptChannel(channel mibi.Channel) error {
	if w.sed || w.optical || w.closed {
		return fmt.Errorf("the SED or optical page is written or the image closed: %w", ErrPageOrder)
	}
	if len(w.written) == 0 {
		return nil
	}
	if w.masses[channel.Mass] || w.labels[channel.Label()] {
		return mibi.CheckUnique(append(slices.Clone(w.written), channel)) // says which it is
	}
	if last := w.written[len(w.written)-1]; mibi.CompareChannels(last, channel) > 0 {
		return fmt.Errorf("it belongs before %s: %w", shown(last.String()), ErrPageOrder)
	}
	return nil
}

// add writes the page of a channel that was accepted.
func (w *Writer) add(page madePage) error {
	like := w.like
	if err := like.admit(page); err != nil {
		return err
	}
	if err := w.put(page); err != nil {
		return channelError(page.like.channel, err)
	}
	channel := page.like.channel
	w.like, w.written = like, append(w.written, channel)
	w.masses[channel.Mass], w.labels[channel.Label()] = true, true
	return nil
}

// put writes a page.
func (w *Writer) put(page madePage) error {
	if w.tiff == nil {
		w.tiff = tiff.NewWriter(w.out)
		if w.big {
			w.tiff = tiff.NewBigWriter(w.out)
		}
	}
	err := w.tiff.WritePage(page.fields, page.strip)
	if errors.Is(err, ErrNeedsBigTIFF) {
		return fmt.Errorf("%w (write it with WithBigTIFF)", err)
	}
	if err == nil {
		w.packers[0], w.packers[1] = w.packers[1], w.packers[0]
	}
	return err
}

// WriteSED adds the page of the secondary electron detector, of any type and
// size; its samples keep their type. It comes after all channels, once.
func (w *Writer) WriteSED(plane Plane) error {
	if w.sed || w.optical || w.closed || len(w.written) == 0 {
		return fmt.Errorf("writing SED: it comes once, after the channels: %w", ErrPageOrder)
	}
	page, err := w.pages.sed(w.packer(), plane)
	if err == nil {
		err = w.put(page)
	}
	if err != nil {
		return fmt.Errorf("writing SED: %w", err)
	}
	w.sed = true
	return nil
}

// WriteOptical adds the optical image of the slide, and the page of the slide's
// label, which is cut out of it: 600×600 pixels, or what there is of them. It
// comes after channels and SED, once. An optical image too small to show any of
// the label is refused with an error that wraps [ErrNoLabel].
func (w *Writer) WriteOptical(rgb RGB) error {
	if w.optical || w.closed || len(w.written) == 0 {
		return fmt.Errorf("writing the optical image: it comes once, after channels and SED: %w", ErrPageOrder)
	}
	if err := w.writeOptical(rgb); err != nil {
		return fmt.Errorf("writing the optical image: %w", err)
	}
	return nil
}

func (w *Writer) writeOptical(rgb RGB) error {
	label, err := cutLabel(rgb, w.pages.upper)
	if err != nil {
		return err
	}
	optical, err := w.pages.colour(w.packer(), Optical, rgb)
	if err != nil {
		return err
	}
	if err := w.put(optical); err != nil {
		return err
	}
	w.optical = true
	page, err := w.pages.colour(w.packer(), Label, label)
	if err != nil {
		return err
	}
	return w.put(page)
}

// Close writes what is held back. Without it the file is not complete. It does
// not close the underlying writer. A second call returns what the first did.
func (w *Writer) Close() error {
	if w.closed {
		return w.failure
	}
	w.closed = true
	if len(w.written) == 0 {
		w.failure = errors.New("a MIBItiff needs at least one channel")
	} else {
		w.failure = w.tiff.Close()
	}
	return w.failure
}
