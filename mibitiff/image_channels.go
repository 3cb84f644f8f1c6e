package mibitiff

import (
	"fmt"
	"slices"

	"github.com/openmibi/openmibi/mibi"
)

// Index returns the position of the channel that a label names, counted from 0:
// its target, its target and mass as a page is named ("CD45 (147)"), or its
// mass as text. A target goes before a mass. The error wraps [ErrNoChannel] and
// names the channels that there are, those like the label first.
func (im *Image) Index(label string) (int, error) { return im.names().index(label) }

// IndexOf returns the position of a channel, counted from 0: mass and target
// must both be its own. The error wraps [ErrNoChannel].
func (im *Image) IndexOf(channel mibi.Channel) (int, error) {
	if i := slices.Index(im.channels, channel); i >= 0 {
		return i, nil
	}
	names := im.names()
	return -1, names.none(names.label(channel))
}

// IndexByMass returns the position of the channel of a mass in Da, counted from
// 0. The error wraps [ErrNoChannel], also where the channels have targets only.
func (im *Image) IndexByMass(mass int) (int, error) { return im.names().indexByMass(mass) }

// names returns the names that the image's channels have.
func (im *Image) names() channelNames { return channelNames{im.channels, im.targetsOnly} }

// name is a channel as a message of this image has it.
func (im *Image) name(i int) string { return im.names().shown(i) }

// Plane returns the plane of the channel that a label names, see [Image.Index].
// Its samples are the image's own. The error wraps [ErrNoChannel].
func (im *Image) Plane(label string) (Plane, error) {
	i, err := im.Index(label)
	if err != nil {
		return Plane{}, err
	}
	return im.planes[i], nil
}

// PlaneAt returns the plane at a position, counted from 0. Its samples are the
// image's own. The error for a position that there is not wraps [ErrNoChannel].
func (im *Image) PlaneAt(i int) (Plane, error) {
	if err := im.checkPosition(i); err != nil {
		return Plane{}, err
	}
	return im.planes[i], nil
}

func (im *Image) checkPosition(i int) error {
	if i < 0 || i >= len(im.planes) {
		return fmt.Errorf("%w: position %d of an image of %d channels", ErrNoChannel, i, len(im.planes))
	}
	return nil
}

// indexes returns the positions of channels by their labels.
func (im *Image) indexes(labels []string) ([]int, error) {
	positions := make([]int, len(labels))
	for i, label := range labels {
		var err error
		if positions[i], err = im.Index(label); err != nil {
			return nil, err
		}
	}
	return positions, nil
}
