package mibitiff_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// parsedOME is what a reader takes from OME-XML.
type parsedOME struct {
	XMLName xml.Name
	Image   struct {
		ID, Name        string `xml:",attr"`
		AcquisitionDate string
		Description     string
		Pixels          struct {
			ID, DimensionOrder, Type, PhysicalSizeX, PhysicalSizeXUnit, PhysicalSizeY, PhysicalSizeYUnit string `xml:",attr"`
			SizeX, SizeY, SizeZ, SizeC, SizeT                                                            int    `xml:",attr"`
			BigEndian                                                                                    bool   `xml:",attr"`
			Channel                                                                                      []struct {
				ID, Name        string `xml:",attr"`
				SamplesPerPixel int    `xml:",attr"`
				AnnotationRef   struct {
					ID string `xml:",attr"`
				}
			}
			TiffData []struct {
				IFD, FirstC, PlaneCount int `xml:",attr"`
			}
			Plane []struct {
				TheC                                               int    `xml:",attr"`
				PositionX, PositionXUnit, PositionY, PositionYUnit string `xml:",attr"`
			}
		}
		AnnotationRef struct {
			ID string `xml:",attr"`
		}
	}
	Annotations []struct {
		ID, Namespace string `xml:",attr"`
		Pairs         []struct {
			Key  string `xml:"K,attr"`
			Text string `xml:",chardata"`
		} `xml:"Value>M"`
	} `xml:"StructuredAnnotations>MapAnnotation"`
}

func parseOME(t *testing.T, data []byte) (ome parsedOME) {
	t.Helper()
	text, ok := openTIFF(t, data).Pages[0].Text(tiff.ImageDescription)
	if !ok {
		t.Fatal("the first page has no description")
	}
	if err := xml.Unmarshal([]byte(text), &ome); err != nil {
		t.Fatal(err)
	}
	if want := (xml.Name{Space: "http://www.openmicroscopy.org/Schemas/OME/2016-06", Local: "OME"}); ome.XMLName != want {
		t.Errorf("the root is %v", ome.XMLName)
	}
	return ome
}

// annotation returns the pairs of an annotation.
func (o parsedOME) annotation(t *testing.T, id string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, a := range o.Annotations {
		for _, p := range a.Pairs {
			if a.ID == id {
				found[p.Key] = p.Text
			}
		}
	}
	return found
}

func TestOMEDescribesTheImage(t *testing.T) {
	t.Parallel()
	meta := madeMetadata()
	meta.FOVName, meta.Description = mibi.Text("R1 <C2> & µ"), mibi.Text("two\nlines")
	meta.User = []mibi.UserValue{{Key: "stain \"A\"", Value: mibi.Bool(true)}}
	data := writeOME(t, meta, omeChannels(), omePlanes[uint16](t, 600, 300))
	ome := parseOME(t, data)
	image, pixels := ome.Image, ome.Image.Pixels
	if image.Name != "R1 <C2> & µ" || image.Description != "two\nlines" || image.AcquisitionDate != meta.Date.Format("2006-01-02T15:04:05") {
		t.Errorf("image %q of %q: %q", image.Name, image.AcquisitionDate, image.Description)
	}
	if got, want := fmt.Sprint(pixels.DimensionOrder, pixels.SizeX, pixels.SizeY, pixels.SizeZ, pixels.SizeC, pixels.SizeT, pixels.BigEndian), "XYZCT600 300 1 3 1 false"; got != want {
		t.Errorf("pixels %s, want %s", got, want)
	}
	x, errX := strconv.ParseFloat(pixels.PhysicalSizeX, 64)
	y, errY := strconv.ParseFloat(pixels.PhysicalSizeY, 64)
	if errX != nil || errY != nil || x != 400.0/600 || y != 400.0/300 || pixels.PhysicalSizeXUnit != "µm" || pixels.PhysicalSizeYUnit != "µm" {
		t.Errorf("a pixel of %s %s by %s %s", pixels.PhysicalSizeX, pixels.PhysicalSizeXUnit, pixels.PhysicalSizeY, pixels.PhysicalSizeYUnit)
	}
	names := []string{"CD45", "89", "β <&\"'>]]>\n\ufffd \U0001d6fc"}
	keys := []map[string]string{{"channel.mass": "147", "channel.target": "CD45"}, {"channel.mass": "89"}, {"channel.mass": "12", "channel.target": names[2]}}
	if len(pixels.Channel) != 3 || len(pixels.TiffData) != 3 || len(pixels.Plane) != 3 {
		t.Fatalf("%d channels, %d pages, %d planes", len(pixels.Channel), len(pixels.TiffData), len(pixels.Plane))
	}
	ids := map[string]bool{image.ID: true, pixels.ID: true, image.AnnotationRef.ID: true}
	for i, c := range pixels.Channel {
		if c.Name != names[i] || c.SamplesPerPixel != 1 {
			t.Errorf("channel %d is named %q, with %d samples", i, c.Name, c.SamplesPerPixel)
		}
		if diff := cmp.Diff(keys[i], ome.annotation(t, c.AnnotationRef.ID)); diff != "" {
			t.Error(diff)
		}
		if d := pixels.TiffData[i]; d.IFD != i || d.FirstC != i || d.PlaneCount != 1 {
			t.Errorf("page of channel %d: %+v", i, d)
		}
		p := pixels.Plane[i]
		px, errX := strconv.ParseFloat(p.PositionX, 64)
		py, errY := strconv.ParseFloat(p.PositionY, 64)
		if wantX, wantY, _ := meta.Coordinates.Pair(); errX != nil || errY != nil || px != wantX || py != wantY || p.PositionXUnit != "µm" || p.PositionYUnit != "µm" || p.TheC != i {
			t.Errorf("plane %d: %+v", i, p)
		}
		ids[c.ID], ids[c.AnnotationRef.ID] = true, true
	}
	if len(ids) != 9 {
		t.Errorf("%d of 9 ids are different", len(ids))
	}
	want := map[string]string{}
	for key, value := range meta.All() {
		if !value.IsZero() {
			want[key] = value.String()
		}
	}
	if diff := cmp.Diff(want, ome.annotation(t, image.AnnotationRef.ID)); diff != "" || len(want) < 10 {
		t.Errorf("%d keys: %s", len(want), diff)
	}
	checkOMETags(t, data)
}

// checkOMETags looks at what programs read that know no OME-XML.
func checkOMETags(t *testing.T, data []byte) {
	t.Helper()
	page := openTIFF(t, data).Pages[0]
	if name, _ := page.Text(tiff.PageName); name != "CD45 (147)" {
		t.Errorf("page %q", name)
	}
	if by, _ := page.Text(tiff.Software); by != "Openmibi" {
		t.Errorf("by %q", by)
	}
	for tag, want := range map[uint16]float64{tiff.XResolution: 15000, tiff.YResolution: 7500, tiff.ResolutionUnit: 3} {
		entry, _ := page.Tag(tag)
		if got, _ := entry.Float(0); got < want*(1-1e-9) || got > want*(1+1e-9) {
			t.Errorf("tag %d is %v, want %v", tag, got, want)
		}
	}
	if _, err := mibitiff.Open(bytes.NewReader(data), int64(len(data))); !errors.Is(err, mibitiff.ErrNotMIBItiff) {
		t.Errorf("as a MIBItiff it gives %v", err)
	}
}

// An image of which nothing is known, and one with what cannot be, are written
// without it.
func TestOMEOfPoorMetadata(t *testing.T) {
	t.Parallel()
	planes := omePlanes[uint8](t, 5, 4)
	for _, meta := range []mibi.Metadata{
		{},
		{Size: mibi.Text("large"), Coordinates: mibi.Text("somewhere")},
		{Size: mibi.Float(-1)},
		{Size: mibi.Float(1e-300), Date: time.Date(12019, 1, 1, 0, 0, 0, 0, time.UTC)},
		{Size: mibi.Float(1e300)},
	} {
		image := parseOME(t, writeOME(t, meta, []mibi.Channel{{Target: "a"}, {}, {Target: "mask"}}, planes)).Image
		if image.AcquisitionDate != "" || image.Pixels.PhysicalSizeX != "" || image.Pixels.PhysicalSizeXUnit != "" || len(image.Pixels.Plane) != 0 {
			t.Errorf("%+v", image)
		}
		if image.Pixels.Channel[1].Name != "0" || image.Pixels.Channel[2].Name != "mask" {
			t.Errorf("%+v", image.Pixels.Channel)
		}
	}
	dated := writeOME(t, mibi.Metadata{FOVID: mibi.Text("FOV7")}, omeChannels(), planes, mibitiff.WithDate(time.Date(2020, 2, 29, 1, 2, 3, 0, time.UTC)))
	if image := parseOME(t, dated).Image; image.Name != "FOV7" || image.AcquisitionDate != "2020-02-29T01:02:03" {
		t.Errorf("%q of %q", image.Name, image.AcquisitionDate)
	}
}
