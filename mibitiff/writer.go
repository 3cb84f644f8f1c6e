package mibitiff

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/klauspost/compress/zlib"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
)

// software is tag 305 of what is written: the version of the format.
const software = softwarePrefix + "v1.0"

// formatLevel is the level of compression that the format's own tools use.
const formatLevel = 6

// Writer writes a MIBItiff to a stream, page after page. It holds one
// compressed page in memory.
type Writer struct {
	tiff    *tiff.Writer
	meta    mibi.Metadata
	size    float64 // µm
	x, y    fraction
	level   int
	packed  *zlib.Writer
	written []mibi.Channel
	dtype   DType
	shape   [2]int
	sed     bool
	closed  bool
	failure error // of the first Close
}

// NewWriter returns a Writer of an image with the given metadata. Metadata that
// lacks a required value, the date among them, is refused with an error that
// wraps [ErrMissingMetadata] and names all that is missing. So is what other
// readers of the format refuse: a folder whose first part is not the field of
// view's id, and an aperture that is none; apertures are written as their code.
// User keys that the format reserves are left out, see
// [mibi.Metadata.DroppedKeys].
func NewWriter(w io.Writer, meta mibi.Metadata, opts ...WriterOption) (*Writer, error) {
	options := writerOptions{level: formatLevel}
	for _, opt := range opts {
		opt(&options)
	}
	if meta.Date.IsZero() {
		meta.Date = options.date
	}
	if missing := meta.Missing(); len(missing) > 0 {
		return nil, fmt.Errorf("%w: %s", ErrMissingMetadata, strings.Join(missing, ", "))
	}
	if err := agree(&meta); err != nil {
		return nil, err
	}
	size, ok := meta.Size.Float()
	if !ok || size <= 0 {
		return nil, fmt.Errorf("size %s is not a length in µm", meta.Size.JSON())
	}
	x, y, ok := meta.Coordinates.Pair()
	if !ok {
		return nil, fmt.Errorf("coordinates %s are not [x, y] in µm", meta.Coordinates.JSON())
	}
	if options.level < 1 || options.level > formatLevel {
		return nil, fmt.Errorf("compression level %d is not from 1 to %d", options.level, formatLevel)
	}
	out := &Writer{tiff: tiff.NewWriter(w), meta: meta, size: size, level: options.level}
	var err error
	if out.x, err = positionFraction(x); err == nil {
		out.y, err = positionFraction(y)
	}
	if err != nil {
		return nil, fmt.Errorf("coordinates %s: %w", meta.Coordinates.JSON(), err)
	}
	if out.packed, err = zlib.NewWriterLevel(io.Discard, options.level); err != nil {
		return nil, err
	}
	return out, nil
}

// agree makes the metadata what every reader of the format accepts.
func agree(meta *mibi.Metadata) error {
	first, _, _ := strings.Cut(meta.Folder.String(), "/")
	if first != meta.FOVID.String() {
		return fmt.Errorf("folder %q does not begin with the fov_id %q", meta.Folder, meta.FOVID)
	}
	if meta.Aperture.String() == "" {
		return nil
	}
	code, err := mibi.ParseAperture(meta.Aperture.String())
	if err != nil {
		return err
	}
	meta.Aperture = mibi.Text(code)
	return nil
}

// WriteChannel adds the page of one channel: uint16 or float32 samples, all
// channels of one image alike in type and size. Channels come in the order of
// [mibi.CompareChannels]; another order is refused with an error that wraps
// [ErrPageOrder], a mass or target that came before with one that wraps
// [mibi.ErrDuplicateChannel]. See [Write] for a way that sorts.
func (w *Writer) WriteChannel(channel mibi.Channel, plane Plane) error {
	if err := w.acceptChannel(channel, plane); err != nil {
		return fmt.Errorf("writing channel %s: %w", channel, err)
	}
	description := mibi.Description{
		Metadata: w.meta, ImageType: string(SIMS),
		Mass: mibi.Int(int64(channel.Mass)), Target: mibi.Text(channel.Label()),
	}
	fields := []tiff.Field{
		tiff.TextField(tiff.DateTime, w.meta.Date.Format(dateLayout)),
	}
	largest := plane.Stats().Max
	if plane.DType() == Float32 {
		fields = append(fields, tiff.DoubleField(tiff.SMinSampleValue, 0), tiff.DoubleField(tiff.SMaxSampleValue, largest))
	} else {
		fields = append(fields, tiff.LongField(tiff.SMinSampleValue, 0), tiff.LongField(tiff.SMaxSampleValue, uint32(largest)))
	}
	if err := w.writePage(description, channel.PageName(), plane, fields); err != nil {
		return fmt.Errorf("writing channel %s: %w", channel, err)
	}
	w.written = append(w.written, channel)
	w.dtype, w.shape = plane.DType(), [2]int{plane.Height(), plane.Width()}
	return nil
}

func (w *Writer) acceptChannel(channel mibi.Channel, plane Plane) error {
	if w.sed || w.closed {
		return fmt.Errorf("the SED page is written or the image closed: %w", ErrPageOrder)
	}
	if dtype := plane.DType(); dtype != Uint16 && dtype != Float32 {
		return fmt.Errorf("samples of %s: a channel's are uint16 or float32: %w", dtype, errors.ErrUnsupported)
	}
	if strings.ContainsRune(channel.Target, 0) || !utf8.ValidString(channel.Target) {
		return errors.New("the target is not UTF-8 text or holds a NUL")
	}
	if len(w.written) == 0 {
		return nil
	}
	if err := mibi.CheckUnique(append(slices.Clone(w.written), channel)); err != nil {
		return err
	}
	if last := w.written[len(w.written)-1]; mibi.CompareChannels(last, channel) > 0 {
		return fmt.Errorf("it belongs before %s: %w", last, ErrPageOrder)
	}
	if shape := [2]int{plane.Height(), plane.Width()}; shape != w.shape || plane.DType() != w.dtype {
		return fmt.Errorf("%s of %d×%d pixels among channels of %s of %d×%d", plane.DType(), shape[1], shape[0], w.dtype, w.shape[1], w.shape[0])
	}
	return nil
}

// WriteSED adds the page of the secondary electron detector, of any type and
// size. It comes after all channels, once.
func (w *Writer) WriteSED(plane Plane) error {
	if w.sed || w.closed || len(w.written) == 0 {
		return fmt.Errorf("writing SED: it comes once, after the channels: %w", ErrPageOrder)
	}
	if plane.Len() == 0 {
		return fmt.Errorf("writing SED: the plane is empty")
	}
	if err := w.writePage(mibi.Description{ImageType: string(SED)}, string(SED), plane, nil); err != nil {
		return fmt.Errorf("writing SED: %w", err)
	}
	w.sed = true
	return nil
}

// writePage adds the fields that channels and SED have in common.
func (w *Writer) writePage(d mibi.Description, name string, plane Plane, fields []tiff.Field) error {
	width, height := plane.Width(), plane.Height()
	resolutionX, err := resolutionFraction(float64(height) * micronsPerCM / w.size)
	if err != nil {
		return err
	}
	resolutionY, err := resolutionFraction(float64(width) * micronsPerCM / w.size)
	if err != nil {
		return err
	}
	d.Shape = []int{height, width}
	text := tiff.TextField(tiff.ImageDescription, string(d.AppendJSON(nil)))
	text.Room = descriptionRoom
	fields = append(fields,
		tiff.LongField(tiff.ImageWidth, uint32(width)),
		tiff.LongField(tiff.ImageLength, uint32(height)),
		tiff.ShortField(tiff.BitsPerSample, uint16(8*plane.DType().Size())),
		tiff.ShortField(tiff.Compression, tiff.CompressionDeflate),
		tiff.ShortField(tiff.PhotometricInterpretation, 1),
		text,
		tiff.ShortField(tiff.SamplesPerPixel, 1),
		tiff.LongField(tiff.RowsPerStrip, uint32(height)),
		tiff.RationalField(tiff.XResolution, uint32(resolutionX.numerator), uint32(resolutionX.denominator)),
		tiff.RationalField(tiff.YResolution, uint32(resolutionY.numerator), uint32(resolutionY.denominator)),
		tiff.TextField(tiff.PageName, name),
		tiff.SRationalField(tiff.XPosition, int32(w.x.numerator), int32(w.x.denominator)),
		tiff.SRationalField(tiff.YPosition, int32(w.y.numerator), int32(w.y.denominator)),
		tiff.ShortField(tiff.ResolutionUnit, unitCentimetre),
		tiff.TextField(tiff.Software, software),
	)
	if plane.DType() == Float32 {
		fields = append(fields, tiff.ShortField(tiff.SampleFormat, tiff.FormatFloat))
	}
	var strip bytes.Buffer
	w.packed.Reset(&strip)
	if _, err := plane.WriteTo(w.packed); err != nil {
		return err
	}
	if err := w.packed.Close(); err != nil {
		return err
	}
	return w.tiff.WritePage(fields, strip.Bytes())
}

// descriptionRoom is the space that the format's own tools leave behind the
// description.
const descriptionRoom = 16

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

// Write writes a whole image: it sorts the channels into page order and closes
// the Writer. Plane i belongs to channel i.
func Write(w io.Writer, meta mibi.Metadata, channels []mibi.Channel, planes []Plane, opts ...WriterOption) error {
	if len(channels) != len(planes) {
		return fmt.Errorf("%d channels with %d planes", len(channels), len(planes))
	}
	if err := mibi.CheckUnique(channels); err != nil {
		return err
	}
	out, err := NewWriter(w, meta, opts...)
	if err != nil {
		return err
	}
	order := make([]int, len(channels))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(mibi.CompareChannels(channels[a], channels[b]), 0)
	})
	for _, i := range order {
		if err := out.WriteChannel(channels[i], planes[i]); err != nil {
			return err
		}
	}
	return out.Close()
}
