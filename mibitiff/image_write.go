package mibitiff

import (
	"context"
	"fmt"
	"io"
)

// WriteImage writes an image as a MIBItiff: [WriteFrom] with the planes of the
// image, and with its errors. An image whose channels have targets only is
// refused with an error that wraps [ErrNoMass].
func WriteImage(ctx context.Context, w io.Writer, im *Image, opts ...WriterOption) error {
	if im.targetsOnly {
		return fmt.Errorf("writing an image of the channels %s: %w", im.names(), ErrNoMass)
	}
	return WriteFrom(ctx, w, im.meta, im.channels, Planes(im.planes), opts...)
}
