package mibitiff

import (
	"github.com/openmibi/openmibi/internal/pixels"
	"github.com/openmibi/openmibi/mibi"
)

// WithStrips puts other streams in the place of the compressed samples.
func WithStrips(pack func(raw []byte) ([]byte, error)) WriterOption {
	return func(o *writerOptions) { o.pack = pack }
}

// AsksForBigTIFF tells whether an image of this many channels, with a SED of
// uint8 and an optical image of these sizes unless they are zero, is written as
// a BigTIFF.
func AsksForBigTIFF(width, height, channels int, dtype DType, sed, optical [2]int) bool {
	var m pageMaker
	if sed[0] > 0 {
		plane, err := pixels.New(sed[0], sed[1], Uint8)
		if err != nil {
			return false
		}
		m.options.sed = &plane
	}
	if optical[0] > 0 {
		m.options.optical = &RGB{Width: optical[0], Height: optical[1]}
	}
	return m.mayPassClassic(madePage{like: channelKind{dtype: dtype, width: width, height: height}}, make([]mibi.Channel, channels))
}
