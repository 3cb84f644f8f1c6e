package mibitiff

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
)

// software is tag 305 of what is written: the version of the format.
const software = softwarePrefix + "v1.0"

// descriptionRoom is the space that the format's own tools leave behind the
// description.
const descriptionRoom = 16

// pageMaker makes the pages of one image. Several goroutines may use it at
// once, each with a packer of its own.
type pageMaker struct {
	options writerOptions
	meta    mibi.Metadata
	size    float64 // µm
	x, y    fraction
	upper   bool // the stage is above its zero
}

// madePage is a page that is ready to be written.
type madePage struct {
	fields []tiff.Field
	strip  []byte
	like   channelKind
}

func newPageMaker(meta mibi.Metadata, opts []WriterOption) (*pageMaker, error) {
	options, err := newWriterOptions(opts)
	if err != nil {
		return nil, err
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
	if err := checkDescription(meta); err != nil {
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
	m := &pageMaker{options: options, meta: meta, size: size, upper: y > 0}
	if m.x, err = positionFraction(x); err == nil {
		m.y, err = positionFraction(y)
	}
	if err != nil {
		return nil, fmt.Errorf("coordinates %s: %w", meta.Coordinates.JSON(), err)
	}
	return m, nil
}

// agree makes the metadata what every reader of the format accepts.
func agree(meta *mibi.Metadata) error {
	first, _, _ := strings.Cut(meta.Folder.String(), "/")
	if first != meta.FOVID.String() {
		return fmt.Errorf("folder %s, fov_id %s: %w", shown(meta.Folder.String()), shown(meta.FOVID.String()), ErrFolder)
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

// checkDescription refuses metadata that no reader here takes: too deep, or of
// too many keys.
func checkDescription(meta mibi.Metadata) error {
	if err := checkDate(meta.Date); err != nil {
		return err
	}
	text := mibi.Description{Metadata: meta, ImageType: string(SIMS)}.AppendJSON(nil)
	if len(text) > maxDescription {
		return errLongDescription
	}
	if _, err := mibi.ParseDescription(text); err != nil {
		return fmt.Errorf("the metadata cannot be read again: %w", err)
	}
	return nil
}

var errLongDescription = fmt.Errorf("a description of more than %d bytes, which is not read", maxDescription)

// channelError says with which channel something is wrong.
func channelError(channel mibi.Channel, err error) error {
	return fmt.Errorf("writing channel %s: %w", shown(channel.String()), err)
}

// checkChannel refuses names that no page can hold.
func checkChannel(channel mibi.Channel) error {
	if strings.ContainsRune(channel.Target, 0) || !utf8.ValidString(channel.Target) {
		return errors.New("the target is not UTF-8 text or holds a NUL")
	}
	return nil
}

// fromSource makes the page of channel i of an image.
func (m *pageMaker) fromSource(ctx context.Context, p *packer, channel mibi.Channel, source Source, i int) (madePage, error) {
	plane, err := source(ctx, i)
	if err != nil {
		return madePage{}, channelError(channel, err)
	}
	return m.channel(p, channel, plane, nil)
}

// channel makes the page of a channel.
func (m *pageMaker) channel(p *packer, channel mibi.Channel, plane Plane, given *Range) (madePage, error) {
	page, err := m.bareChannel(p, channel, plane, given)
	if err != nil {
		return madePage{}, channelError(channel, err)
	}
	return page, nil
}

func (m *pageMaker) bareChannel(p *packer, channel mibi.Channel, plane Plane, given *Range) (madePage, error) {
	if err := checkChannel(channel); err != nil {
		return madePage{}, err
	}
	if plane.Len() == 0 {
		return madePage{}, errEmpty
	}
	source := plane.DType()
	plane, err := plane.Convert(m.channelType(source))
	if err != nil {
		return madePage{}, err
	}
	shown := Range{Max: largest(plane)}
	if named, ok := m.options.ranges[channel]; ok && given == nil {
		given = &named
	}
	if given != nil {
		shown = *given
		if err := shown.check(plane.DType()); err != nil {
			return madePage{}, err
		}
	}
	fields := []tiff.Field{tiff.TextField(tiff.DateTime, m.meta.Date.Format(dateLayout))}
	if plane.DType() == Float32 {
		fields = append(fields, tiff.DoubleField(tiff.SMinSampleValue, shown.Min), tiff.DoubleField(tiff.SMaxSampleValue, shown.Max))
	} else {
		fields = append(fields, tiff.LongField(tiff.SMinSampleValue, uint32(shown.Min)), tiff.LongField(tiff.SMaxSampleValue, uint32(shown.Max)))
	}
	description := mibi.Description{
		Metadata: m.meta, ImageType: string(SIMS),
		Mass: mibi.Int(int64(channel.Mass)), Target: mibi.Text(channel.Label()),
	}
	page, err := m.gray(p, description, channel.PageName(), plane, fields)
	page.like = channelKind{channel, source, plane.DType(), plane.Width(), plane.Height()}
	return page, err
}

// channelType returns the type that samples of a channel are written as.
func (m *pageMaker) channelType(source DType) DType {
	switch {
	case m.options.dtype != 0:
		return m.options.dtype
	case source.Float():
		return Float32
	}
	return Uint16
}

// sed makes the page of the secondary electron detector.
func (m *pageMaker) sed(p *packer, plane Plane) (madePage, error) {
	if plane.Len() == 0 {
		return madePage{}, errEmpty
	}
	return m.gray(p, mibi.Description{ImageType: string(SED)}, string(SED), plane, nil)
}

// sampleFormat returns the value of the tag SampleFormat.
func sampleFormat(dtype DType) uint16 {
	switch {
	case dtype.Float():
		return tiff.FormatFloat
	case dtype.Signed():
		return tiff.FormatInt
	}
	return tiff.FormatUint
}

// gray makes a page of one plane with what channels and SED have in common.
func (m *pageMaker) gray(p *packer, d mibi.Description, name string, plane Plane, fields []tiff.Field) (madePage, error) {
	width, height := plane.Width(), plane.Height()
	if err := checkSize(width, height); err != nil {
		return madePage{}, err
	}
	// Rows decide the resolution along x and columns that along y, as in the
	// format's own tools.
	resolutionX, err := resolutionFraction(float64(height) * micronsPerCM / m.size)
	if err != nil {
		return madePage{}, err
	}
	resolutionY, err := resolutionFraction(float64(width) * micronsPerCM / m.size)
	if err != nil {
		return madePage{}, err
	}
	fields = append(fields,
		tiff.ShortField(tiff.BitsPerSample, uint16(8*plane.DType().Size())),
		tiff.ShortField(tiff.PhotometricInterpretation, 1),
		tiff.ShortField(tiff.SamplesPerPixel, 1),
		tiff.RationalField(tiff.XResolution, uint32(resolutionX.numerator), uint32(resolutionX.denominator)),
		tiff.RationalField(tiff.YResolution, uint32(resolutionY.numerator), uint32(resolutionY.denominator)),
		tiff.TextField(tiff.PageName, name),
		tiff.SRationalField(tiff.XPosition, int32(m.x.numerator), int32(m.x.denominator)),
		tiff.SRationalField(tiff.YPosition, int32(m.y.numerator), int32(m.y.denominator)),
		tiff.ShortField(tiff.ResolutionUnit, unitCentimetre),
	)
	if format := sampleFormat(plane.DType()); format != tiff.FormatUint {
		fields = append(fields, tiff.ShortField(tiff.SampleFormat, format))
	}
	strip, err := p.plane(plane)
	if err != nil {
		return madePage{}, err
	}
	d.Shape = []int{height, width}
	return m.page(d, strip, fields...)
}

// checkSize refuses a size that the tags cannot hold.
func checkSize(width, height int) error {
	if uint64(max(width, height)) > math.MaxUint32 {
		return fmt.Errorf("%d×%d pixels: a TIFF holds 32 bits of each: %w", width, height, errors.ErrUnsupported)
	}
	return nil
}

// page adds the fields that all pages have. The description's shape begins with
// rows and columns.
func (m *pageMaker) page(d mibi.Description, strip []byte, fields ...tiff.Field) (madePage, error) {
	height, width := d.Shape[0], d.Shape[1]
	text := tiff.TextField(tiff.ImageDescription, string(d.AppendJSON(nil)))
	if len(text.Data) > maxDescription {
		return madePage{}, errLongDescription
	}
	text.Room = descriptionRoom
	return madePage{strip: strip, fields: append(fields,
		tiff.LongField(tiff.ImageWidth, uint32(width)),
		tiff.LongField(tiff.ImageLength, uint32(height)),
		tiff.ShortField(tiff.Compression, tiff.CompressionDeflate),
		text,
		tiff.LongField(tiff.RowsPerStrip, uint32(height)),
		tiff.TextField(tiff.Software, software),
	)}, nil
}
