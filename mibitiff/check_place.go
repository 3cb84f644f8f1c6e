package mibitiff

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/openmibi/openmibi/internal/tiff"
)

// software checks which program the page names.
func (c *checker) software(t *tiff.Page) {
	text, ok := t.Text(tiff.Software)
	first, _ := c.tiff.Pages[0].Text(tiff.Software)
	switch {
	case t.Index > 0 && ok && text != first:
		c.add("software-differs", t.Index, tiff.Software, shown(text))
	case t.Index > 0:
	case !ok:
		c.add("software", 0, tiff.Software, "the tag is missing")
	case !strings.HasPrefix(text, softwarePrefix):
		c.add("software", 0, tiff.Software, shown(text))
	case text != software:
		c.add("software-version", 0, tiff.Software, shown(text))
	}
}

// date checks tag 306, which only channels have.
func (c *checker) date(p *checkedPage, t *tiff.Page) {
	text, ok := t.Text(tiff.DateTime)
	if !ok || p.kind != SIMS {
		return
	}
	p.date = text
	// tifffile leaves out the space around a text.
	if _, err := time.Parse(dateLayout, strings.TrimSpace(text)); err != nil {
		c.addMetadata("date", "mibilib fails; mibitiff takes the image for one without a date", p, tiff.DateTime, shown(text))
	} else if c.first.date != "" && p.date != c.first.date {
		c.add("date-differs", p.index, tiff.DateTime, shown(text))
	}
}

// resolution checks tags 282, 283 and 296.
func (c *checker) resolution(p *checkedPage, t *tiff.Page) {
	x, xOK := t.Tag(tiff.XResolution)
	y, yOK := t.Tag(tiff.YResolution)
	unit, unitOK := resolutionUnit(t)
	if p.kind == Optical || p.kind == Label {
		a, _ := x.Float(0)
		b, _ := y.Float(0)
		if xOK && yOK && unitOK && (a != 1 || b != 1 || unit != 1) {
			c.add("resolution-plain", p.index, tiff.XResolution, fmt.Sprintf("%g and %g, unit %d", a, b, unit))
		}
		return
	}
	if unitOK && unit != unitCentimetre {
		c.addMetadata("resolution-unit", "mibilib fails; mibitiff takes neither size nor position from the tags", p, tiff.ResolutionUnit, fmt.Sprint(unit))
	}
	if !xOK || !yOK {
		return
	}
	a, b := c.perCM(p, x), c.perCM(p, y)
	// A page that is not square has by the format two resolutions: only
	// channels are read by readers that mind.
	if a > 0 && b > 0 && a != b && (p.kind == SIMS || t.Width() == t.Height()) {
		found := fmt.Sprintf("%g and %g", a, b)
		if t.Width() != t.Height() {
			found += fmt.Sprintf(", for a page that is not square, of %d×%d pixels", t.Width(), t.Height())
		}
		c.addMetadata("resolution-unequal", "mibilib fails", p, tiff.YResolution, found)
	}
}

// perCM returns a resolution, 0 for one that is none.
func (c *checker) perCM(p *checkedPage, tag tiff.Tag) float64 {
	f, ok := tag.Float(0)
	if ok && f > 0 && isFinite(f) {
		return f
	}
	found := fmt.Sprint(f)
	if n, d, ok := tag.Rational(0); ok {
		found = fmt.Sprintf("%d/%d", n, d)
	}
	c.addMetadata("resolution-zero", "mibilib fails", p, tag.ID, found)
	return 0
}

// position checks tags 286 and 287.
func (c *checker) position(p *checkedPage, t *tiff.Page) {
	for _, id := range []uint16{tiff.XPosition, tiff.YPosition} {
		tag, ok := t.Tag(id)
		if !ok {
			continue
		}
		if f, ok := tag.Float(0); !ok || !isFinite(f) {
			c.addMetadata("position-invalid", "mibilib fails", p, id, "")
		}
	}
}

// sizes compares the edge of the field of view in µm with the resolution.
func (c *checker) sizes(p *checkedPage, t *tiff.Page, size float64) {
	if unit, _ := resolutionUnit(t); unit != unitCentimetre || size <= 0 {
		return
	}
	for _, axis := range []struct {
		tag    uint16
		pixels int
	}{{tiff.XResolution, t.Height()}, {tiff.YResolution, t.Width()}} {
		tag, _ := t.Tag(axis.tag)
		perCM, ok := tag.Float(0)
		if !ok || perCM <= 0 || !isFinite(perCM) {
			continue
		}
		if got := float64(axis.pixels) / perCM * micronsPerCM; math.Abs(got-size) > sizeTolerance*size {
			severity, effect := ruleOf("size").severity, ruleOf("size").effect
			if p.kind != SIMS {
				severity, effect = SeverityNote, none+": they take the size from the SIMS pages"
			}
			c.addAs("size", severity, effect, p.index, axis.tag, fmt.Sprintf("%g µm in the description, %g µm by the tag", size, got))
			return
		}
	}
}

// sizeTolerance is above what putting a resolution into two 32-bit numbers can
// change, as a part of the size.
const sizeTolerance = 1e-6

// coordinates compares the position in µm with the tags.
func (c *checker) coordinates(p *checkedPage, t *tiff.Page, x, y float64) {
	gotX, _, xOK := position(t, tiff.XPosition)
	gotY, _, yOK := position(t, tiff.YPosition)
	if !xOK || !yOK || math.Abs(gotX-x) <= positionTolerance && math.Abs(gotY-y) <= positionTolerance {
		return
	}
	c.add("coordinates", p.index, tiff.XPosition, fmt.Sprintf("[%g, %g] µm in the description, [%g, %g] µm by the tags", x, y, gotX, gotY))
}
