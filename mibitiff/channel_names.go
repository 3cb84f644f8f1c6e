package mibitiff

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/openmibi/openmibi/mibi"
)

// channelNames are the channels of a file or an image, by the names that people
// give them.
type channelNames struct {
	channels    []mibi.Channel
	targetsOnly bool // none has a mass
}

// index returns the position of the channel that a label names.
func (n channelNames) index(label string) (int, error) {
	byTarget := func(c mibi.Channel) bool { return c.Label() == label }
	if i := slices.IndexFunc(n.channels, byTarget); i >= 0 {
		return i, nil
	}
	if n.targetsOnly {
		return -1, n.none(label)
	}
	byName := func(c mibi.Channel) bool { return c.PageName() == label }
	if i := slices.IndexFunc(n.channels, byName); i >= 0 {
		return i, nil
	}
	if mass, err := strconv.Atoi(strings.TrimSpace(label)); err == nil {
		if i, err := n.indexByMass(mass); err == nil {
			return i, nil
		}
	}
	return -1, n.none(label)
}

// indexByMass returns the position of the channel of a mass in Da.
func (n channelNames) indexByMass(mass int) (int, error) {
	if n.targetsOnly {
		return -1, fmt.Errorf("%w: mass %d; the image's channels have targets only: %s", ErrNoChannel, mass, n)
	}
	if i := slices.IndexFunc(n.channels, func(c mibi.Channel) bool { return c.Mass == mass }); i >= 0 {
		return i, nil
	}
	return -1, fmt.Errorf("%w: mass %d; the image has %s", ErrNoChannel, mass, n)
}

// label is the whole name of a channel: without a mass there is only the target.
func (n channelNames) label(c mibi.Channel) string {
	if n.targetsOnly {
		return c.Target
	}
	return c.String()
}

// shown is the name of a channel as a message may print it.
func (n channelNames) shown(i int) string { return shown(n.label(n.channels[i])) }

// none is the error for a label that names none of the channels.
func (n channelNames) none(label string) error {
	if near := n.like(label); len(near) > 0 {
		return fmt.Errorf("%w: %s; did you mean %s? The image has %s",
			ErrNoChannel, shown(label), strings.Join(near, " or "), n)
	}
	return fmt.Errorf("%w: %s; the image has %s", ErrNoChannel, shown(label), n)
}

// maxListed is how many channels an error lists: more than real images have.
const maxListed = 100

// String lists the channels, as many as a message can hold.
func (n channelNames) String() string {
	most := min(len(n.channels), maxListed)
	names := make([]string, most)
	for i := range names {
		names[i] = n.shown(i)
	}
	list := strings.Join(names, ", ")
	if more := len(n.channels) - most; more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}

// like returns the names of up to three channels that a label may have meant:
// those whose target differs in case and spaces alone, else those with at most
// two characters wrong and at least half of them right.
func (n channelNames) like(label string) []string {
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
	for i, c := range n.channels {
		target := c.Label()
		distance := editDistance(asked, plain(target[:min(len(target), 4*longest)]), min(wrong, len(asked)/2))
		if distance >= 0 {
			byDistance[distance] = append(byDistance[distance], n.shown(i))
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
