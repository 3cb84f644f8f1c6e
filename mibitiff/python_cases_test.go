package mibitiff_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// writtenCase is an image that the Python tools and this package both write.
type writtenCase struct {
	name     string
	meta     mibi.Metadata
	channels []mibi.Channel
	planes   []mibitiff.Plane
	ranges   []mibitiff.Range // of the channels, or nil
	force    mibitiff.DType
	sed      *mibitiff.Plane
	optical  *mibitiff.RGB
	single   bool // into a folder
	big      bool // BigTIFF
	// unread says why the Python tools do not read what they wrote.
	unread string
}

func (c *writtenCase) options() []mibitiff.WriterOption {
	opts := []mibitiff.WriterOption{mibitiff.WithDType(c.force)}
	if c.ranges != nil {
		ranges := map[mibi.Channel]mibitiff.Range{}
		for i, channel := range c.channels {
			ranges[channel] = c.ranges[i]
		}
		opts = append(opts, mibitiff.WithRanges(ranges))
	}
	if c.sed != nil {
		opts = append(opts, mibitiff.WithSED(*c.sed))
	}
	if c.optical != nil {
		opts = append(opts, mibitiff.WithOptical(*c.optical))
	}
	if c.big {
		opts = append(opts, mibitiff.WithBigTIFF(true))
	}
	return opts
}

// writtenCases are images of every kind that the format knows.
func writtenCases(t *testing.T) []writtenCase {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	names := []mibi.Channel{{Mass: 89, Target: "dsDNA"}, {Mass: 147, Target: "CD8"}, {Mass: 2, Target: "A\u00b5 \U0001d6fc"},
		{Mass: 23, Target: "23"}, {Mass: 9, Target: "9"}, {Mass: 3, Target: "a"}, {Mass: 144, Target: "CD20"}}
	meta := madeMetadata()
	meta.MassOffset = mibi.Float(0.1) // the Python tools refuse to write 0
	var cases []writtenCase
	add := func(name string, width, height int, change func(c *writtenCase)) {
		c := writtenCase{name: name, meta: meta, channels: names, planes: randomPlanes[uint16](t, random, len(names), width, height)}
		if width != height {
			c.unread = "AssertionError"
		}
		if change != nil {
			change(&c)
		}
		cases = append(cases, c)
	}
	add("uint16", 16, 16, nil)
	add("one-pixel", 1, 1, nil)
	add("odd", 33, 33, func(c *writtenCase) { c.meta.Size = mibi.Float(333.3) })
	add("wide", 65, 7, nil)
	add("one-row", 5, 1, func(c *writtenCase) { c.meta.Size = mibi.Int(1) })
	add("one-column", 1, 5, nil)
	add("float32", 16, 16, func(c *writtenCase) { c.planes = randomPlanes[float32](t, random, len(names), 16, 16) })
	add("float64", 8, 8, func(c *writtenCase) {
		c.planes = nil
		for _, p := range randomPlanes[float32](t, random, len(names), 8, 8) {
			c.planes = append(c.planes, converted(t, p, mibitiff.Float64))
		}
	})
	add("uint8", 8, 8, func(c *writtenCase) { c.planes = randomPlanes[uint8](t, random, len(names), 8, 8) })
	add("int64", 8, 8, func(c *writtenCase) {
		for i, p := range c.planes {
			c.planes[i] = converted(t, p, mibitiff.Int64)
		}
	})
	add("forced-float32", 8, 8, func(c *writtenCase) { c.force = mibitiff.Float32 })
	add("forced-uint16", 8, 8, func(c *writtenCase) {
		c.force = mibitiff.Uint16
		for i, p := range c.planes {
			c.planes[i] = converted(t, p, mibitiff.Float32)
		}
	})
	add("below-zero", 4, 4, func(c *writtenCase) {
		c.planes = nil
		for i := range names {
			c.planes = append(c.planes, planeOf[float32](t, 2, 2, -1.5, -float32(i)-2, float32(math.Inf(-1)), -3))
		}
	})
	add("infinite", 2, 1, func(c *writtenCase) {
		c.planes = nil
		for range names {
			c.planes = append(c.planes, planeOf(t, 2, 1, float32(math.Inf(1)), 0))
		}
	})
	add("ranges", 8, 8, func(c *writtenCase) {
		for i := range names {
			c.ranges = append(c.ranges, mibitiff.Range{Min: float64(i), Max: math.MaxUint32 - float64(i)})
		}
	})
	add("ranges-float32", 8, 8, func(c *writtenCase) {
		c.force = mibitiff.Float32
		for i := range names {
			c.ranges = append(c.ranges, mibitiff.Range{Min: -0.1 * float64(i+1), Max: 1e300})
		}
	})
	add("one-channel", 9, 9, func(c *writtenCase) { c.channels, c.planes = c.channels[:1], c.planes[:1] })
	add("positions", 4, 4, func(c *writtenCase) { c.meta.Coordinates = mibi.Pair(-0.0001, 12345.678901) })
	add("whole-positions", 4, 4, func(c *writtenCase) { c.meta.Coordinates = value(t, "[-1, 20000]") })
	add("far-positions", 4, 4, func(c *writtenCase) { c.meta.Coordinates = mibi.Pair(-math.Pi*1e5, 1e6/3) })
	add("tiny-size", 4, 4, func(c *writtenCase) { c.meta.Size = mibi.Float(1e-3) })
	add("huge-size", 4, 4, func(c *writtenCase) { c.meta.Size = mibi.Float(1e9 / 7) })
	add("size-in-words", 4, 4, func(c *writtenCase) { c.meta.Size = mibi.Text("812.5") })
	add("old-date", 4, 4, func(c *writtenCase) { c.meta.Date = time.Date(1999, 2, 3, 4, 5, 6, 789e6, time.UTC) })
	add("aperture", 4, 4, func(c *writtenCase) { c.meta.Aperture = mibi.Text("300 \u03bcm") })
	add("nothing-optional", 4, 4, func(c *writtenCase) {
		c.meta.Slide, c.meta.Aperture, c.meta.Instrument, c.meta.Panel, c.meta.Miscalibrated = mibi.Value{}, mibi.Value{}, mibi.Value{}, mibi.Value{}, mibi.Value{}
		c.meta.Filename, c.meta.Description, c.meta.Version = mibi.Value{}, mibi.Value{}, mibi.Value{}
	})
	add("reserved-keys", 4, 4, func(c *writtenCase) {
		for _, key := range append(mibi.ReservedKeys(), "mine") {
			c.meta.User = append(c.meta.User, mibi.UserValue{Key: key, Value: mibi.Int(1)})
		}
	})
	add("big", 16, 16, func(c *writtenCase) { c.big = true })
	add("not-quite-json", 4, 4, func(c *writtenCase) {
		c.meta.Panel, c.meta.CheckReg = value(t, "NaN"), value(t, "[Infinity, -Infinity, {\"\": 1e400}]")
		c.meta.User = []mibi.UserValue{{Key: "\u00b5", Value: value(t, `{"deep": [[[{}]]], "null": null, "lone": "\udc00"}`)}, {Key: "none"}}
	})
	add("big-with-all", 7, 9, func(c *writtenCase) {
		c.meta.Coordinates = mibi.Pair(0, 1)
		c.big, c.force, c.sed, c.optical = true, mibitiff.Float32, randomSED[uint8](t, random, 5, 5), randomRGB(random, 400, 600)
	})
	add("folder", 8, 8, func(c *writtenCase) { c.single = true })
	add("folder-float32", 8, 8, func(c *writtenCase) {
		c.single, c.force, c.ranges = true, mibitiff.Float32, make([]mibitiff.Range, len(names))
	})
	for _, dtype := range []mibitiff.DType{mibitiff.Uint8, mibitiff.Int8, mibitiff.Uint16, mibitiff.Int16, mibitiff.Uint32,
		mibitiff.Int32, mibitiff.Uint64, mibitiff.Int64, mibitiff.Float32, mibitiff.Float64} {
		add("sed-"+dtype.String(), 4, 4, func(c *writtenCase) {
			sed := converted(t, randomPlanes[uint8](t, random, 1, 13, 11)[0], dtype)
			c.sed = &sed
		})
	}
	for _, c := range []struct {
		name          string
		y             float64
		width, height int
	}{
		{"optical-upper", 1, 1000, 2100}, {"optical-lower", 0, 1000, 2100}, {"optical-lower-cut", -5, 356, 1421},
		{"optical-upper-cut", 0.1, 400, 600}, {"optical-wide", 0.1, 1200, 571}, {"optical-narrow", 0.1, 358, 1200},
	} {
		add(c.name, 4, 4, func(w *writtenCase) {
			w.meta.Coordinates = mibi.Pair(3, c.y)
			w.optical = randomRGB(random, c.width, c.height)
		})
	}
	for i := range 12 {
		add("random-"+strconv.Itoa(i), 1+random.IntN(40), 1+random.IntN(40), func(c *writtenCase) {
			c.unread = "any" // perhaps not square, perhaps of metadata that they do not read
			c.meta = randomMetadata(t, random)
			c.channels = randomChannels(random)
			if w, h := c.planes[0].Width(), c.planes[0].Height(); i%2 == 0 {
				c.planes = randomPlanes[uint16](t, random, len(c.channels), w, h)
			} else {
				c.planes = randomPlanes[float32](t, random, len(c.channels), w, h)
				c.sed = randomSED[float32](t, random, h, w+3)
			}
		})
	}
	return cases
}

func value(t *testing.T, text string) mibi.Value {
	t.Helper()
	v, err := mibi.ParseValue(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return v
}

func converted(t *testing.T, p mibitiff.Plane, dtype mibitiff.DType) mibitiff.Plane {
	t.Helper()
	out, err := p.Convert(dtype)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func randomPlanes[T uint8 | uint16 | float32](t *testing.T, random *rand.Rand, n, width, height int) []mibitiff.Plane {
	t.Helper()
	var planes []mibitiff.Plane
	for range n {
		samples := make([]T, width*height)
		for i := range samples {
			if random.IntN(3) == 0 {
				samples[i] = T(random.IntN(128))
			}
		}
		planes = append(planes, planeOf(t, width, height, samples...))
	}
	return planes
}

func randomSED[T uint8 | uint16 | float32](t *testing.T, random *rand.Rand, width, height int) *mibitiff.Plane {
	t.Helper()
	return &randomPlanes[T](t, random, 1, width, height)[0]
}

func randomRGB(random *rand.Rand, width, height int) *mibitiff.RGB {
	rgb := &mibitiff.RGB{Width: width, Height: height, Pix: make([]uint8, 3*width*height)}
	for i := range rgb.Pix {
		rgb.Pix[i] = uint8(i/7) + uint8(random.IntN(2))
	}
	return rgb
}

func randomChannels(random *rand.Rand) []mibi.Channel {
	var channels []mibi.Channel
	for mass := range 1 + random.IntN(6) {
		target := strconv.Itoa(100 - mass)
		if random.IntN(3) > 0 {
			target = randomText(random) + target
		}
		channels = append(channels, mibi.Channel{Mass: 1 + 31*mass, Target: target})
	}
	return channels
}

func randomText(random *rand.Rand) string {
	letters := []rune("aZ09 .,:;-_/\"'\\<>\n\t\x01\x7f\u00b5\u03bc\u00e9\u4e2d\u2028\ufffd\U0001f600\U0001d6fc")
	var b strings.Builder
	for range 1 + random.IntN(9) {
		b.WriteRune(letters[random.IntN(len(letters))])
	}
	return b.String()
}

func randomNumber(random *rand.Rand) float64 {
	return (random.Float64() - 0.5) * math.Pow(10, float64(random.IntN(40)-20))
}

// randomJSON makes any value that JSON has.
func randomJSON(t *testing.T, random *rand.Rand, depth int) mibi.Value {
	t.Helper()
	switch random.IntN(9 - 2*min(depth, 1)) {
	case 0:
		return mibi.Text(randomText(random))
	case 1:
		return mibi.Int(random.Int64() - random.Int64())
	case 2:
		return mibi.Float(randomNumber(random))
	case 3:
		return mibi.Bool(random.IntN(2) == 0)
	case 4:
		return mibi.Value{}
	case 5:
		return value(t, []string{"NaN", "Infinity", "-Infinity", "123456789012345678901234567890", "[]", "{}", `""`, `"\ud800"`}[random.IntN(8)])
	case 6:
		return mibi.Pair(randomNumber(random), 1e16)
	}
	var parts []string
	for i := range random.IntN(4) {
		parts = append(parts, fmt.Sprintf(`"%d": %s`, i, randomJSON(t, random, depth+1).JSON()))
	}
	return value(t, "{"+strings.Join(parts, ",")+"}")
}

// randomMetadata makes metadata that both write.
func randomMetadata(t *testing.T, random *rand.Rand) mibi.Metadata {
	t.Helper()
	fov := "FOV" + strconv.Itoa(random.IntN(99))
	m := mibi.Metadata{
		Run: mibi.Text(randomText(random)), FOVID: mibi.Text(fov), FOVName: mibi.Text(randomText(random)), Folder: mibi.Text(fov + "/x"),
		Coordinates: mibi.Pair((random.Float64()-0.5)*1e5, (random.Float64()-0.5)*1e5),
		Size:        mibi.Float(random.Float64()*2000 + 1e-3),
		Dwell:       mibi.Float(random.Float64() + 0.1), Scans: mibi.Int(1 + random.Int64N(9)),
		MassGain: mibi.Float(randomNumber(random)), MassOffset: mibi.Float(randomNumber(random)), TimeResolution: mibi.Text(randomText(random)),
		Date: time.Unix(random.Int64N(4e9), 0).UTC(),
	}
	for _, v := range []*mibi.Value{&m.Slide, &m.Instrument, &m.Tissue, &m.Panel, &m.Miscalibrated, &m.CheckReg, &m.Filename, &m.Description, &m.Version} {
		*v = randomJSON(t, random, 0)
	}
	if random.IntN(2) == 0 {
		m.Aperture = mibi.Text(string(rune('A' + random.IntN(5))))
	}
	for i := range random.IntN(6) {
		m.User = append(m.User, mibi.UserValue{Key: randomText(random) + strconv.Itoa(i), Value: randomJSON(t, random, 0)})
	}
	return m
}
