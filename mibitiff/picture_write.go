package mibitiff

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zlib"

	"github.com/openmibi/openmibi/internal/tiff"
)

// WritePicture writes a plane as a plain TIFF of one grayscale page, what
// segmentation programs read and [ReadPicture] reads back: samples keep their
// type and value, uint8, uint16 or float32, and the same plane gives the same
// bytes. It holds the compressed page in memory.
//
// An empty plane is refused, and so is a level of compression that is none. A
// page that a TIFF cannot hold is an [*UnsupportedError]. Errors of w are
// returned as they are.
func WritePicture(w io.Writer, plane Plane, opts ...WriterOption) error {
	options := writerOptions{level: formatLevel}
	for _, opt := range opts {
		opt(&options)
	}
	switch {
	case plane.Len() == 0:
		return errors.New("writing a picture: the plane is empty")
	case options.level < 1 || options.level > formatLevel:
		return fmt.Errorf("writing a picture: compression level %d is not from 1 to %d", options.level, formatLevel)
	}
	var strip bytes.Buffer
	packed, err := zlib.NewWriterLevel(&strip, options.level)
	if err != nil {
		return err
	}
	if _, err := plane.WriteTo(packed); err != nil {
		return err
	}
	if err := packed.Close(); err != nil {
		return err
	}
	format := uint16(tiff.FormatUint)
	if plane.DType() == Float32 {
		format = tiff.FormatFloat
	}
	fields := []tiff.Field{
		tiff.LongField(tiff.ImageWidth, uint32(plane.Width())),
		tiff.LongField(tiff.ImageLength, uint32(plane.Height())),
		tiff.ShortField(tiff.BitsPerSample, uint16(8*plane.DType().Size())),
		tiff.ShortField(tiff.Compression, tiff.CompressionDeflate),
		tiff.ShortField(tiff.PhotometricInterpretation, 1),
		tiff.ShortField(tiff.SamplesPerPixel, 1),
		tiff.LongField(tiff.RowsPerStrip, uint32(plane.Height())),
		tiff.ShortField(tiff.SampleFormat, format),
	}
	if !options.date.IsZero() {
		fields = append(fields, tiff.TextField(tiff.DateTime, options.date.Format(dateLayout)))
	}
	out := tiff.NewWriter(w)
	if err := out.WritePage(fields, strip.Bytes()); err != nil {
		return err
	}
	return out.Close()
}
