package mibitiff

import "github.com/openmibi/openmibi/mibi"

// OMEIsBig tells whether an image of channels of one kind becomes a BigTIFF.
func OMEIsBig(width, height int, dtype DType, channels int) bool {
	o := omeWriter{options: &writerOptions{}, channels: make([]mibi.Channel, channels),
		first: omeKind{width: width, height: height, dtype: dtype, tileWidth: omeTile, tileHeight: omeTile}}
	return o.isBig()
}
