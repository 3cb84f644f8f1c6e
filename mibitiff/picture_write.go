package mibitiff

import (
	"fmt"
	"io"

	"github.com/openmibi/openmibi/internal/tiff"
)

// WritePicture writes a plane as a plain TIFF of one grayscale page, what
// segmentation programs read and [ReadPicture] reads back: samples keep their
// type and value, uint8, uint16 or float32, and the same plane gives the same
// bytes. It holds the compressed page in memory.
//
// An empty plane is refused with an error that wraps [ErrShape], and so is a level
// of compression that is none. A page that a TIFF cannot hold is an [*UnsupportedError]. Errors of w are
// returned as they are.
func WritePicture(w io.Writer, plane Plane, opts ...WriterOption) error {
	options, err := newWriterOptions(opts)
	if err == nil && plane.Len() == 0 {
		err = errEmpty
	}
	if err != nil {
		return fmt.Errorf("writing a picture: %w", err)
	}
	p := packer{options: &options}
	strip, err := p.plane(plane)
	if err != nil {
		return err
	}
	fields := []tiff.Field{
		tiff.LongField(tiff.ImageWidth, uint32(plane.Width())),
		tiff.LongField(tiff.ImageLength, uint32(plane.Height())),
		tiff.ShortField(tiff.BitsPerSample, uint16(8*plane.DType().Size())),
		tiff.ShortField(tiff.Compression, tiff.CompressionDeflate),
		tiff.ShortField(tiff.PhotometricInterpretation, 1),
		tiff.ShortField(tiff.SamplesPerPixel, 1),
		tiff.LongField(tiff.RowsPerStrip, uint32(plane.Height())),
		tiff.ShortField(tiff.SampleFormat, sampleFormat(plane.DType())),
	}
	if !options.date.IsZero() {
		fields = append(fields, tiff.TextField(tiff.DateTime, options.date.Format(dateLayout)))
	}
	out := tiff.NewWriter(w)
	if err := out.WritePage(fields, strip); err != nil {
		return err
	}
	return out.Close()
}
