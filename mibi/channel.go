// Package mibi has the words of multiplexed ion beam imaging: channels and
// their order, the metadata of an image, apertures, and the run files of the
// instrument. It reads and writes bytes that it is given and does no other I/O.
package mibi

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Channel is one channel of a MIBI image: the mass that was counted and the
// target that the panel says it stands for.
type Channel struct {
	// Mass is the nominal mass in Da.
	Mass int
	// Target is what is bound to that mass, as the panel names it ("CD45").
	// It is empty where a file names none.
	Target string
}

// Label returns the name that a person uses for the channel: its target, or
// the mass as text where the target is missing.
func (c Channel) Label() string {
	if c.Target == "" {
		return strconv.Itoa(c.Mass)
	}
	return c.Target
}

// PageName returns the name of the channel's page in a MIBItiff (tag 285):
// "TARGET (MASS)", for example "CD45 (147)".
func (c Channel) PageName() string {
	return c.Label() + " (" + strconv.Itoa(c.Mass) + ")"
}

// String returns the same text as [Channel.PageName].
func (c Channel) String() string { return c.PageName() }

// ErrDuplicateChannel is what [CheckUnique] finds: two channels of one image
// share a mass or a label.
var ErrDuplicateChannel = errors.New("mass or target is not unique")

// CheckUnique tells whether the channels can stand in one image: the format
// wants every mass and every target once. Its error wraps
// [ErrDuplicateChannel] and names both channels.
func CheckUnique(channels []Channel) error {
	masses := make(map[int]Channel, len(channels))
	labels := make(map[string]Channel, len(channels))
	for _, c := range channels {
		if first, taken := masses[c.Mass]; taken {
			return fmt.Errorf("channels %s and %s have one mass: %w", quoted(first.String()), quoted(c.String()), ErrDuplicateChannel)
		}
		if first, taken := labels[c.Label()]; taken {
			return fmt.Errorf("channels %s and %s have one target: %w", quoted(first.String()), quoted(c.String()), ErrDuplicateChannel)
		}
		masses[c.Mass], labels[c.Label()] = c, c
	}
	return nil
}

// ParsePageName is the reverse of [Channel.PageName], but for space around the
// target, which is lost, and for a target that was missing: it is the mass then.
// It reports false for a text that does not end in a mass in parentheses.
func ParsePageName(name string) (Channel, bool) {
	name = strings.TrimSpace(name)
	open := strings.LastIndexByte(name, '(')
	if open < 0 || !strings.HasSuffix(name, ")") {
		return Channel{}, false
	}
	mass, err := strconv.Atoi(name[open+1 : len(name)-1])
	if err != nil {
		return Channel{}, false
	}
	return Channel{Mass: mass, Target: strings.TrimSpace(name[:open])}, true
}
