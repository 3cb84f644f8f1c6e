package mibitiff

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
)

// softwarePrefix begins tag 305 of the first page of every MIBItiff.
const softwarePrefix = "IonpathMIBI"

// dateLayout is the form of tag 306.
const dateLayout = "2006:01:02 15:04:05"

// micronsPerCM turns the centimetres of the tags into µm.
const micronsPerCM = 1e4

// maxDescription is how many bytes of description a page may have: hundreds of
// times what real files hold, for parsing takes several times the text's size.
const maxDescription = 4 << 20

// index fills in the pages, and the metadata from the first SIMS page.
func (f *File) index() error {
	masses, labels := map[int]int{}, map[string]int{}
	haveMeta := false
	for i := range f.tiff.Pages {
		t := &f.tiff.Pages[i]
		description, err := parsePage(t)
		if err != nil {
			return err
		}
		page := Page{Index: i, Type: pageType(description.ImageType), Width: t.Width(), Height: t.Height(), SamplesPerPixel: t.SamplesPerPixel()}
		page.Name, _ = t.Text(tiff.PageName)
		page.DType, _ = dtypeOf(t)
		if page.Type == SIMS {
			if page.Channel, err = pageChannel(i, description, masses, labels); err != nil {
				return err
			}
			if page.Name == "" {
				page.Name = page.Channel.PageName()
			}
			if !haveMeta {
				f.meta, haveMeta = pageMetadata(t, description.Metadata), true
			}
		}
		if page.Name == "" {
			page.Name = string(page.Type)
		}
		f.pages = append(f.pages, page)
	}
	if !haveMeta {
		return &FormatError{Page: tiff.NoPage, Reason: "no page is a SIMS channel"}
	}
	return nil
}

func parsePage(t *tiff.Page) (mibi.Description, error) {
	if tag, _ := t.Tag(tiff.ImageDescription); tag.Count > maxDescription {
		return mibi.Description{}, &UnsupportedError{Page: t.Index, Tag: tiff.ImageDescription,
			Reason: fmt.Sprintf("a description of %d bytes, at most %d are read", tag.Count, maxDescription), Err: ErrLimit}
	}
	text, ok := t.Text(tiff.ImageDescription)
	if !ok {
		return mibi.Description{}, formatError(t.Index, tiff.ImageDescription, "a MIBItiff's page needs a description")
	}
	description, err := mibi.ParseDescription([]byte(text))
	if err != nil {
		return description, &FormatError{Page: t.Index, Tag: tiff.ImageDescription, Reason: "the description", Err: err}
	}
	if description.ImageType == "" {
		return description, formatError(t.Index, tiff.ImageDescription, "the description lacks image.type")
	}
	return description, nil
}

// pageType returns the format's own spelling of a page's type.
func pageType(text string) PageType {
	for _, known := range []PageType{SIMS, SED, Optical, Label} {
		if strings.EqualFold(text, string(known)) {
			return known
		}
	}
	return PageType(text)
}

// pageChannel returns the channel of a SIMS page, which no earlier page may
// have.
func pageChannel(page int, d mibi.Description, masses map[int]int, labels map[string]int) (mibi.Channel, error) {
	channel, ok := d.Channel()
	if !ok {
		return channel, formatError(page, tiff.ImageDescription, "channel.mass is %s, not a whole number", shown(d.Mass.String()))
	}
	first, taken := masses[channel.Mass]
	if !taken {
		first, taken = labels[channel.Label()]
	}
	if taken {
		return channel, &FormatError{Page: page, Tag: tiff.ImageDescription,
			Reason: fmt.Sprintf("channel %s shares mass or target with page %d", shown(channel.String()), first), Err: mibi.ErrDuplicateChannel}
	}
	masses[channel.Mass], labels[channel.Label()] = page, page
	return channel, nil
}

// pageMetadata completes a description's metadata from the page's tags.
func pageMetadata(t *tiff.Page, meta mibi.Metadata) mibi.Metadata {
	meta.Coordinates = coordinates(t, meta.Coordinates)
	if size, ok := meta.Size.Float(); !ok || size <= 0 {
		if size, ok := sizeFromTags(t); ok {
			meta.Size = mibi.Float(size)
		}
	}
	if text, ok := t.Text(tiff.DateTime); ok {
		if date, err := time.Parse(dateLayout, strings.TrimSpace(text)); err == nil {
			meta.Date = date
		}
	}
	return meta.Upgrade()
}

// coordinates decides between the description and the tags 286 and 287. The
// tags hold the same position rounded to 10⁻⁶ cm. Where the two differ by more,
// a signed tag is believed, as other readers do; an unsigned one cannot say
// where the stage was left of or below its zero and is not.
func coordinates(t *tiff.Page, described mibi.Value) mibi.Value {
	x, xSigned, xOK := position(t, tiff.XPosition)
	y, ySigned, yOK := position(t, tiff.YPosition)
	dx, dy, ok := described.Pair()
	switch {
	case !xOK || !yOK:
		return described
	case !ok:
		return mibi.Pair(x, y)
	case !xSigned || !ySigned:
		return described
	case math.Abs(dx-x) <= positionTolerance && math.Abs(dy-y) <= positionTolerance:
		return described
	}
	return mibi.Pair(x, y)
}

// positionTolerance, in µm, is above what rounding a position to a fraction
// with a denominator of at most 10⁶ can change.
const positionTolerance = 0.02

// position returns a position tag in µm, and whether its type has a sign.
func position(t *tiff.Page, tag uint16) (microns float64, signed, ok bool) {
	entry, ok := t.Tag(tag)
	if unit, given := resolutionUnit(t); !ok || given && unit != unitCentimetre {
		return 0, false, false
	}
	cm, ok := entry.Float(0)
	microns = cm * micronsPerCM
	_, whole := entry.Uint(0)
	return microns, entry.Type != tiff.Rational && !whole, ok && isFinite(microns)
}

// resolutionUnit returns the unit of the page's lengths, if the page says it.
func resolutionUnit(t *tiff.Page) (unit uint64, given bool) {
	entry, _ := t.Tag(tiff.ResolutionUnit)
	return entry.Uint(0)
}

func isFinite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

// sizeFromTags returns the edge of the field of view in µm.
func sizeFromTags(t *tiff.Page) (float64, bool) {
	entry, ok := t.Tag(tiff.XResolution)
	if unit, _ := resolutionUnit(t); !ok || unit != unitCentimetre {
		return 0, false
	}
	perCM, ok := entry.Float(0)
	size := float64(t.Width()) / perCM * micronsPerCM
	return size, ok && size > 0 && isFinite(size)
}
