package cli

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/openmibi/openmibi/mibi"
)

// assign gives each picture its channel, and sorts them as a MIBItiff does.
// Those that compare equal keep the order of the list of channels.
func (o *tiffJoin) assign(folder *joinFolder) error {
	if o.panel != "" {
		text, err := readNamed(o.panel)
		if err != nil {
			return err
		}
		panel, err := mibi.ReadPanel(bytes.NewReader(text))
		if err != nil {
			return fmt.Errorf("%s: %w", o.panel, err)
		}
		o.masses, o.massesFrom = panel.Channels(), o.panel
	}
	known := newJoinNames(o.masses)
	places := make(map[*joinPicture]int, len(folder.pictures))
	var failed []error
	var bare []string
	for _, p := range folder.pictures {
		places[p] = len(o.masses)
		switch {
		case p.page >= 0:
			places[p] = max(0, slices.Index(o.masses, p.channel))
		case len(o.masses) == 0:
			bare = append(bare, p.path)
		default:
			i, err := known.find(p.stem)
			if err != nil {
				failed = append(failed, fmt.Errorf("%s: %s %w", p.path, o.massesFrom, err))
				continue
			}
			p.channel, places[p] = o.masses[i], i
		}
	}
	if len(bare) > 0 {
		failed = append(failed, fmt.Errorf("nothing says the masses of %s: give --panel PANEL.csv, or channels in the file of --metadata", list(bare)))
	}
	if err := errors.Join(failed...); err != nil {
		return err
	}
	if err := oneEach(folder.pictures); err != nil {
		return err
	}
	o.channels = folder.pictures
	slices.SortStableFunc(o.channels, func(a, b *joinPicture) int { return places[a] - places[b] })
	slices.SortStableFunc(o.channels, func(a, b *joinPicture) int { return mibi.CompareChannels(a.channel, b.channel) })
	for _, c := range o.masses {
		if !slices.ContainsFunc(o.channels, func(p *joinPicture) bool { return p.channel == c }) {
			o.unused = append(o.unused, c)
		}
	}
	return nil
}

// oneEach refuses two pictures of one mass or one target.
func oneEach(pictures []*joinPicture) error {
	masses, labels := map[int]*joinPicture{}, map[string]*joinPicture{}
	var failed []error
	for _, p := range pictures {
		other := masses[p.channel.Mass]
		if other == nil {
			other = labels[p.channel.Label()]
		}
		if other != nil {
			failed = append(failed, fmt.Errorf("%s is channel %s, and %s is channel %s: %w",
				p.path, printable(p.channel.String()), other.path, printable(other.channel.String()), mibi.ErrDuplicateChannel))
			continue
		}
		masses[p.channel.Mass], labels[p.channel.Label()] = p, p
	}
	return errors.Join(failed...)
}

// joinNames finds channels by the names of files.
type joinNames struct {
	labels []string
	// What files of these channels are called, in the order in which it counts.
	forms [][]string
}

func newJoinNames(channels []mibi.Channel) joinNames {
	var n joinNames
	plain := strings.NewReplacer("/", "-", `\`, "-")
	var dashed []string
	for _, c := range channels {
		n.labels = append(n.labels, c.Label())
		dashed = append(dashed, plain.Replace(c.Label()))
	}
	// As extract names them; as they are; as the field's Python tools do.
	n.forms = [][]string{mibi.FileNames(n.labels), n.labels, dashed}
	return n
}

// find gives the place of the channel that a file without its extension is
// named after. What matches to the letter goes before what differs in case.
func (n joinNames) find(stem string) (int, error) {
	names := []string{stem}
	if name, err := mibi.ChannelName(stem); err == nil && name != stem {
		names = append(names, name)
	}
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		for _, form := range n.forms {
			for _, name := range names {
				found, err := n.among(form, func(label string) bool { return same(label, name) })
				if err != nil || found >= 0 {
					return found, err
				}
			}
		}
	}
	meant := names[len(names)-1]
	return 0, fmt.Errorf("has no channel %q%s", meant, proposal(meant, n.labels, strconv.Quote))
}

// among finds the one name that is meant, -1 where there is none.
func (n joinNames) among(form []string, is func(string) bool) (int, error) {
	found := -1
	for i, label := range form {
		switch {
		case !is(label):
		case found >= 0 && n.labels[found] != n.labels[i]:
			return 0, fmt.Errorf("has the channels %q and %q, and the file's name may stand for either", n.labels[found], n.labels[i])
		case found < 0:
			found = i
		}
	}
	return found, nil
}
