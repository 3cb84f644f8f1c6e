package cli

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
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
			if err != nil && o.isSED(p) {
				o.sed = p.path
				continue
			}
			if err != nil {
				failed = append(failed, fmt.Errorf("%s: %s %w", p.path, o.massesFrom, err))
				continue
			}
			p.channel, places[p] = o.masses[i], i
		}
	}
	if len(bare) > 0 {
		failed = append(failed, fmt.Errorf("nothing says the masses of %s: give --panel PANEL.csv, or channels in the file of --metadata", listed(bare)))
	}
	if err := errors.Join(failed...); err != nil {
		return err
	}
	folder.pictures = slices.DeleteFunc(folder.pictures, func(p *joinPicture) bool { return p.page < 0 && p.path == o.sed })
	if err := oneEach(folder.pictures); err != nil {
		return err
	}
	o.channels = folder.pictures
	if len(o.channels) == 0 {
		return fmt.Errorf("%s holds no channels to join", folder.dir)
	}
	slices.SortStableFunc(o.channels, func(a, b *joinPicture) int { return places[a] - places[b] })
	slices.SortStableFunc(o.channels, func(a, b *joinPicture) int { return mibi.CompareChannels(a.channel, b.channel) })
	for _, c := range o.masses {
		if !slices.ContainsFunc(o.channels, func(p *joinPicture) bool { return p.channel == c }) {
			o.unused = append(o.unused, c)
		}
	}
	return nil
}

// isSED tells whether a picture that is no channel is the page of the electron
// detector, as extract names it.
func (o *tiffJoin) isSED(p *joinPicture) bool {
	return p.stem == string(mibitiff.SED) && o.sed == ""
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
	// What people call the channels, what extract calls their files, and what
	// the field's Python tools do.
	labels, files, dashed []string
}

func newJoinNames(channels []mibi.Channel) joinNames {
	var n joinNames
	plain := strings.NewReplacer("/", "-", `\`, "-")
	for _, c := range channels {
		n.labels = append(n.labels, c.Label())
		n.dashed = append(n.dashed, plain.Replace(c.Label()))
	}
	n.files = mibi.FileNames(n.labels)
	return n
}

// find gives the place of the channel that a file without its extension is
// named after. What matches to the letter goes before what differs in case.
func (n joinNames) find(stem string) (int, error) {
	meant, err := mibi.ChannelName(stem)
	if err != nil {
		meant = stem
	}
	for _, try := range []struct {
		form []string
		name string
	}{{n.files, stem}, {n.labels, meant}, {n.labels, stem}, {n.dashed, stem}} {
		if found, err := n.among([][]string{try.form}, func(name string) bool { return name == try.name }); err != nil || found >= 0 {
			return found, err
		}
	}
	found, err := n.among([][]string{n.labels, n.files, n.dashed}, func(name string) bool {
		return strings.EqualFold(name, meant) || strings.EqualFold(name, stem)
	})
	if err != nil || found >= 0 {
		return found, err
	}
	return 0, fmt.Errorf("has no channel %q%s", meant, proposal(meant, n.labels, strconv.Quote))
}

// among finds the one channel that is meant in any of the forms, -1 where there
// is none.
func (n joinNames) among(forms [][]string, is func(string) bool) (int, error) {
	found := -1
	for _, form := range forms {
		for i, label := range form {
			switch {
			case !is(label):
			case found >= 0 && n.labels[found] != n.labels[i]:
				return 0, fmt.Errorf("has the channels %q and %q, and the file's name may stand for either", n.labels[found], n.labels[i])
			case found < 0:
				found = i
			}
		}
	}
	return found, nil
}
