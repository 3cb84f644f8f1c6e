package mibitiff_test

import (
	"bytes"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// foreignPage is one page of a file as other writers make it.
type foreignPage struct {
	description string
	fields      []tiff.Field
	without     []uint16
	strip       []byte
}

// foreignFile writes pages of 2×2 uint16 samples, uncompressed, with changes.
func foreignFile(t testing.TB, pages ...foreignPage) []byte {
	t.Helper()
	var out bytes.Buffer
	w := tiff.NewWriter(&out)
	for i, p := range pages {
		fields := []tiff.Field{
			tiff.LongField(tiff.ImageWidth, 2), tiff.LongField(tiff.ImageLength, 2), tiff.ShortField(tiff.BitsPerSample, 16),
			tiff.ShortField(tiff.Compression, 1), tiff.TextField(tiff.ImageDescription, p.description),
			tiff.RationalField(tiff.XResolution, 100, 2), tiff.RationalField(tiff.YResolution, 100, 2), tiff.ShortField(tiff.ResolutionUnit, 3),
			tiff.SRationalField(tiff.XPosition, -241, 10000), tiff.SRationalField(tiff.YPosition, 3, 2),
			tiff.TextField(tiff.DateTime, "2019:10:16 14:48:12"),
		}
		if i == 0 {
			fields = append(fields, tiff.TextField(tiff.Software, "IonpathMIBIv0.1"))
		}
		fields = slices.DeleteFunc(fields, func(f tiff.Field) bool {
			return slices.Contains(p.without, f.ID) || slices.ContainsFunc(p.fields, func(g tiff.Field) bool { return g.ID == f.ID })
		})
		strip := p.strip
		if strip == nil {
			strip = []byte{1, 0, 2, 0, 3, 0, 4, 0}
		}
		if err := w.WritePage(append(fields, p.fields...), strip); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

const sims = `"image.type": "SIMS", "channel.mass": 92.0, "channel.target": null}`

func TestMetadataOfRealAndOlderFiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		page        foreignPage
		coordinates mibi.Value
		size        float64
		check       func(mibi.Metadata) bool
	}{
		{name: "coordinates and size from the tags", page: foreignPage{description: "{" + sims},
			coordinates: mibi.Pair(-241, 15000), size: 400},
		{name: "description agrees with the tags", page: foreignPage{description: `{"mibi.coordinates": [-241.004, 15000.001], "mibi.size": 400, ` + sims},
			coordinates: mibi.Pair(-241.004, 15000.001), size: 400},
		{name: "coordinates as text", page: foreignPage{description: `{"mibi.coordinates": "[-241, 15000]", "mibi.size": "400", ` + sims},
			coordinates: mibi.Text("[-241, 15000]"), size: 400},
		{name: "signed tags are believed", page: foreignPage{description: `{"mibi.coordinates": [7, 8], ` + sims},
			coordinates: mibi.Pair(-241, 15000), size: 400},
		{name: "unsigned tags are not", page: foreignPage{description: `{"mibi.coordinates": [-241.0, -14968.0], ` + sims,
			fields: []tiff.Field{tiff.SRationalField(tiff.XPosition, -241, 10000), tiff.RationalField(tiff.YPosition, 0, 1)}},
			coordinates: mibi.Pair(-241, -14968), size: 400},
		{name: "no position tags", page: foreignPage{description: `{"mibi.coordinates": [1, 2], ` + sims, without: []uint16{tiff.XPosition}},
			coordinates: mibi.Value{}, size: 400, check: func(m mibi.Metadata) bool { return m.Coordinates.JSON() == "[1, 2]" }},
		{name: "no size anywhere", page: foreignPage{description: "{" + sims, without: []uint16{tiff.ResolutionUnit}},
			coordinates: mibi.Pair(-241, 15000), size: math.NaN()},
		{name: "no date", page: foreignPage{description: "{" + sims, without: []uint16{tiff.DateTime}},
			coordinates: mibi.Pair(-241, 15000), size: 400, check: func(m mibi.Metadata) bool { return m.Date.IsZero() }},
		{name: "a date that is none", page: foreignPage{description: "{" + sims, fields: []tiff.Field{tiff.TextField(tiff.DateTime, "yesterday")}},
			coordinates: mibi.Pair(-241, 15000), size: 400, check: func(m mibi.Metadata) bool { return m.Date.IsZero() }},
		{name: "older names", page: foreignPage{description: `{"mibi.description": "R1C3", "mibi.folder": "Point1/RowNumber0", "mibi.aperture": "300um", ` + sims},
			coordinates: mibi.Pair(-241, 15000), size: 400, check: func(m mibi.Metadata) bool {
				return m.FOVName.String() == "R1C3" && m.FOVID.String() == "Point1" && m.Aperture.String() == "B" && m.Date.Equal(time.Date(2019, 10, 16, 14, 48, 12, 0, time.UTC))
			}},
		{name: "private keys", page: foreignPage{description: `{"big": {"x": "` + strings.Repeat("y", 9000) + `"}, "mibi.own": NaN, "lost": "` + "\xef\xbf\xbd" + `m", "line": "a` + "\n" + `b", ` + sims},
			coordinates: mibi.Pair(-241, 15000), size: 400, check: func(m mibi.Metadata) bool {
				lost, _ := m.Get("lost")
				return len(m.User) == 4 && len(m.User[0].Value.JSON()) == 9009 && m.User[1].Key == "mibi.own" && lost.String() == "\ufffdm"
			}},
		{name: "deflate of the older number, subfile type and sample format", page: foreignPage{description: "{" + sims,
			fields: []tiff.Field{tiff.LongField(tiff.NewSubfileType, 0), tiff.ShortField(tiff.SampleFormat, 1), tiff.DoubleField(tiff.SMaxSampleValue, -5)}},
			coordinates: mibi.Pair(-241, 15000), size: 400},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f := openBytes(t, foreignFile(t, c.page))
			meta := f.Metadata()
			if c.check == nil || !c.coordinates.IsZero() {
				gotX, gotY, _ := meta.Coordinates.Pair()
				if x, y, _ := c.coordinates.Pair(); gotX != x || math.Abs(gotY-y) > 1e-9 {
					t.Errorf("coordinates %s, want %s", meta.Coordinates.JSON(), c.coordinates.JSON())
				}
			}
			if size, ok := meta.Size.Float(); ok == math.IsNaN(c.size) || ok && size != c.size {
				t.Errorf("size %s, want %v", meta.Size.JSON(), c.size)
			}
			if c.check != nil && !c.check(meta) {
				t.Errorf("metadata %+v", meta)
			}
			if page := f.Pages()[0]; page.Channel != (mibi.Channel{Mass: 92}) || page.Name != "92 (92)" {
				t.Errorf("page %+v", page)
			}
		})
	}
}

func TestOtherPagesAreListed(t *testing.T) {
	t.Parallel()
	data := foreignFile(t,
		foreignPage{description: "{" + sims},
		foreignPage{description: `{"image.type": "sed", "shape": [2, 4]}`, strip: []byte{1, 2, 3, 4, 5, 6, 7, 8},
			fields: []tiff.Field{tiff.ShortField(tiff.BitsPerSample, 8), tiff.LongField(tiff.ImageWidth, 4)}},
		foreignPage{description: `{"image.type": "SED", "shape": [1, 1]}`, strip: make([]byte, 8),
			fields: []tiff.Field{tiff.ShortField(tiff.BitsPerSample, 64), tiff.LongField(tiff.ImageWidth, 1), tiff.LongField(tiff.ImageLength, 1), tiff.ShortField(tiff.SampleFormat, 3)}},
		foreignPage{description: `{"image.type": "Optical", "shape": [2, 2, 3]}`, strip: make([]byte, 12),
			fields: []tiff.Field{tiff.ShortField(tiff.BitsPerSample, 8, 8, 8), tiff.ShortField(tiff.SamplesPerPixel, 3), tiff.ShortField(tiff.PhotometricInterpretation, 2)}},
		foreignPage{description: `{"image.type": "Label"}`, fields: []tiff.Field{tiff.ShortField(tiff.Compression, 7)}},
		foreignPage{description: `{"image.type": "Thermal"}`},
	)
	f := openBytes(t, data)
	pages := f.Pages()
	want := []struct {
		kind  mibitiff.PageType
		dtype mibitiff.DType
		tag   uint16
	}{{mibitiff.SIMS, mibitiff.Uint16, 0}, {mibitiff.SED, mibitiff.Uint8, 0}, {mibitiff.SED, mibitiff.Float64, 0},
		{mibitiff.Optical, mibitiff.Uint8, 277}, {mibitiff.Label, 0, 259}, {"Thermal", mibitiff.Uint16, 0}}
	if len(pages) != len(want) {
		t.Fatalf("%d pages", len(pages))
	}
	for i, w := range want {
		if pages[i].Type != w.kind || pages[i].DType != w.dtype {
			t.Errorf("page %d: %+v", i, pages[i])
		}
		_, err := f.ReadPlane(t.Context(), i)
		var unsupported *mibitiff.UnsupportedError
		switch {
		case w.tag == 0 && err != nil:
			t.Errorf("page %d: %v", i, err)
		case w.tag != 0 && (!errors.As(err, &unsupported) || unsupported.Page != i || unsupported.Tag != w.tag):
			t.Errorf("page %d: %v", i, err)
		}
	}
	if got := f.Channels(); len(got) != 1 {
		t.Errorf("channels %v", got)
	}
	photo, err := f.ReadRGB(t.Context(), 3)
	if err != nil || photo.Check() != nil || photo.Width != 2 || photo.Height != 2 {
		t.Errorf("the optical page: %+v, %v", photo, err)
	}
	var unsupported *mibitiff.UnsupportedError
	if _, err := f.ReadRGB(t.Context(), 0); !errors.As(err, &unsupported) {
		t.Errorf("a channel as RGB: %v", err)
	}
}

// Pages of every type of sample.
func TestEveryTypeOfSample(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		dtype        mibitiff.DType
		bits, format uint16
		strip        []byte
		want         [2]float64
	}{
		{mibitiff.Uint8, 8, 1, []byte{0, 255}, [2]float64{0, 255}},
		{mibitiff.Int8, 8, 2, []byte{1, 255}, [2]float64{1, -1}},
		{mibitiff.Uint16, 16, 1, []byte{1, 0, 255, 255}, [2]float64{1, 65535}},
		{mibitiff.Int16, 16, 2, []byte{1, 0, 255, 255}, [2]float64{1, -1}},
		{mibitiff.Uint32, 32, 1, []byte{1, 0, 0, 0, 0, 0, 0, 128}, [2]float64{1, 1 << 31}},
		{mibitiff.Int32, 32, 2, []byte{1, 0, 0, 0, 0, 0, 0, 128}, [2]float64{1, -1 << 31}},
		{mibitiff.Float32, 32, 3, []byte{0, 0, 128, 63, 0, 0, 0, 192}, [2]float64{1, -2}},
		{mibitiff.Uint64, 64, 1, []byte{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128}, [2]float64{1, 1 << 63}},
		{mibitiff.Int64, 64, 2, []byte{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 128}, [2]float64{1, -1 << 63}},
		{mibitiff.Float64, 64, 3, []byte{0, 0, 0, 0, 0, 0, 240, 63, 0, 0, 0, 0, 0, 0, 0, 192}, [2]float64{1, -2}},
	} {
		f := openBytes(t, foreignFile(t, foreignPage{description: "{" + sims, strip: c.strip, fields: []tiff.Field{
			tiff.ShortField(tiff.BitsPerSample, c.bits), tiff.ShortField(tiff.SampleFormat, c.format),
			tiff.LongField(tiff.ImageWidth, 2), tiff.LongField(tiff.ImageLength, 1)}}))
		plane, err := f.ReadPlane(t.Context(), 0)
		if err != nil || plane.DType() != c.dtype || plane.At(0, 0) != c.want[0] || plane.At(1, 0) != c.want[1] {
			t.Errorf("%s: %v, %v", c.dtype, plane, err)
		}
		if page := f.Pages()[0]; page.DType != c.dtype || page.Bytes() != int64(len(c.strip)) {
			t.Errorf("%s: %+v", c.dtype, page)
		}
		raw := make([]byte, len(c.strip))
		if err := f.ReadBytes(t.Context(), 0, raw); err != nil || !bytes.Equal(raw, c.strip) {
			t.Errorf("%s: % x, %v", c.dtype, raw, err)
		}
		again, err := mibitiff.NewPlane(1, 2, make([]uint8, 2))
		if err != nil {
			t.Fatal(err)
		}
		if err := f.ReadPlaneInto(t.Context(), 0, again); !errors.Is(err, mibitiff.ErrShape) {
			t.Errorf("%s: it was read into a plane of another shape", c.dtype)
		}
		same := plane.Clone()
		same.SetBytes(0, make([]byte, len(c.strip)))
		if err := f.ReadPlaneInto(t.Context(), 0, same); err != nil || !same.Equal(plane) {
			t.Errorf("%s: into a plane: %v, %v", c.dtype, same, err)
		}
	}
}

// FuzzOpen opens any bytes as an image and reads its planes.
func FuzzOpen(f *testing.F) {
	channels, planes := madeImage[uint16](f, 2, 8)
	f.Add(writeImage(f, madeMetadata(), channels, planes))
	channels, floats := madeImage[float32](f, 1, 8)
	f.Add(writeImage(f, madeMetadata(), channels, floats))
	f.Add(foreignFile(f, foreignPage{description: "{" + sims}))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<16 {
			return
		}
		file, err := mibitiff.Open(bytes.NewReader(data), int64(len(data)), mibitiff.WithMaxPageBytes(1<<20), mibitiff.WithMaxPages(50))
		if err != nil {
			return
		}
		meta := file.Metadata()
		meta.Missing()
		for _, page := range file.Pages() {
			raw := make([]byte, page.Bytes())
			errRaw := file.ReadBytes(t.Context(), page.Index, raw)
			if page.SamplesPerPixel != 1 {
				_, _ = file.ReadRGB(t.Context(), page.Index)
				continue
			}
			plane, err := file.ReadPlane(t.Context(), page.Index)
			if err == nil && (plane.Width() != page.Width || plane.Height() != page.Height || plane.DType() != page.DType) {
				t.Fatalf("page %+v became a plane of %v, %d×%d", page, plane.DType(), plane.Width(), plane.Height())
			}
			if (err == nil) != (errRaw == nil && page.DType != 0) || err == nil && !bytes.Equal(plane.Bytes(), raw) {
				t.Fatalf("page %+v: plane %v, bytes %v", page, err, errRaw)
			}
		}
	})
}
