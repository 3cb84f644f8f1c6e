package mibitiff_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

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
