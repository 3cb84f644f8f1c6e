package mibitiff

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
)

// channel checks a SIMS page's mass and target, and its name.
func (c *checker) channel(p *checkedPage, t *tiff.Page, d *checkedText) {
	const tag = tiff.ImageDescription
	mass, ok := d.Description.Channel()
	p.channel = mass
	if !ok {
		effect, found := "mibitiff refuses the file; mibilib fails", ""
		if d.has("channel.mass") {
			effect, found = "mibitiff refuses the file; mibilib takes it as it is", shown(d.Mass.JSON())
		}
		c.addAs("channel-mass", SeverityError, effect, p.index, tag, found)
		p.massless, mass.Target = true, d.Target.String()
		p.channel = mass
	} else if d.Mass.JSON() != strconv.Itoa(mass.Mass) {
		c.add("channel-mass-form", p.index, tag, shown(d.Mass.JSON()))
	}
	if !d.has("channel.target") {
		c.add("channel-target-lacking", p.index, tag, "")
	} else if mass.Target == "" {
		c.add("channel-target", p.index, tag, "")
	}
	name, given := t.Text(tiff.PageName)
	if !given || !ok {
		return
	}
	written := " (" + d.Mass.String() + ")"
	forms := []string{mass.PageName(), mass.Label() + written}
	if mass.Target == "" {
		forms = append(forms, "None"+written) // of Python
	}
	if !slices.Contains(forms, name) {
		c.add("page-name", p.index, tiff.PageName, fmt.Sprintf("%s, not %s", shown(name), shown(mass.PageName())))
	}
}

// required checks which keys of the format a SIMS page has, and which required
// values.
func (c *checker) required(p *checkedPage, values map[string]string) {
	const tag = tiff.ImageDescription
	var missing, older, required []string
	for _, key := range c.specified {
		value, present := values[key]
		switch name := strings.TrimPrefix(key, mibiPrefix); {
		case given(value):
		case substituted(name, values):
			older = append(older, key)
		case slices.Contains([]string{"run", "fov_id", "fov_name", "folder", "dwell", "scans", "mass_offset", "mass_gain", "time_resolution"}, name):
			required = append(required, key)
		case !present:
			missing = append(missing, key)
		}
	}
	for _, f := range []struct {
		code string
		keys []string
	}{{"keys-missing", missing}, {"keys-older", older}, {"required-missing", required}} {
		if len(f.keys) > 0 {
			c.add(f.code, p.index, tag, listed(f.keys))
		}
	}
}

// substituted tells whether readers take a value that is not given from another
// place, as in older files.
func substituted(name string, values map[string]string) bool {
	other := ""
	switch name {
	case "coordinates", "size": // from the tags
		return true
	case "fov_name":
		other = "description"
	case "fov_id":
		other = "folder"
	case "folder":
		other = "fov_id"
	}
	return other != "" && given(values[mibiPrefix+other])
}

// metadata checks values of a SIMS page against each other and the tags.
func (c *checker) metadata(p *checkedPage, t *tiff.Page, d *checkedText) {
	const tag = tiff.ImageDescription
	m := d.Metadata
	first, _, _ := strings.Cut(m.Folder.String(), "/")
	if id := m.FOVID.String(); id != "" && m.Folder.String() != "" && first != id {
		found := fmt.Sprintf("folder %s, fov_id %s", shown(m.Folder.String()), shown(id))
		c.addMetadata("folder", "mibilib refuses the file; mibitiff reads it and refuses to write it again", p, tag, found)
	}
	if aperture := m.Aperture.String(); aperture != "" {
		c.aperture(p, aperture)
	}
	if size, ok := m.Size.Float(); ok {
		p.size = size
		c.sizes(p, t, size)
	}
	if x, y, ok := m.Coordinates.Pair(); ok {
		c.coordinates(p, t, x, y)
	}
}

// detector checks what only pages of the electron detector have.
func (c *checker) detector(p *checkedPage, t *tiff.Page) {
	if name, given := t.Text(tiff.PageName); given && name != string(SED) {
		c.addAs("page-name", SeverityNote, "viewers show it; mibilib and mibitiff take the page's kind from the description", p.index, tiff.PageName, shown(name)+", not "+shown(string(SED)))
	}
	if c.first != nil && c.first.size > 0 {
		c.sizes(p, t, c.first.size)
	}
}

// aperture checks the aperture against the spellings that mibilib knows.
func (c *checker) aperture(p *checkedPage, text string) {
	widths := []string{"1", "300", "100", "30", "500"}
	code := slices.Contains([]string{"A", "B", "C", "D", "E"}, text)
	known := text == "1mm" || text == "1 mm"
	for _, w := range widths[1:] {
		known = known || text == w+"um" || text == w+" \u03bcm"
	}
	switch {
	case code:
	case known:
		c.add("aperture-older", p.index, tiff.ImageDescription, shown(text))
	default:
		effect := "mibilib refuses the file"
		if code, err := mibi.ParseAperture(text); err == nil {
			effect += "; mibitiff takes it for " + code
		}
		c.addMetadata("aperture", effect, p, tiff.ImageDescription, shown(text))
	}
}

// sameImage compares what the page says of the image with what the first SIMS
// page says. It takes as long as the page's own description is, not the first
// one's: there may be any number of pages.
func (c *checker) sameImage(p *checkedPage, d *checkedText) {
	was, is := c.first.metadata, imageMembers(d.members)
	var differ []string
	for i, m := range is {
		if i >= len(was) || was[i] != m {
			differ = append(differ, m.key)
		}
	}
	lacking := was[min(len(is), len(was)):]
	for _, m := range lacking[:min(len(lacking), mostListed)] {
		differ = append(differ, m.key)
	}
	if len(differ) > 0 {
		c.add("metadata-differs", p.index, tiff.ImageDescription, listedOf(differ, max(0, len(lacking)-mostListed)))
	}
}

// imageMembers are the members of a description that are not the page's own.
func imageMembers(members []member) []member {
	own := pageKeys()
	return slices.DeleteFunc(slices.Clone(members), func(m member) bool { return slices.Contains(own, m.key) })
}
