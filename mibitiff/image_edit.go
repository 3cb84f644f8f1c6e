package mibitiff

import (
	"fmt"
	"maps"
	"slices"

	"github.com/openmibi/openmibi/mibi"
)

// Slice returns an image of the channels that labels name (see [Image.Index]),
// in the order of the labels, with copies of their samples and of the metadata.
// Errors wrap [ErrNoChannel], or [mibi.ErrDuplicateChannel] where two labels
// name one channel; no label at all is an [ErrShape].
func (im *Image) Slice(labels ...string) (*Image, error) {
	positions, err := im.indexes(labels)
	if err != nil {
		return nil, fmt.Errorf("slicing an image: %w", err)
	}
	return im.SliceAt(positions...)
}

// SliceAt is [Image.Slice] for positions, counted from 0.
func (im *Image) SliceAt(positions ...int) (*Image, error) {
	for _, i := range positions {
		if err := im.checkPosition(i); err != nil {
			return nil, fmt.Errorf("slicing an image: %w", err)
		}
	}
	out := im.view(positions)
	if err := out.check(); err != nil {
		return nil, fmt.Errorf("slicing an image: %w", err)
	}
	out.own()
	return out, nil
}

// Copy returns an image that shares nothing with this one.
func (im *Image) Copy() *Image {
	positions := make([]int, im.Len())
	for i := range positions {
		positions[i] = i
	}
	out := im.view(positions)
	out.own()
	return out
}

// view returns an image of some channels that shares their samples.
func (im *Image) view(positions []int) *Image {
	out := &Image{meta: im.Metadata(), targetsOnly: im.targetsOnly}
	for _, i := range positions {
		out.channels = append(out.channels, im.channels[i])
		out.planes = append(out.planes, im.planes[i])
	}
	return out
}

// own replaces the planes by copies.
func (im *Image) own() {
	for i, p := range im.planes {
		im.planes[i] = p.Clone()
	}
}

// Append adds copies of another image's channels after this one's. The metadata
// stays as it is. A mass or target that this image has is refused with an error
// that wraps [mibi.ErrDuplicateChannel], another size or type of samples with
// one that wraps [ErrShape], and channels with masses to channels without, or
// the other way round, with one that wraps [ErrMixedChannels]. The image stays
// as it was if there is an error.
func (im *Image) Append(other *Image) error {
	if im.targetsOnly != other.targetsOnly {
		return fmt.Errorf("appending channels %s to %s: %w", other.names(), im.names(), ErrMixedChannels)
	}
	if err := im.checkLike(other.planes[0]); err != nil {
		return fmt.Errorf("appending to an image: %w", err)
	}
	channels := slices.Concat(im.channels, other.channels)
	if err := im.checkUnique(channels); err != nil {
		return fmt.Errorf("appending to an image: %w", err)
	}
	planes := other.Copy().planes
	im.channels, im.planes = channels, slices.Concat(im.planes, planes)
	return nil
}

// Remove takes the channels that labels name (see [Image.Index]) out of the
// image. The error wraps [ErrNoChannel]; taking all is refused with one that
// wraps [ErrShape]. The image stays as it was if there is one.
func (im *Image) Remove(labels ...string) error {
	rest, err := im.without(labels)
	if err != nil {
		return fmt.Errorf("removing channels: %w", err)
	}
	im.channels, im.planes = rest.channels, rest.planes
	return nil
}

// Without returns an image that lacks the channels that labels name, with
// copies of the others' samples and of the metadata. Its errors are those of
// [Image.Remove].
func (im *Image) Without(labels ...string) (*Image, error) {
	rest, err := im.without(labels)
	if err != nil {
		return nil, fmt.Errorf("removing channels: %w", err)
	}
	rest.own()
	return rest, nil
}

func (im *Image) without(labels []string) (*Image, error) {
	gone, err := im.indexes(labels)
	if err != nil {
		return nil, err
	}
	var stay []int
	for i := range im.channels {
		if !slices.Contains(gone, i) {
			stay = append(stay, i)
		}
	}
	if len(stay) == 0 {
		return nil, fmt.Errorf("an image needs a channel: %w", ErrShape)
	}
	return im.view(stay), nil
}

// SetChannels replaces the image's channels, one for each plane: the way to give
// masses to planes that had targets only. Errors are those of [NewImage]. The
// image stays as it was if there is one.
func (im *Image) SetChannels(channels []mibi.Channel) error {
	targetsOnly, err := haveTargetsOnly(channels)
	if err != nil {
		return fmt.Errorf("setting an image's channels: %w", err)
	}
	named := &Image{channels: slices.Clone(channels), planes: im.planes, targetsOnly: targetsOnly}
	if err := named.check(); err != nil {
		return fmt.Errorf("setting an image's channels: %w", err)
	}
	im.channels, im.targetsOnly = named.channels, targetsOnly
	return nil
}

// Rename gives channels new targets: each key is a label of a channel (see
// [Image.Index]) and its value the new target. All are renamed at once, so that
// two can change places, or none. Errors wrap [ErrNoChannel], or
// [mibi.ErrDuplicateChannel] where two channels would have one target, or two
// keys name one channel.
func (im *Image) Rename(targets map[string]string) error {
	renamed := slices.Clone(im.channels)
	named := make(map[int]string, len(targets))
	for _, label := range slices.Sorted(maps.Keys(targets)) {
		i, err := im.Index(label)
		if err != nil {
			return fmt.Errorf("renaming channels: %w", err)
		}
		if before, twice := named[i]; twice {
			return fmt.Errorf("renaming channels: %s and %s name one channel: %w", shown(before), shown(label), mibi.ErrDuplicateChannel)
		}
		named[i], renamed[i].Target = label, targets[label]
	}
	if err := im.checkUnique(renamed); err != nil {
		return fmt.Errorf("renaming channels: %w", err)
	}
	im.channels = renamed
	return nil
}
