package mibitracker

import (
	"bytes"
	"context"
	"fmt"

	"github.com/openmibi/openmibi/mibitiff"
)

// maxChannel is how many bytes the pixels of a channel may take, as a file and
// decoded: those of 8192×8192 in 32 bits.
const maxChannel = 256 << 20

// Channel gives one channel's pixels, decoded from the picture that the
// backend makes of it: their values and type are kept, uint8 or uint16 of a
// PNG, uint8, uint16 or float32 of a TIFF. It is of what is viewable, uploaded
// channels as well; Open reads the MIBItiff itself.
//
// An unknown channel is an *UnexpectedAnswerError, which lists the image's
// channels. So is what is no picture; one that has colours, is of another type
// or takes more than 256 MiB is errors.ErrUnsupported, too.
//
//mibi:route GET /images/{id}/channel_url/
func (s *ImagesService) Channel(ctx context.Context, id int64, name string) (mibitiff.Plane, error) {
	raw, err := s.client.held(ctx, maxChannel, func() (*Stream, error) { return s.ChannelPlane(ctx, id, name) })
	if err != nil {
		return mibitiff.Plane{}, fmt.Errorf("fetching channel %q of image %d: %w", name, id, err)
	}
	plane, err := mibitiff.ReadPicture(ctx, bytes.NewReader(raw), int64(len(raw)), mibitiff.WithMaxPageBytes(maxChannel))
	if err != nil {
		return mibitiff.Plane{}, &UnexpectedAnswerError{Reason: fmt.Sprintf("channel %q of image %d cannot be read", name, id), Err: err}
	}
	return plane, nil
}
