package mibitiff

import (
	"encoding/xml"
	"fmt"
	"strconv"

	"github.com/openmibi/openmibi/mibi"
)

// omeCreator is the program that OME-TIFFs say they are by.
const omeCreator = "Openmibi"

const (
	omeSchema = "http://www.openmicroscopy.org/Schemas/OME/2016-06"
	// The namespaces of the annotations say what their keys mean.
	omeImageKeys   = "github.com/openmibi/openmibi/image"
	omeChannelKeys = "github.com/openmibi/openmibi/channel"
	micrometre     = "µm"
)

// The elements of OME-XML that are used here, in the schema's order.
type (
	omeRoot struct {
		XMLName     xml.Name        `xml:"OME"`
		Namespace   string          `xml:"xmlns,attr"`
		Instance    string          `xml:"xmlns:xsi,attr"`
		Location    string          `xml:"xsi:schemaLocation,attr"`
		Creator     string          `xml:"Creator,attr"`
		Image       omeImage        `xml:"Image"`
		Annotations []omeAnnotation `xml:"StructuredAnnotations>MapAnnotation"`
	}
	omeImage struct {
		ID            string    `xml:"ID,attr"`
		Name          string    `xml:"Name,attr,omitempty"`
		Date          string    `xml:"AcquisitionDate,omitempty"`
		Description   string    `xml:"Description,omitempty"`
		Pixels        omePixels `xml:"Pixels"`
		AnnotationRef omeRef    `xml:"AnnotationRef"`
	}
	omePixels struct {
		ID             string        `xml:"ID,attr"`
		DimensionOrder string        `xml:"DimensionOrder,attr"`
		Type           string        `xml:"Type,attr"`
		BigEndian      bool          `xml:"BigEndian,attr"`
		Interleaved    bool          `xml:"Interleaved,attr"`
		SizeX          int           `xml:"SizeX,attr"`
		SizeY          int           `xml:"SizeY,attr"`
		SizeZ          int           `xml:"SizeZ,attr"`
		SizeC          int           `xml:"SizeC,attr"`
		SizeT          int           `xml:"SizeT,attr"`
		SizeOfX        string        `xml:"PhysicalSizeX,attr,omitempty"`
		UnitOfX        string        `xml:"PhysicalSizeXUnit,attr,omitempty"`
		SizeOfY        string        `xml:"PhysicalSizeY,attr,omitempty"`
		UnitOfY        string        `xml:"PhysicalSizeYUnit,attr,omitempty"`
		Channels       []omeChannel  `xml:"Channel"`
		Data           []omeTiffData `xml:"TiffData"`
		Planes         []omePlane    `xml:"Plane"`
	}
	omeChannel struct {
		ID              string `xml:"ID,attr"`
		Name            string `xml:"Name,attr"`
		SamplesPerPixel int    `xml:"SamplesPerPixel,attr"`
		AnnotationRef   omeRef `xml:"AnnotationRef"`
	}
	omeTiffData struct {
		IFD        int `xml:"IFD,attr"`
		FirstZ     int `xml:"FirstZ,attr"`
		FirstC     int `xml:"FirstC,attr"`
		FirstT     int `xml:"FirstT,attr"`
		PlaneCount int `xml:"PlaneCount,attr"`
	}
	omePlane struct {
		TheZ      int    `xml:"TheZ,attr"`
		TheT      int    `xml:"TheT,attr"`
		TheC      int    `xml:"TheC,attr"`
		PositionX string `xml:"PositionX,attr"`
		UnitOfX   string `xml:"PositionXUnit,attr"`
		PositionY string `xml:"PositionY,attr"`
		UnitOfY   string `xml:"PositionYUnit,attr"`
	}
	omeRef struct {
		ID string `xml:"ID,attr"`
	}
	omeAnnotation struct {
		ID        string `xml:"ID,attr"`
		Namespace string `xml:"Namespace,attr"`
		Value     omeMap `xml:"Value"`
	}
	omeMap struct {
		Pairs []omeKey `xml:"M"`
	}
	omeKey struct {
		Key  string `xml:"K,attr"`
		Text string `xml:",chardata"`
	}
)

// omeXML describes an image in OME-XML. Characters that XML cannot hold become
// U+FFFD.
func omeXML(meta mibi.Metadata, channels []mibi.Channel, kind omeKind) (string, error) {
	root := omeRoot{
		Namespace: omeSchema, Instance: "http://www.w3.org/2001/XMLSchema-instance", Location: omeSchema + " " + omeSchema + "/ome.xsd",
		Creator: omeCreator,
		Image: omeImage{
			ID: "Image:0", Name: meta.FOVName.String(), Description: meta.Description.String(),
			Pixels: omePixels{
				ID: "Pixels:0", DimensionOrder: "XYZCT", Type: omeTypes[kind.dtype],
				SizeX: kind.width, SizeY: kind.height, SizeZ: 1, SizeC: len(channels), SizeT: 1,
			},
			AnnotationRef: annotationRef(0),
		},
		Annotations: []omeAnnotation{imageAnnotation(meta)},
	}
	if root.Image.Name == "" {
		root.Image.Name = meta.FOVID.String()
	}
	if !meta.Date.IsZero() && checkDate(meta.Date) == nil {
		root.Image.Date = meta.Date.Format("2006-01-02T15:04:05")
	}
	pixels := &root.Image.Pixels
	if x, y, ok := pixelSize(meta, kind); ok {
		pixels.SizeOfX, pixels.UnitOfX = number(x), micrometre
		pixels.SizeOfY, pixels.UnitOfY = number(y), micrometre
	}
	x, y, positioned := meta.Coordinates.Pair()
	for i, c := range channels {
		pixels.Channels = append(pixels.Channels, omeChannel{
			ID: fmt.Sprintf("Channel:0:%d", i), Name: c.Label(), SamplesPerPixel: 1, AnnotationRef: annotationRef(i + 1),
		})
		pixels.Data = append(pixels.Data, omeTiffData{IFD: i, FirstC: i, PlaneCount: 1})
		if positioned {
			pixels.Planes = append(pixels.Planes, omePlane{TheC: i, PositionX: number(x), UnitOfX: micrometre, PositionY: number(y), UnitOfY: micrometre})
		}
		root.Annotations = append(root.Annotations, channelAnnotation(i+1, c))
	}
	text, err := xml.Marshal(root)
	if err != nil {
		return "", fmt.Errorf("describing it in OME-XML: %w", err)
	}
	return xml.Header + string(text), nil
}

// pixelSize returns the size of a pixel in µm, if the metadata gives one that
// can be.
func pixelSize(meta mibi.Metadata, kind omeKind) (x, y float64, ok bool) {
	const smallest, largest = 1e-5, 1e9
	size, _ := meta.Size.Float()
	x, y = size/float64(kind.width), size/float64(kind.height)
	return x, y, min(x, y) >= smallest && max(x, y) <= largest
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

func annotationRef(i int) omeRef { return omeRef{ID: fmt.Sprintf("Annotation:%d", i)} }

// imageAnnotation holds what a MIBItiff says of its image, under the same keys:
// text as it is, all else as its JSON.
func imageAnnotation(meta mibi.Metadata) omeAnnotation {
	a := omeAnnotation{ID: annotationRef(0).ID, Namespace: omeImageKeys}
	for key, value := range meta.All() {
		if !value.IsZero() {
			a.Value.Pairs = append(a.Value.Pairs, omeKey{Key: key, Text: value.String()})
		}
	}
	return a
}

// channelAnnotation holds what a MIBItiff says of a channel, under the same
// keys.
func channelAnnotation(i int, c mibi.Channel) omeAnnotation {
	a := omeAnnotation{ID: annotationRef(i).ID, Namespace: omeChannelKeys}
	if c.Mass != 0 {
		a.Value.Pairs = append(a.Value.Pairs, omeKey{Key: "channel.mass", Text: strconv.Itoa(c.Mass)})
	}
	if c.Target != "" {
		a.Value.Pairs = append(a.Value.Pairs, omeKey{Key: "channel.target", Text: c.Target})
	}
	return a
}
