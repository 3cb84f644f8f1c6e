package mibitiff_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// omePlanes makes three planes that differ, with values of all sizes.
func omePlanes[T mibitiff.Sample](t testing.TB, width, height int) (planes []mibitiff.Plane) {
	t.Helper()
	random := rand.New(rand.NewPCG(3, 5))
	for range 3 {
		samples := make([]T, width*height)
		for i := range samples {
			if random.IntN(5) == 0 {
				samples[i] = T(random.IntN(120))
			}
		}
		plane, err := mibitiff.NewPlane(width, height, samples)
		if err != nil {
			t.Fatal(err)
		}
		planes = append(planes, plane)
	}
	return planes
}

func omeChannels() []mibi.Channel {
	return []mibi.Channel{{Mass: 147, Target: "CD45"}, {Mass: 89}, {Mass: 12, Target: "β <&\"'>]]>\n\x01 \U0001d6fc"}}
}

func writeOME(t testing.TB, meta mibi.Metadata, channels []mibi.Channel, planes []mibitiff.Plane, opts ...mibitiff.WriterOption) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := mibitiff.WriteOME(t.Context(), &out, meta, channels, mibitiff.Planes(planes), opts...); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// omeKeep are the tags that tests look at.
func omeKeep() tiff.Options {
	return tiff.Options{Keep: []uint16{tiff.NewSubfileType, tiff.ImageDescription, tiff.SubIFDs, tiff.PageName, tiff.Software, tiff.DateTime,
		tiff.XResolution, tiff.YResolution, tiff.ResolutionUnit}}
}

func openTIFF(t testing.TB, data []byte) *tiff.File {
	t.Helper()
	f, err := tiff.Open(bytes.NewReader(data), int64(len(data)), omeKeep())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// level returns the file with the directory at an offset as its first page.
func level(data []byte, f *tiff.File, offset uint64) []byte {
	data = slices.Clone(data)
	if f.Big {
		binary.LittleEndian.PutUint64(data[8:], offset)
	} else {
		binary.LittleEndian.PutUint32(data[4:], uint32(offset))
	}
	return data
}

// checkOMEPixels compares every level of every page with the planes.
func checkOMEPixels(t *testing.T, data []byte, planes []mibitiff.Plane, levels int) {
	t.Helper()
	f := openTIFF(t, data)
	if len(f.Pages) != len(planes) {
		t.Fatalf("%d pages of %d channels", len(f.Pages), len(planes))
	}
	for i, want := range planes {
		subIFDs, _ := f.Pages[i].Tag(tiff.SubIFDs)
		if int(subIFDs.Count) != levels-1 {
			t.Fatalf("page %d has %d lower resolutions, want %d", i, subIFDs.Count, levels-1)
		}
		offset := f.Pages[i].Offset
		for l := range levels {
			if l > 0 {
				offset, _ = subIFDs.Uint(l - 1)
				want = want.Halve()
			}
			part := openTIFF(t, level(data, f, offset))
			page := &part.Pages[0]
			got := make([]byte, page.Bytes())
			if err := part.ReadPage(t.Context(), 0, got); err != nil {
				t.Fatal(err)
			}
			if page.Width() != want.Width() || page.Height() != want.Height() || !page.Tiled() || !bytes.Equal(got, want.Bytes()) {
				t.Errorf("page %d, level %d: %d×%d, want %d×%d with the same samples", i, l, page.Width(), page.Height(), want.Width(), want.Height())
			}
			kind, _ := page.Tag(tiff.NewSubfileType)
			if reduced, _ := kind.Uint(0); (reduced == 1) != (l > 0) || l > 0 && len(part.Pages) != 1 {
				t.Errorf("page %d, level %d: subfile type %d, %d pages from there on", i, l, reduced, len(part.Pages))
			}
		}
	}
}

func TestOMEKeepsAllTypes(t *testing.T) {
	t.Parallel()
	for i, c := range []struct {
		planes []mibitiff.Plane
		name   string
		levels int
	}{
		{omePlanes[uint8](t, 1, 1), "uint8", 1},
		{omePlanes[int8](t, 17, 3), "int8", 1},
		{omePlanes[uint16](t, 1300, 1101), "uint16", 3},
		{omePlanes[int16](t, 33, 600), "int16", 2},
		{omePlanes[uint32](t, 512, 512), "uint32", 1},
		{omePlanes[int32](t, 513, 1), "int32", 2},
		{omePlanes[float32](t, 1025, 515), "float", 3},
		{omePlanes[float64](t, 64, 63), "double", 1},
	} {
		bigTIFF := i%2 == 1
		data := writeOME(t, madeMetadata(), omeChannels(), c.planes, mibitiff.WithBigTIFF(bigTIFF))
		checkOMEPixels(t, data, c.planes, c.levels)
		if got := parseOME(t, data).Image.Pixels.Type; got != c.name || openTIFF(t, data).Big != bigTIFF {
			t.Errorf("%s is written as %s, BigTIFF %v", c.name, got, bigTIFF)
		}
	}
}

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

func TestOMERefuses(t *testing.T) {
	t.Parallel()
	channels := omeChannels()
	small, wide, other := omePlanes[uint16](t, 4, 4), omePlanes[uint16](t, 5, 4), omePlanes[uint8](t, 4, 4)
	for name, c := range map[string]struct {
		channels []mibi.Channel
		planes   []mibitiff.Plane
		options  []mibitiff.WriterOption
		want     error
	}{
		"no channel":         {nil, nil, nil, nil},
		"a mass twice":       {[]mibi.Channel{{Mass: 1, Target: "a"}, {Mass: 1, Target: "b"}}, small, nil, mibi.ErrDuplicateChannel},
		"a target twice":     {[]mibi.Channel{{Mass: 1, Target: "a"}, {Target: "a"}}, small, nil, mibi.ErrDuplicateChannel},
		"a target with NUL":  {[]mibi.Channel{{Mass: 1, Target: "a\x00"}}, small, nil, nil},
		"two sizes":          {channels, []mibitiff.Plane{small[0], small[1], wide[0]}, nil, mibitiff.ErrShape},
		"two types":          {channels, []mibitiff.Plane{small[0], other[1], small[2]}, nil, mibitiff.ErrShape},
		"an empty plane":     {channels, []mibitiff.Plane{small[0], {}, small[2]}, nil, nil},
		"int64":              {channels, omePlanes[int64](t, 4, 4), nil, errors.ErrUnsupported},
		"uint64":             {channels, omePlanes[uint64](t, 4, 4), nil, errors.ErrUnsupported},
		"a level":            {channels, small, []mibitiff.WriterOption{mibitiff.WithLevel(9)}, nil},
		"SED":                {channels, small, []mibitiff.WriterOption{mibitiff.WithSED(small[0])}, nil},
		"ranges":             {channels, small, []mibitiff.WriterOption{mibitiff.WithRanges(map[mibi.Channel]mibitiff.Range{channels[0]: {Max: 1}})}, nil},
		"a lossy conversion": {channels, omePlanes[uint32](t, 4, 4)[:1], nil, nil},
	} {
		if name == "a lossy conversion" {
			samples := []uint32{1 << 20}
			plane, err := mibitiff.NewPlane(1, 1, samples)
			if err != nil {
				t.Fatal(err)
			}
			c.channels, c.planes = channels[:1], []mibitiff.Plane{plane}
			c.options, c.want = []mibitiff.WriterOption{mibitiff.WithDType(mibitiff.Uint16)}, mibitiff.ErrLossy
		}
		var out bytes.Buffer
		err := mibitiff.WriteOME(t.Context(), &out, madeMetadata(), c.channels, mibitiff.Planes(c.planes), c.options...)
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	narrowed := writeOME(t, madeMetadata(), channels, omePlanes[uint64](t, 4, 4), mibitiff.WithDType(mibitiff.Uint16))
	checkOMEPixels(t, narrowed, omePlanes[uint16](t, 4, 4), 1)
}

var errSource = errors.New("the disk is gone")

func TestOMEReportsErrors(t *testing.T) {
	t.Parallel()
	planes := omePlanes[uint16](t, 8, 8)
	source := func(ctx context.Context, i int) (mibitiff.Plane, error) {
		if i == 1 {
			return mibitiff.Plane{}, errSource
		}
		return planes[i], nil
	}
	if err := mibitiff.WriteOME(t.Context(), &bytes.Buffer{}, madeMetadata(), omeChannels(), source); !errors.Is(err, errSource) || !bytes.Contains([]byte(err.Error()), []byte(`"89 (89)"`)) {
		t.Errorf("a source's error becomes %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancelling := func(_ context.Context, i int) (mibitiff.Plane, error) {
		cancel()
		return planes[i], nil
	}
	if err := mibitiff.WriteOME(ctx, &bytes.Buffer{}, madeMetadata(), omeChannels(), cancelling); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	whole := len(writeOME(t, madeMetadata(), omeChannels(), planes))
	for room := 0; room < whole; room += whole / 10 {
		err := mibitiff.WriteOME(t.Context(), &smallDisk{room: room}, madeMetadata(), omeChannels(), mibitiff.Planes(planes))
		if !errors.Is(err, errSource) {
			t.Errorf("room for %d bytes of %d: %v", room, whole, err)
		}
	}
}

type smallDisk struct{ room int }

func (d *smallDisk) Write(b []byte) (int, error) {
	if d.room -= len(b); d.room < 0 {
		return 0, errSource
	}
	return len(b), nil
}

func TestOMEIsBigWhereItMustBe(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		edge, channels int
		dtype          mibitiff.DType
		want           bool
	}{
		{1024, 40, mibitiff.Uint16, false},
		{2048, 100, mibitiff.Float32, false},
		{8192, 20, mibitiff.Uint16, false},
		{8192, 25, mibitiff.Uint16, true},
		{32768, 2, mibitiff.Uint8, false},
		{32768, 3, mibitiff.Uint8, true},
	} {
		if got := mibitiff.OMEIsBig(c.edge, c.edge, c.dtype, c.channels); got != c.want {
			t.Errorf("%d channels of %d² of %s: BigTIFF %v", c.channels, c.edge, c.dtype, got)
		}
	}
}

// Not parallel: it changes how many processors the program uses.
func TestOMEIsTheSameOnAnyMachine(t *testing.T) {
	planes := omePlanes[uint16](t, 700, 600)
	var files [][]byte
	for _, processors := range []int{1, 2, 7} {
		before := runtime.GOMAXPROCS(processors)
		files = append(files, writeOME(t, madeMetadata(), omeChannels(), planes))
		runtime.GOMAXPROCS(before)
	}
	if !bytes.Equal(files[0], files[1]) || !bytes.Equal(files[0], files[2]) {
		t.Error("the bytes depend on the number of processors")
	}
}
