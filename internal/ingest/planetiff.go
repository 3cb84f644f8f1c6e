package ingest

import (
	"bytes"

	"github.com/klauspost/compress/zlib"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibitiff"
)

// writeTIFF writes a plane as a TIFF of one page and one strip, in the plane's
// own type: the form in which a channel travels that no PNG can hold.
func writeTIFF(b *bytes.Buffer, plane mibitiff.Plane) error {
	var strip bytes.Buffer
	z, err := zlib.NewWriterLevel(&strip, zlib.BestSpeed)
	if err != nil {
		return err
	}
	if _, err := plane.WriteTo(z); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	format := uint16(tiff.FormatUint)
	if plane.DType() == mibitiff.Float32 {
		format = tiff.FormatFloat
	}
	w := tiff.NewWriter(b)
	err = w.WritePage([]tiff.Field{
		tiff.LongField(tiff.ImageWidth, uint32(plane.Width())),
		tiff.LongField(tiff.ImageLength, uint32(plane.Height())),
		tiff.ShortField(tiff.BitsPerSample, uint16(8*plane.DType().Size())),
		tiff.ShortField(tiff.Compression, tiff.CompressionDeflate),
		tiff.ShortField(tiff.PhotometricInterpretation, 1),
		tiff.ShortField(tiff.SamplesPerPixel, 1),
		tiff.LongField(tiff.RowsPerStrip, uint32(plane.Height())),
		tiff.ShortField(tiff.SampleFormat, format),
	}, strip.Bytes())
	if err != nil {
		return err
	}
	return w.Close()
}
