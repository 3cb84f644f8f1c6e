package pixels_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math"
	"runtime"
	"slices"
	"testing"

	"github.com/openmibi/openmibi/internal/pixels"
)

func plane[T pixels.Sample](t *testing.T, width, height int, samples ...T) pixels.Plane {
	t.Helper()
	p, err := pixels.Of(width, height, samples)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPlaneOfEachType(t *testing.T) {
	t.Parallel()
	nan := float32(math.NaN())
	for _, c := range []struct {
		plane pixels.Plane
		dtype pixels.DType
		bytes []byte
		stats pixels.Stats
		fits  int
	}{
		{plane[uint8](t, 3, 1, 0, 7, 255), pixels.Uint8, []byte{0, 7, 255}, pixels.Stats{Max: 255, Sum: 262, NonZero: 2}, 8},
		{plane[uint16](t, 1, 2, 3, 255), pixels.Uint16, []byte{3, 0, 255, 0}, pixels.Stats{Min: 3, Max: 255, Sum: 258, NonZero: 2}, 8},
		{plane[uint16](t, 2, 1, 0, 65535), pixels.Uint16, []byte{0, 0, 255, 255}, pixels.Stats{Max: 65535, Sum: 65535, NonZero: 1}, 16},
		{plane[float32](t, 2, 1, 0, 1), pixels.Float32, []byte{0, 0, 0, 0, 0, 0, 0x80, 0x3f}, pixels.Stats{Max: 1, Sum: 1, NonZero: 1}, 8},
		{plane[float32](t, 1, 1, 256), pixels.Float32, []byte{0, 0, 0x80, 0x43}, pixels.Stats{Min: 256, Max: 256, Sum: 256, NonZero: 1}, 16},
		{plane[float32](t, 1, 1, 65536), pixels.Float32, nil, pixels.Stats{Min: 65536, Max: 65536, Sum: 65536, NonZero: 1}, 0},
		{plane[float32](t, 1, 1, 0.5), pixels.Float32, nil, pixels.Stats{Min: 0.5, Max: 0.5, Sum: 0.5, NonZero: 1}, 0},
		{plane[float32](t, 1, 1, -1), pixels.Float32, nil, pixels.Stats{Min: -1, Max: -1, Sum: -1, NonZero: 1}, 0},
		{plane(t, 2, 1, nan, 2), pixels.Float32, nil, pixels.Stats{Min: 2, Max: 2, Sum: 2, NonZero: 1, NaN: 1}, 0},
		{plane(t, 1, 1, nan), pixels.Float32, nil, pixels.Stats{NaN: 1}, 0},
		{plane[int8](t, 3, 1, -128, 0, 127), pixels.Int8, []byte{0x80, 0, 0x7f}, pixels.Stats{Min: -128, Max: 127, Sum: -1, NonZero: 2}, 0},
		{plane[int16](t, 5, 1, -2, 1, 0, 0, 256), pixels.Int16, []byte{0xfe, 0xff, 1, 0, 0, 0, 0, 0, 0, 1}, pixels.Stats{Min: -2, Max: 256, Sum: 255, NonZero: 3}, 0},
		{plane[int16](t, 1, 1, 256), pixels.Int16, []byte{0, 1}, pixels.Stats{Min: 256, Max: 256, Sum: 256, NonZero: 1}, 16},
		{plane[uint32](t, 2, 1, 0, 1<<31), pixels.Uint32, []byte{0, 0, 0, 0, 0, 0, 0, 0x80}, pixels.Stats{Max: 1 << 31, Sum: 1 << 31, NonZero: 1}, 0},
		{plane[int32](t, 2, 1, -1, 7), pixels.Int32, []byte{0xff, 0xff, 0xff, 0xff, 7, 0, 0, 0}, pixels.Stats{Min: -1, Max: 7, Sum: 6, NonZero: 2}, 0},
		{plane[uint64](t, 1, 1, 1<<63), pixels.Uint64, []byte{0, 0, 0, 0, 0, 0, 0, 0x80}, pixels.Stats{Min: 1 << 63, Max: 1 << 63, Sum: 1 << 63, NonZero: 1}, 0},
		{plane[int64](t, 2, 1, -2, 3), pixels.Int64, []byte{0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 3, 0, 0, 0, 0, 0, 0, 0}, pixels.Stats{Min: -2, Max: 3, Sum: 1, NonZero: 2}, 0},
		{plane(t, 1, 2, 1.0, math.Inf(1)), pixels.Float64, []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f}, pixels.Stats{Min: 1, Max: math.Inf(1), Sum: math.Inf(1), NonZero: 2}, 0},
		{pixels.Plane{}, 0, nil, pixels.Stats{}, 8},
	} {
		if c.plane.DType() != c.dtype {
			t.Errorf("%v: type %v", c.plane, c.plane.DType())
		}
		if c.bytes != nil && !bytes.Equal(c.plane.Bytes(), c.bytes) {
			t.Errorf("%v: bytes % x", c.plane, c.plane.Bytes())
		}
		if got := pixels.ParseDType(c.dtype.String()); got != c.dtype {
			t.Errorf("%s is parsed as %v", c.dtype, got)
		}
		if c.bytes != nil {
			same, err := pixels.New(c.plane.Width(), c.plane.Height(), c.dtype)
			if err != nil {
				t.Fatal(err)
			}
			half := c.plane.Len() / 2
			same.SetBytes(half, c.bytes[half*c.dtype.Size():])
			same.SetBytes(0, c.bytes[:half*c.dtype.Size()])
			if !same.Equal(c.plane) || !same.Clone().Equal(c.plane) {
				t.Errorf("%v came back as %v", c.plane, same)
			}
		}
		if got := c.plane.Stats(); got != c.stats {
			t.Errorf("%v: %+v, want %+v", c.plane, got, c.stats)
		}
		if got := c.plane.IntegerRange(); got != c.fits {
			t.Errorf("%v fits in %d bits, want %d", c.plane, got, c.fits)
		}
	}
}

func TestSizesThatDoNotFit(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]int{{0, 1, 0}, {1, 0, 0}, {-1, -1, 1}, {2, 2, 3}, {math.MaxInt, 2, 2}, {math.MaxInt / 2, 4, 0}} {
		if _, err := pixels.Of(c[0], c[1], make([]uint8, c[2])); !errors.Is(err, pixels.ErrSize) {
			t.Errorf("%v: %v", c, err)
		}
	}
	if _, err := pixels.New(math.MaxInt, math.MaxInt, pixels.Uint8); !errors.Is(err, pixels.ErrSize) {
		t.Error(err)
	}
	if _, err := pixels.New(1, 1, 99); !errors.Is(err, errors.ErrUnsupported) {
		t.Error(err)
	}
}

func TestEqualLooksAtEveryBit(t *testing.T) {
	t.Parallel()
	nan, minusZero := float32(math.NaN()), float32(math.Copysign(0, -1))
	base := plane[float32](t, 2, 1, 0, nan)
	if !base.Equal(plane(t, 2, 1, 0, nan)) {
		t.Error("a plane differs from its like")
	}
	for _, other := range []pixels.Plane{plane(t, 2, 1, minusZero, nan), plane[float32](t, 2, 1, 0, 1), plane(t, 1, 2, 0, nan), plane[uint16](t, 2, 1, 0, 0), {}} {
		if base.Equal(other) {
			t.Errorf("%v equals %v", base, other)
		}
	}
}

func TestSetHashAndWrite(t *testing.T) {
	t.Parallel()
	p, err := pixels.New(2, 1, pixels.Uint16)
	if err != nil {
		t.Fatal(err)
	}
	p.SetBytes(1, []byte{3, 4})
	p.SetBytes(0, []byte{1, 2})
	if want := []uint16{0x0201, 0x0403}; !slices.Equal(p.Uint16s(), want) || p.At(1, 0) != 0x0403 {
		t.Errorf("%x", p.Uint16s())
	}
	// printf '\x01\x02\x03\x04' | sha256sum
	if sum := p.SHA256(); hex.EncodeToString(sum[:]) != "9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a" {
		t.Errorf("%x", sum)
	}
	var out bytes.Buffer
	if n, err := p.WriteTo(&out); n != 4 || err != nil || !bytes.Equal(out.Bytes(), p.Bytes()) {
		t.Errorf("%d, %v, % x", n, err, out.Bytes())
	}
}

func TestPNGKeepsEveryValue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		plane, want pixels.Plane
	}{
		{plane[uint8](t, 2, 2, 0, 1, 254, 255), plane[uint8](t, 2, 2, 0, 1, 254, 255)},
		{plane[uint16](t, 3, 1, 0, 1, 255), plane[uint8](t, 3, 1, 0, 1, 255)},
		{plane[uint16](t, 3, 1, 0, 256, 65535), plane[uint16](t, 3, 1, 0, 256, 65535)},
		{plane[float32](t, 1, 3, 0, 7, 255), plane[uint8](t, 1, 3, 0, 7, 255)},
		{plane[float32](t, 1, 3, 0, 7, 65535), plane[uint16](t, 1, 3, 0, 7, 65535)},
		{plane[int8](t, 2, 1, 0, 127), plane[uint8](t, 2, 1, 0, 127)},
		{plane[int16](t, 2, 1, 0, 32767), plane[uint16](t, 2, 1, 0, 32767)},
		{plane[uint32](t, 2, 1, 0, 65535), plane[uint16](t, 2, 1, 0, 65535)},
		{plane[int32](t, 2, 1, 0, 255), plane[uint8](t, 2, 1, 0, 255)},
		{plane[uint64](t, 2, 1, 0, 256), plane[uint16](t, 2, 1, 0, 256)},
		{plane[int64](t, 2, 1, 0, 1), plane[uint8](t, 2, 1, 0, 1)},
		{plane[float64](t, 2, 1, 0, 1), plane[uint8](t, 2, 1, 0, 1)},
	} {
		var out bytes.Buffer
		if err := c.plane.EncodePNG(&out); err != nil {
			t.Fatal(err)
		}
		got, err := pixels.DecodePNG(&out, 4)
		if err != nil || !got.Equal(c.want) {
			t.Errorf("%v came back as %v, %v", c.plane, got, err)
		}
	}
}

// pngChunk returns a chunk with its length and its checksum.
func pngChunk(kind string, data []byte) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	out = append(append(out, kind...), data...)
	return binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[4:]))
}

// TestPNGOtherChunksAreNotUnpacked puts a stream of 64 MiB into the chunks that
// hold a colour profile and compressed text.
func TestPNGOtherChunksAreNotUnpacked(t *testing.T) {
	var bomb, img bytes.Buffer
	z := zlib.NewWriter(&bomb)
	if _, err := z.Write(make([]byte, 64<<20)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	want := plane[uint8](t, 2, 1, 7, 8)
	if err := want.EncodePNG(&img); err != nil {
		t.Fatal(err)
	}
	const header = 8 + 25 // signature and IHDR
	data := slices.Clone(img.Bytes()[:header])
	for _, kind := range []string{"iCCP", "zTXt", "iTXt"} {
		data = append(data, pngChunk(kind, append([]byte("name\x00\x00"), bomb.Bytes()...))...)
	}
	data = append(data, img.Bytes()[header:]...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got, err := pixels.DecodePNG(bytes.NewReader(data), 2)
	runtime.ReadMemStats(&after)
	if err != nil || !got.Equal(want) {
		t.Errorf("%v, %v", got, err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d bytes allocated for 2 pixels", used)
	}
}

func TestPNGOfAGivenDepth(t *testing.T) {
	t.Parallel()
	want := plane[uint16](t, 2, 1, 0, 255)
	var out bytes.Buffer
	if err := plane[int32](t, 2, 1, 0, 255).EncodePNGAs(&out, pixels.Uint16); err != nil {
		t.Fatal(err)
	}
	if got, err := pixels.DecodePNG(&out, 2); err != nil || !got.Equal(want) {
		t.Errorf("%v came back as %v, %v", want, got, err)
	}
}

func TestPNGRefusals(t *testing.T) {
	t.Parallel()
	if err := plane[float32](t, 1, 1, 0.5).EncodePNG(&bytes.Buffer{}); !errors.Is(err, pixels.ErrNotInteger) {
		t.Error(err)
	}
	if err := plane[uint16](t, 1, 1, 256).EncodePNGAs(&bytes.Buffer{}, pixels.Uint8); !errors.Is(err, pixels.ErrLossy) {
		t.Error(err)
	}
	if err := plane[uint16](t, 1, 1, 256).EncodePNGAs(&bytes.Buffer{}, pixels.Float32); !errors.Is(err, pixels.ErrNotInteger) {
		t.Error(err)
	}
	if err := (pixels.Plane{}).EncodePNG(&bytes.Buffer{}); !errors.Is(err, pixels.ErrSize) {
		t.Error(err)
	}
	encode := func(img image.Image) []byte {
		var out bytes.Buffer
		if err := png.Encode(&out, img); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	gray := encode(image.NewGray(image.Rect(0, 0, 3, 3)))
	rgb := encode(image.NewRGBA(image.Rect(0, 0, 2, 2)))
	palette := encode(image.NewPaletted(image.Rect(0, 0, 2, 2), color.Palette{color.Black, color.White}))
	oneBit := slices.Clone(gray)
	oneBit[24] = 1
	for name, c := range map[string]struct {
		data []byte
		is   error
	}{
		"colour":    {rgb, pixels.ErrNotGrayscale},
		"palette":   {palette, pixels.ErrNotGrayscale},
		"one bit":   {oneBit, pixels.ErrNotGrayscale},
		"no PNG":    {bytes.Repeat([]byte("x"), 100), pixels.ErrNotGrayscale},
		"too large": {gray, pixels.ErrTooLarge},
	} {
		if _, err := pixels.DecodePNG(bytes.NewReader(c.data), 8); !errors.Is(err, c.is) {
			t.Errorf("%s: %v", name, err)
		}
	}
	huge := slices.Clone(gray)
	copy(huge[16:24], "\xff\xff\xff\xff\xff\xff\xff\xff")
	if _, err := pixels.DecodePNG(bytes.NewReader(huge), math.MaxInt); !errors.Is(err, pixels.ErrTooLarge) {
		t.Errorf("2⁶⁴ pixels: %v", err)
	}
	for n := range len(gray) {
		if _, err := pixels.DecodePNG(bytes.NewReader(gray[:n]), 9); err == nil && n < len(gray)-12 {
			t.Errorf("a PNG cut to %d of %d bytes was read", n, len(gray))
		}
	}
}

func TestRGB(t *testing.T) {
	t.Parallel()
	p, err := pixels.NewRGB(2, 1)
	if err != nil || len(p.Pix) != 6 || p.Check() != nil {
		t.Fatalf("%+v, %v", p, err)
	}
	copy(p.Pix, []byte{1, 2, 3, 4, 5, 6})
	if got := p.At(1, 0); got != (color.RGBA{4, 5, 6, 255}) {
		t.Errorf("%v", got)
	}
	if got := p.At(2, 0); got != (color.RGBA{}) {
		t.Errorf("outside: %v", got)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, p); err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []pixels.RGB{{}, {Width: 2, Height: 1, Pix: make([]byte, 5)}, {Width: -1, Height: -1, Pix: make([]byte, 3)},
		{Width: math.MaxInt, Height: 1}} {
		if err := wrong.Check(); !errors.Is(err, pixels.ErrSize) {
			t.Errorf("%d×%d: %v", wrong.Width, wrong.Height, err)
		}
	}
}
