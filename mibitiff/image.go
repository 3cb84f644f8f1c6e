package mibitiff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/openmibi/openmibi/mibi"
)

// Image is a MIBI image in memory: planes of one size and type, each with its
// channel, and the metadata of the whole. It is what analysis works on;
// [File.Image] reads one, [WriteImage] writes one.
//
// Its channels either all have a mass, or all have a target only: with a Mass
// of 0 they are told apart by their targets, as masks and computed planes are.
// Images of targets only cannot be written as a MIBItiff.
//
// Images come from [NewImage], [File.Image] and their own methods; the zero Image
// is none. An Image may be read by several goroutines at once, but not while one
// of them changes it or the samples of its planes.
type Image struct {
	meta        mibi.Metadata
	channels    []mibi.Channel
	planes      []Plane
	targetsOnly bool
}

// NewImage returns an image of planes, where plane i belongs to channel i. The
// image shares the planes' samples with the caller, and keeps copies of all
// else.
//
// Of a folder and a fov_id that are not both given, one is filled in from the
// other: the id is the first part of the folder. An aperture is kept as its
// code, see [mibi.ParseAperture].
//
// Errors: planes that do not fit the channels or one another wrap [ErrShape],
// channels, masses or targets that come twice [mibi.ErrDuplicateChannel],
// channels with and without a mass [ErrMixedChannels], one with neither mass nor
// target [ErrNoName], a folder of another field of view [ErrFolder], an
// aperture that is none [mibi.ErrUnknownAperture], a key of the user's that
// comes twice [ErrAttributeExists].
func NewImage(meta mibi.Metadata, channels []mibi.Channel, planes []Plane) (*Image, error) {
	meta, err := checkedMetadata(meta)
	if err != nil {
		return nil, fmt.Errorf("making an image: %w", err)
	}
	im := &Image{meta: meta, channels: slices.Clone(channels), planes: slices.Clone(planes)}
	if im.targetsOnly, err = haveTargetsOnly(channels); err != nil {
		return nil, fmt.Errorf("making an image: %w", err)
	}
	if err := im.check(); err != nil {
		return nil, fmt.Errorf("making an image: %w", err)
	}
	return im, nil
}

// haveTargetsOnly reports whether channels have no mass, which none has or all
// have.
func haveTargetsOnly(channels []mibi.Channel) (bool, error) {
	bare, bareCount := mibi.Channel{}, 0
	for _, c := range channels {
		if c.Mass == 0 {
			bare, bareCount = c, bareCount+1
		}
	}
	if bareCount > 0 && bareCount < len(channels) {
		return false, fmt.Errorf("channel %s has no mass, %d of %d channels have one: %w",
			shown(bare.Target), len(channels)-bareCount, len(channels), ErrMixedChannels)
	}
	return bareCount > 0, nil
}

// check tells whether planes and channels make one image.
func (im *Image) check() error {
	if len(im.planes) != len(im.channels) {
		return fmt.Errorf("%d planes for %d channels: %w", len(im.planes), len(im.channels), ErrShape)
	}
	if len(im.planes) == 0 {
		return fmt.Errorf("an image needs a channel: %w", ErrShape)
	}
	for i, p := range im.planes {
		if p.Len() == 0 {
			return fmt.Errorf("the plane of channel %s is empty: %w", im.name(i), ErrShape)
		}
		if err := im.checkLike(p); err != nil {
			return fmt.Errorf("channel %s: %w", im.name(i), err)
		}
	}
	return im.checkUnique(im.channels)
}

// checkLike tells whether a plane is of the image's size and type.
func (im *Image) checkLike(p Plane) error {
	if p.Width() == im.Width() && p.Height() == im.Height() && p.DType() == im.DType() {
		return nil
	}
	return fmt.Errorf("%s of %d×%d pixels (width×height) in an image of %s of %d×%d: %w",
		p.DType(), p.Width(), p.Height(), im.DType(), im.Width(), im.Height(), ErrShape)
}

// checkUnique tells whether the channels can be those of this image.
func (im *Image) checkUnique(channels []mibi.Channel) error {
	if !im.targetsOnly {
		return mibi.CheckUnique(channels)
	}
	taken := make(map[string]bool, len(channels))
	for _, c := range channels {
		switch {
		case c.Target == "":
			return fmt.Errorf("a channel has neither mass nor target: %w", ErrNoName)
		case taken[c.Target]:
			return fmt.Errorf("two channels have the target %s: %w", shown(c.Target), mibi.ErrDuplicateChannel)
		}
		taken[c.Target] = true
	}
	return nil
}

// Width returns the pixels of a row.
func (im *Image) Width() int { return im.planes[0].Width() }

// Height returns the number of rows.
func (im *Image) Height() int { return im.planes[0].Height() }

// DType returns the type of the samples, which all planes have.
func (im *Image) DType() DType { return im.planes[0].DType() }

// Len returns the number of channels.
func (im *Image) Len() int { return len(im.planes) }

// Channels returns the channels in their order, that of the planes.
func (im *Image) Channels() []mibi.Channel { return slices.Clone(im.channels) }

// Masses returns the masses of the channels in Da, in their order; nil where
// the channels have targets only.
func (im *Image) Masses() []int {
	if im.targetsOnly {
		return nil
	}
	masses := make([]int, len(im.channels))
	for i, c := range im.channels {
		masses[i] = c.Mass
	}
	return masses
}

// Targets returns the targets of the channels in their order, the mass as text
// where a channel has none.
func (im *Image) Targets() []string {
	targets := make([]string, len(im.channels))
	for i, c := range im.channels {
		targets[i] = c.Label()
	}
	return targets
}

// Planes returns the planes in the order of the channels. Their samples are the
// image's own.
func (im *Image) Planes() []Plane { return slices.Clone(im.planes) }

// String describes the image in one line: its size, its channels, and the
// metadata that is given, each value as its JSON.
func (im *Image) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d×%d %s, channels %s", im.Width(), im.Height(), im.DType(), im.names())
	for key, value := range im.meta.All() {
		if !value.IsZero() {
			fmt.Fprintf(&b, ", %s: %s", strings.TrimPrefix(key, "mibi."), value.JSON())
		}
	}
	if !im.meta.Date.IsZero() {
		fmt.Fprintf(&b, ", date: %s", im.meta.Date.Format("2006-01-02T15:04:05"))
	}
	return b.String()
}
