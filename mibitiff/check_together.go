package mibitiff

import (
	"fmt"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
)

// together checks what only all pages tell: that channels are unique, and in
// which order the pages come.
func (c *checker) together() {
	if c.first == nil {
		c.add("no-channel", WholeFile, 0, "")
	}
	masses, targets := map[int]int{}, map[string]int{}
	rank := map[PageType]int{SIMS: 1, SED: 2, Optical: 3, Label: 4}
	seen := map[PageType]*tiff.Page{} // the first of each kind
	last, before := 0, (*checkedPage)(nil)
	var nameless []int
	for i := range c.pages {
		p := &c.pages[i]
		at := rank[p.kind]
		if at == 0 {
			continue
		}
		switch {
		case seen[p.kind] == nil:
			seen[p.kind] = &c.tiff.Pages[i]
		case p.kind != SIMS:
			c.add("second-page", i, tiff.ImageDescription, string(p.kind))
		}
		if at < last {
			c.add("page-order", i, 0, string(p.kind))
		}
		last = max(last, at)
		if p.kind != SIMS {
			continue
		}
		if before != nil && !p.massless && !before.massless && mibi.CompareChannels(before.channel, p.channel) > 0 {
			c.add("page-order", i, 0, shown(p.channel.Label())+" after "+shown(before.channel.Label()))
		}
		before = p
		if p.channel.Target == "" {
			nameless = append(nameless, i)
		}
		c.unique(p, masses, targets)
	}
	if len(nameless) > 1 {
		for _, i := range nameless {
			c.add("channel-targets", i, tiff.ImageDescription, "")
		}
	}
	c.label(seen[Optical], seen[Label])
}

// label compares the label's page with the optical image that it is cut from.
func (c *checker) label(optical, label *tiff.Page) {
	if optical == nil || label == nil {
		if optical != label {
			c.add("label-alone", WholeFile, 0, "")
		}
		return
	}
	for _, top := range []int{labelUpper, labelLower} {
		width, height := min(optical.Height()-top, labelEdge), min(optical.Width()-labelLeft, labelEdge)
		if label.Width() == width && label.Height() == height {
			return
		}
	}
	c.add("label-size", label.Index, tiff.ImageWidth, fmt.Sprintf("%d×%d pixels for an optical image of %d×%d",
		label.Width(), label.Height(), optical.Width(), optical.Height()))
}

// unique compares a channel with those before it.
func (c *checker) unique(p *checkedPage, masses map[int]int, targets map[string]int) {
	if p.massless && p.channel.Target == "" {
		return // no channel at all
	}
	if at, taken := masses[p.channel.Mass]; taken && !p.massless {
		c.add("duplicate-mass", p.index, tiff.ImageDescription, fmt.Sprintf("%d, as page %d", p.channel.Mass, at))
	} else if !p.massless {
		masses[p.channel.Mass] = p.index
	}
	label := p.channel.Label()
	if at, taken := targets[label]; taken {
		c.add("duplicate-target", p.index, tiff.ImageDescription, fmt.Sprintf("%s, as page %d", shown(label), at))
		return
	}
	targets[label] = p.index
}
