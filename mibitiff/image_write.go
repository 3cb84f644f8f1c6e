package mibitiff

import (
	"context"
	"fmt"
	"io"
)

// WriteImage writes an image as a MIBItiff, see [Write]. An image whose
// channels have targets only is refused with an error that wraps [ErrNoMass].
func WriteImage(ctx context.Context, w io.Writer, im *Image, opts ...WriterOption) error {
	if im.targetsOnly {
		return fmt.Errorf("writing an image of the channels %s: %w", im.channelList(), ErrNoMass)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return Write(w, im.meta, im.channels, im.planes, opts...)
}
