package api_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/pixels"
	"github.com/openmibi/openmibi/internal/tiff"
)

// pngOf makes a PNG of 8 or 16 bits, with sample i at pixel i.
func pngOf(t *testing.T, width, height, bits int) string {
	t.Helper()
	var img image.Image
	switch bits {
	case 8:
		g := image.NewGray(image.Rect(0, 0, width, height))
		for i := range g.Pix {
			g.Pix[i] = uint8(i)
		}
		img = g
	case 16:
		g := image.NewGray16(image.Rect(0, 0, width, height))
		for i := range width * height {
			g.SetGray16(i%width, i/width, color.Gray16{Y: uint16(1000 * i)})
		}
		img = g
	default:
		img = image.NewRGBA(image.Rect(0, 0, width, height))
	}
	var b bytes.Buffer
	must(t, png.Encode(&b, img))
	return b.String()
}

// tiffOf makes an uncompressed TIFF with the given little-endian samples.
func tiffOf(t *testing.T, width, height, bits, format, pages int, samples []byte) string {
	t.Helper()
	var b bytes.Buffer
	w := tiff.NewWriter(&b)
	for range pages {
		must(t, w.WritePage([]tiff.Field{
			tiff.LongField(tiff.ImageWidth, uint32(width)), tiff.LongField(tiff.ImageLength, uint32(height)),
			tiff.ShortField(tiff.BitsPerSample, uint16(bits)), tiff.ShortField(tiff.Compression, tiff.CompressionNone),
			tiff.ShortField(tiff.PhotometricInterpretation, 1), tiff.ShortField(tiff.SamplesPerPixel, uint16(len(samples)*8/(width*height*bits))),
			tiff.LongField(tiff.RowsPerStrip, uint32(height)), tiff.ShortField(tiff.SampleFormat, uint16(format)),
		}, samples))
	}
	must(t, w.Close())
	return b.String()
}

// samplesOf makes n samples of a type with the values of f.
func samplesOf(n, bits, format int, f func(i int) float64) []byte {
	var b []byte
	le := binary.LittleEndian
	for i := range n {
		v := f(i)
		switch {
		case format == tiff.FormatFloat && bits == 64:
			b = le.AppendUint64(b, math.Float64bits(v))
		case format == tiff.FormatFloat:
			b = le.AppendUint32(b, math.Float32bits(float32(v)))
		case bits == 8:
			b = append(b, byte(int64(v)))
		case bits == 16:
			b = le.AppendUint16(b, uint16(int64(v)))
		case bits == 32:
			b = le.AppendUint32(b, uint32(int64(v)))
		default:
			b = le.AppendUint64(b, uint64(int64(v)))
		}
	}
	return b
}

func (v served) channelURL(t *testing.T, name string) answer {
	t.Helper()
	return v.do(t, v.alice, "GET", "/images/"+itoa(v.image)+"/channel_url/?channel="+url.QueryEscape(name), nil)
}

func (v served) channel(t *testing.T, name string) answer {
	t.Helper()
	u, _ := v.channelURL(t, name).want(t, http.StatusOK).object(t)["url"].(string)
	return v.at(t, "GET", u, "").want(t, http.StatusOK)
}

func (v served) uploadChannel(t *testing.T, who user, fileName, contentType, content string) answer {
	t.Helper()
	return v.do(t, who, "POST", "/images/"+itoa(v.image)+"/upload_channel/", newForm().file("attachment", fileName, contentType, content))
}

func TestChannelURL(t *testing.T) {
	t.Parallel()
	v := newServed(t)
	if got := v.channel(t, "CD3/4"); string(got.body) != "PNG of CD3/4" || got.header.Get("Content-Type") != "image/png" {
		t.Errorf("%s %q", got.header.Get("Content-Type"), got.body)
	}
	v.channelURL(t, "CD3").want(t, http.StatusNotFound, "CD3")
	v.channelURL(t, "").want(t, http.StatusNotFound)
	path := "/images/" + itoa(v.image) + "/channel_url/"
	v.do(t, v.alice, "GET", path, nil).want(t, http.StatusBadRequest, "channel")
	v.do(t, v.bob, "GET", path+"?channel=dsDNA", nil).want(t, http.StatusNotFound)
	v.do(t, v.admin, "GET", path+"?channel=dsDNA", nil).want(t, http.StatusOK)
	v.do(t, v.alice, "GET", "/images/99999/channel_url/?channel=dsDNA", nil).want(t, http.StatusNotFound)
}

func TestUploadChannel(t *testing.T) {
	t.Parallel()
	const n = tiffWidth * tiffHeight
	count := func(i int) float64 { return float64(i) }
	large := func(i int) float64 { return float64(1000 * i) }
	v := newServed(t)
	for name, test := range map[string]struct {
		fileName, contentType, content string
		channel                        string
		value                          func(i int) float64
		served                         string // "" for what was uploaded
	}{
		"PNG of 8 bits":        {"cells.png", "image/png", pngOf(t, tiffWidth, tiffHeight, 8), "cells", count, ""},
		"PNG of 16 bits":       {"deep.PNG", "image/png", pngOf(t, tiffWidth, tiffHeight, 16), "deep", large, ""},
		"PNG named like TIFF":  {"liar.tif", "image/tif", pngOf(t, tiffWidth, tiffHeight, 8), "liar", count, ""},
		"slash in its name":    {"A/B.png", "image/png", pngOf(t, tiffWidth, tiffHeight, 8), "A/B", count, ""},
		"dots in its name":     {"HLA 1, A.B.TIFF", "image/tiff", tiffOf(t, tiffWidth, tiffHeight, 8, tiff.FormatUint, 1, samplesOf(n, 8, tiff.FormatUint, count)), "HLA 1, A.B", count, "image/png"},
		"no ASCII":             {"Zellgrößen.png", "image/png", pngOf(t, tiffWidth, tiffHeight, 8), "Zellgrößen", count, ""},
		"TIFF of uint16":       {"u16.tif", "image/tif", tiffOf(t, tiffWidth, tiffHeight, 16, tiff.FormatUint, 1, samplesOf(n, 16, tiff.FormatUint, large)), "u16", large, "image/png"},
		"TIFF of int32 labels": {"i32.tif", "image/tif", tiffOf(t, tiffWidth, tiffHeight, 32, tiff.FormatInt, 1, samplesOf(n, 32, tiff.FormatInt, large)), "i32", large, "image/png"},
		"TIFF of float32":      {"f32.tif", "image/tif", tiffOf(t, tiffWidth, tiffHeight, 32, tiff.FormatFloat, 1, samplesOf(n, 32, tiff.FormatFloat, count)), "f32", count, "image/png"},
		"TIFF of float64 mask": {"f64.tif", "image/tif", tiffOf(t, tiffWidth, tiffHeight, 64, tiff.FormatFloat, 1, samplesOf(n, 64, tiff.FormatFloat, count)), "f64", count, "image/png"},
		"fractions":            {"ratio.tiff", "image/tiff", tiffOf(t, tiffWidth, tiffHeight, 32, tiff.FormatFloat, 1, samplesOf(n, 32, tiff.FormatFloat, func(i int) float64 { return float64(i) / 8 })), "ratio", nil, ""},
		"almost whole":         {"almost.tiff", "image/tiff", tiffOf(t, tiffWidth, tiffHeight, 64, tiff.FormatFloat, 1, samplesOf(n, 64, tiff.FormatFloat, func(i int) float64 { return float64(i) + 1e-12 })), "almost", nil, ""},
		"negative":             {"minus.tiff", "image/tiff", tiffOf(t, tiffWidth, tiffHeight, 16, tiff.FormatInt, 1, samplesOf(n, 16, tiff.FormatInt, func(i int) float64 { return -float64(i) })), "minus", nil, ""},
	} {
		if got := v.uploadChannel(t, v.alice, test.fileName, test.contentType, test.content); got.status != http.StatusOK {
			t.Errorf("%s: %d %s", name, got.status, got.body)
			continue
		}
		got := v.channel(t, test.channel)
		if test.served == "" && string(got.body) != test.content {
			t.Errorf("%s: not served as it was uploaded", name)
		}
		if test.value == nil {
			if got.header.Get("Content-Type") != "image/tiff" {
				t.Errorf("%s: served as %s", name, got.header.Get("Content-Type"))
			}
			continue
		}
		plane, err := pixels.DecodePNG(bytes.NewReader(got.body), n)
		if err != nil || got.header.Get("Content-Type") != "image/png" {
			t.Errorf("%s: %v, %s", name, err, got.header.Get("Content-Type"))
			continue
		}
		for i := range n {
			if plane.At(i%tiffWidth, i/tiffWidth) != test.value(i) {
				t.Errorf("%s: pixel %d is %v, want %v", name, i, plane.At(i%tiffWidth, i/tiffWidth), test.value(i))
				break
			}
		}
		names := v.do(t, v.alice, "GET", "/images/"+itoa(v.image)+"/", nil).want(t, http.StatusOK).object(t)
		if !strings.Contains(fmt.Sprint(names["extra_pngs"]), test.channel) || strings.Contains(fmt.Sprint(names["sims_pngs"]), test.channel) {
			t.Errorf("%s: extra %v, sims %v", name, names["extra_pngs"], names["sims_pngs"])
		}
	}
	// The same name again replaces it.
	v.uploadChannel(t, v.alice, "cells.png", "image/png", pngOf(t, tiffWidth, tiffHeight, 16)).want(t, http.StatusOK)
	if got := v.channel(t, "cells"); string(got.body) != pngOf(t, tiffWidth, tiffHeight, 16) {
		t.Error("the channel was not replaced")
	}
}

func TestUploadChannelRefused(t *testing.T) {
	t.Parallel()
	const n = tiffWidth * tiffHeight
	v := newServed(t)
	before := v.stored(t)
	good := pngOf(t, tiffWidth, tiffHeight, 8)
	grey := samplesOf(n, 8, tiff.FormatUint, func(i int) float64 { return float64(i) })
	for name, test := range map[string]struct {
		who               user
		fileName, content string
		status            int
		want              string
	}{
		"another size":          {v.alice, "x.png", pngOf(t, tiffHeight, tiffWidth, 8), 400, "4×6"},
		"another size, TIFF":    {v.alice, "x.tif", tiffOf(t, n, 1, 8, tiff.FormatUint, 1, grey), 400, "24×1"},
		"a SIMS channel's name": {v.alice, "CD3/4.png", good, 400, "CD3/4"},
		"colour":                {v.alice, "x.png", pngOf(t, tiffWidth, tiffHeight, 0), 400, "grayscale"},
		"colour, TIFF":          {v.alice, "x.tif", tiffOf(t, tiffWidth, tiffHeight, 8, tiff.FormatUint, 1, bytes.Repeat(grey, 3)), 400, "grayscale"},
		"two pages":             {v.alice, "x.tif", tiffOf(t, tiffWidth, tiffHeight, 8, tiff.FormatUint, 2, grey), 400, "2 pages"},
		"neither":               {v.alice, "x.png", "GIF89a and so on and so on", 400, "neither"},
		"empty":                 {v.alice, "x.png", "", 400, "neither"},
		"broken PNG":            {v.alice, "x.png", good[:len(good)-30], 400, "cannot be used"},
		"broken TIFF":           {v.alice, "x.tif", tiffOf(t, tiffWidth, tiffHeight, 8, tiff.FormatUint, 1, grey)[:100], 400, "cannot be used"},
		"a PNG bomb":            {v.alice, "x.png", good[:16] + "\x7f\xff\xff\xff\x7f\xff\xff\xff" + good[24:], 400, "2147483647"},
		"no name":               {v.alice, "", good, 400, "name"},
		"up":                    {v.alice, "../x.png", good, 400, "../x"},
		"up, inside":            {v.alice, "A/../x.png", good, 400, "out of its folder"},
		"up, by backslashes":    {v.alice, `A\..\x.png`, good, 400, "out of its folder"},
		"from the root":         {v.alice, "/etc/x.png", good, 400, "out of its folder"},
		"here":                  {v.alice, "./x.png", good, 400, "out of its folder"},
		"somebody else's":       {v.bob, "x.png", good, 404, "detail"},
		"nobody":                {user{}, "x.png", good, 401, "detail"},
	} {
		got := v.uploadChannel(t, test.who, test.fileName, "image/png", test.content)
		if got.status != test.status || !strings.Contains(string(got.body), test.want) {
			t.Errorf("%s: %d %s, want %d with %q", name, got.status, got.body, test.status, test.want)
		}
	}
	v.do(t, v.alice, "POST", "/images/"+itoa(v.image)+"/upload_channel/", newForm("name", "x")).want(t, http.StatusBadRequest, "attachment")
	if after := v.stored(t); len(after) != len(before) {
		t.Errorf("stored before %q, after %q", before, after)
	}
	names := v.do(t, v.alice, "GET", "/images/"+itoa(v.image)+"/channelnames/", nil).array(t)
	if len(names) != 2 {
		t.Errorf("channels: %v", names)
	}
}

// Without a TIFF the frame says what size a channel has.
func TestUploadChannelWithoutTIFF(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	run := s.addRun(t, s.alice, "one")
	path := "/images/" + itoa(idOf(imagesOf(run)[1])) + "/upload_channel/" // frame 512
	upload := func(width, height int) answer {
		return s.do(t, s.alice, "POST", path, newForm().file("attachment", "cells.png", "image/png", pngOf(t, width, height, 8)))
	}
	upload(512, 512).want(t, http.StatusOK, "cells")
	upload(512, 511).want(t, http.StatusBadRequest, "512×511")

	// A frame is what a client says: it allows no bomb.
	image := strings.TrimSuffix(path, "upload_channel/")
	s.do(t, s.alice, "PUT", image, `{"frame": 200000}`).want(t, http.StatusOK)
	good := pngOf(t, 2, 2, 8)
	bomb := good[:16] + "\x00\x03\x0d\x40\x00\x03\x0d\x40" + good[24:29] + crcOf(good[12:16]+"\x00\x03\x0d\x40\x00\x03\x0d\x40"+good[24:29]) + good[33:]
	s.do(t, s.alice, "POST", path, newForm().file("attachment", "bomb.png", "image/png", bomb)).want(t, http.StatusBadRequest, "too large")
}

// crcOf is the checksum at the end of a PNG's chunk.
func crcOf(chunk string) string {
	return string(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(chunk))))
}
