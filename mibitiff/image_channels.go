package mibitiff

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/openmibi/openmibi/mibi"
)

// Index returns the position of the channel that a label names, counted from 0:
// its target, its target and mass as a page is named ("CD45 (147)"), or its
// mass as text. A target goes before a mass. The error wraps [ErrNoChannel] and
// names the channels that there are, those like the label first.
func (im *Image) Index(label string) (int, error) {
	byTarget := func(c mibi.Channel) bool { return c.Label() == label }
	if i := slices.IndexFunc(im.channels, byTarget); i >= 0 {
		return i, nil
	}
	if im.targetsOnly {
		return -1, im.noChannel(label)
	}
	byName := func(c mibi.Channel) bool { return c.PageName() == label }
	if i := slices.IndexFunc(im.channels, byName); i >= 0 {
		return i, nil
	}
	if mass, err := strconv.Atoi(strings.TrimSpace(label)); err == nil {
		if i := im.indexByMass(mass); i >= 0 {
			return i, nil
		}
	}
	return -1, im.noChannel(label)
}

// IndexOf returns the position of a channel, counted from 0: mass and target
// must both be its own. The error wraps [ErrNoChannel].
func (im *Image) IndexOf(channel mibi.Channel) (int, error) {
	if i := slices.Index(im.channels, channel); i >= 0 {
		return i, nil
	}
	return -1, im.noChannel(im.label(channel))
}

// IndexByMass returns the position of the channel of a mass in Da, counted from
// 0. The error wraps [ErrNoChannel], also where the channels have targets only.
func (im *Image) IndexByMass(mass int) (int, error) {
	if im.targetsOnly {
		return -1, fmt.Errorf("%w: mass %d; the image's channels have targets only: %s", ErrNoChannel, mass, im.channelList())
	}
	if i := im.indexByMass(mass); i >= 0 {
		return i, nil
	}
	return -1, fmt.Errorf("%w: mass %d; the image has %s", ErrNoChannel, mass, im.channelList())
}

func (im *Image) indexByMass(mass int) int {
	return slices.IndexFunc(im.channels, func(c mibi.Channel) bool { return c.Mass == mass })
}

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

// noChannel is the error for a label that names none of the channels.
func (im *Image) noChannel(label string) error {
	if near := im.like(label); len(near) > 0 {
		return fmt.Errorf("%w: %s; did you mean %s? The image has %s",
			ErrNoChannel, shown(label), strings.Join(near, " or "), im.channelList())
	}
	return fmt.Errorf("%w: %s; the image has %s", ErrNoChannel, shown(label), im.channelList())
}

// channelList names the channels, as many as a message can hold.
func (im *Image) channelList() string {
	most := min(len(im.channels), maxListed)
	names := make([]string, most)
	for i := range names {
		names[i] = im.name(i)
	}
	list := strings.Join(names, ", ")
	if more := len(im.channels) - most; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}

// like returns the names of up to three channels that a label may have meant:
// those whose target differs in case and spaces alone, else those with at most
// two characters wrong and at least half of them right.
func (im *Image) like(label string) []string {
	const most, wrong, longest = 3, 2, 64
	if named, ok := mibi.ParsePageName(label); ok {
		label = named.Target
	}
	plain := func(s string) []rune { return []rune(strings.ToLower(strings.Join(strings.Fields(s), ""))) }
	asked := plain(label[:min(len(label), 4*longest)])
	if len(asked) == 0 || len(asked) > longest {
		return nil
	}
	byDistance := make([][]string, wrong+1)
	for i, c := range im.channels {
		target := c.Label()
		distance := editDistance(asked, plain(target[:min(len(target), 4*longest)]), min(wrong, len(asked)/2))
		if distance >= 0 {
			byDistance[distance] = append(byDistance[distance], im.name(i))
		}
	}
	for _, names := range byDistance {
		if len(names) > 0 {
			return names[:min(len(names), most)]
		}
	}
	return nil
}

// editDistance returns how many characters have to be put in, taken out or
// replaced to make a into b, or -1 if that is more than most.
func editDistance(a, b []rune, most int) int {
	if d := len(a) - len(b); d > most || -d > most {
		return -1
	}
	costs := make([]int, len(b)+1)
	for j := range costs {
		costs[j] = j
	}
	for i := range a {
		diagonal := costs[0]
		costs[0] = i + 1
		for j := range b {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = costs[j+1]
			costs[j+1] = min(replace, costs[j]+1, diagonal+1)
		}
	}
	if costs[len(b)] > most {
		return -1
	}
	return costs[len(b)]
}
