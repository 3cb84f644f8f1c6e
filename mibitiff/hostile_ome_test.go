package mibitiff_test

import (
	"bytes"
	"encoding/xml"
	"io"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// An image that is a line is written in little more than its own size, and can
// be read again.
func TestOMEOfLines(t *testing.T) {
	t.Parallel()
	const length = 400_000
	samples := make([]uint8, length)
	for i := range samples {
		samples[i] = uint8(i>>3 ^ i*7)
	}
	for _, size := range [][2]int{{length, 1}, {1, length}, {length / 20, 20}} {
		plane := newPlane(t, size[0], size[1], samples)
		data := writeOME(t, mibi.Metadata{}, []mibi.Channel{{Mass: 1, Target: "a"}}, []mibitiff.Plane{plane})
		if len(data) > 4*length {
			t.Errorf("%d×%d: %d bytes", size[0], size[1], len(data))
		}
		levels := 1
		for n := max(size[0], size[1]); n > 512; n = (n + 1) / 2 {
			levels++
		}
		checkOMEPixels(t, data, []mibitiff.Plane{plane}, levels)
	}
}

// Whatever the metadata says, the description is XML that says no more than it
// is given.
func TestOMEOfHostileMetadata(t *testing.T) {
	t.Parallel()
	nasty := "]]><!--\x00\x01\x1b[31m\u009b\u0085\u2028\ufffe\uffff\xff\xed\xa0\x80\r\n\t\"'&lt;</Description></OME><OME>"
	meta := madeMetadata()
	meta.FOVName, meta.Description = mibi.Text(nasty), mibi.Text(strings.Repeat(nasty, 1000))
	meta.Size, meta.Coordinates = mibi.Float(math.Inf(1)), mibi.Pair(math.NaN(), math.Inf(-1))
	meta.Date = time.Date(70_000, 1, 1, 0, 0, 0, 0, time.UTC)
	meta.User = []mibi.UserValue{{Key: nasty, Value: mibi.Text(nasty)}, {Key: "deep", Value: mibi.Text(strings.Repeat("<a>", 10_000))}}
	plane := newPlane(t, 2, 1, []uint16{1, 2})
	target := strings.ReplaceAll(strings.ToValidUTF8(nasty, ""), "\x00", "")
	for _, size := range []mibi.Value{mibi.Float(math.NaN()), mibi.Float(1e308), mibi.Float(5e-324), mibi.Float(-1), mibi.Text("0x1p3")} {
		meta.Size = size
		data := writeOME(t, meta, []mibi.Channel{{Mass: math.MinInt, Target: target}}, []mibitiff.Plane{plane})
		text := openTIFF(t, data)
		description, _ := text.Pages[0].Text(270)
		if !utf8.ValidString(description) || strings.ContainsAny(description, "\x00\x01\x1b\ufffe\uffff") {
			t.Error("the XML holds what XML cannot")
		}
		dec := xml.NewDecoder(strings.NewReader(description))
		elements := map[string]int{}
		for {
			token, err := dec.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if start, ok := token.(xml.StartElement); ok {
				elements[start.Name.Local]++
				for _, a := range start.Attr {
					if strings.HasPrefix(a.Name.Local, "P") && (strings.Contains(a.Value, "Inf") || strings.Contains(a.Value, "NaN")) {
						t.Errorf("%s=%q", a.Name.Local, a.Value)
					}
				}
			}
		}
		if elements["OME"] != 1 || elements["Description"] != 1 || elements["a"] != 0 || elements["AcquisitionDate"] != 0 {
			t.Errorf("elements %v", elements)
		}
		if bytes.Contains(data, []byte("70000:")) {
			t.Error("a date of five digits of a year")
		}
	}
}
