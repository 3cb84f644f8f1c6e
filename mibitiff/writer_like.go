package mibitiff

import (
	"fmt"

	"github.com/openmibi/openmibi/mibi"
)

// channelKind is what the page of a channel is.
type channelKind struct {
	channel       mibi.Channel
	source, dtype DType // before and after it was converted
	width, height int
}

// likeness sees to it that the channels of an image are like the first one.
type likeness struct{ first *channelKind }

// admit refuses a channel of another type or size.
func (l *likeness) admit(page madePage) error {
	if l.first == nil {
		l.first = &page.like
		return nil
	}
	got, first := page.like, l.first
	switch {
	case got.width != first.width || got.height != first.height:
		return channelError(got.channel, fmt.Errorf("%d×%d pixels, but channel %s has %d×%d: %w",
			got.width, got.height, shown(first.channel.String()), first.width, first.height, ErrShape))
	case got.dtype != first.dtype:
		return channelError(got.channel, fmt.Errorf("samples of %s, but channel %s has %s: an image's channels are whole numbers or real ones, unless a type is chosen for all: %w",
			got.source, shown(first.channel.String()), first.source, ErrShape))
	}
	return nil
}
