package mibitiff_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// pythonMetadata is what make_python_files.py gives to both images.
func pythonMetadata() mibi.Metadata {
	return mibi.Metadata{
		Run: mibi.Text("20191016_run"), Slide: mibi.Text("5"), FOVID: mibi.Text("FOV1"), FOVName: mibi.Text("R1C3"),
		Folder: mibi.Text("FOV1/RowNumber0"), Scans: mibi.Text("0,5"), Aperture: mibi.Text("B"),
		Instrument: mibi.Text("MIBIscope"), Panel: mibi.Text("P \u00b5 \U0001f600"), MassGain: mibi.Float(0.2),
		Miscalibrated: mibi.Bool(false), Filename: mibi.Text("20191016_run"),
		Description: mibi.Text("line\nbreak \"quoted\" \\ \x7f"), Version: mibi.Text("alpha"),
		Date: time.Date(2019, 10, 16, 14, 48, 12, 0, time.UTC),
	}
}

func pythonChannels() []mibi.Channel {
	return []mibi.Channel{{Mass: 147, Target: "CD8"}, {Mass: 12, Target: "b/x"}, {Mass: 2, Target: "A\u00b5"},
		{Mass: 3, Target: "\U0001d6fc"}, {Mass: 23, Target: "23"}, {Mass: 197, Target: "CD45"}}
}

// pythonSamples makes plane c of the images as make_python_files.py does.
func pythonSamples[T uint8 | uint16 | float32](t *testing.T, rows, cols, c int) mibitiff.Plane {
	t.Helper()
	samples := make([]T, rows*cols)
	for i := range samples {
		if index := i*len(pythonChannels()) + c; index%3 == 0 {
			samples[i] = T(index * 7 % 11)
		}
	}
	plane, err := mibitiff.NewPlane(cols, rows, samples)
	if err != nil {
		t.Fatal(err)
	}
	return plane
}

func TestBytesEqualThePythonTool(t *testing.T) {
	t.Parallel()
	t.Run("uint16 with SED", func(t *testing.T) {
		t.Parallel()
		meta := pythonMetadata()
		meta.Coordinates, meta.Size = mibi.Pair(-241, -14967.999999999998), mibi.Float(400)
		meta.Dwell, meta.MassOffset, meta.TimeResolution = mibi.Int(4), mibi.Float(0.1), mibi.Float(0.5)
		nested, err := mibi.ParseValue(`[1,{"k":null,"f":0.0000001}]`)
		if err != nil {
			t.Fatal(err)
		}
		meta.User = []mibi.UserValue{{Key: "tag", Value: mibi.Text("user")}, {Key: "nested", Value: nested}}
		var out bytes.Buffer
		w, err := mibitiff.NewWriter(&out, meta)
		if err != nil {
			t.Fatal(err)
		}
		planes := map[mibi.Channel]mibitiff.Plane{}
		for i, c := range pythonChannels() {
			planes[c] = pythonSamples[uint16](t, 16, 16, i)
		}
		channels := pythonChannels()
		mibi.SortChannels(channels)
		for _, c := range channels {
			if err := w.WriteChannel(c, planes[c]); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.WriteSED(pythonSamples[uint8](t, 8, 8, 0)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		compareLayout(t, "testdata/python-uint16.tiff", out.Bytes())
	})
	t.Run("float32, not square", func(t *testing.T) {
		t.Parallel()
		meta := pythonMetadata()
		meta.Coordinates, meta.Size = mibi.Pair(1234.56789, 0.1), mibi.Float(333.3)
		meta.Dwell, meta.MassOffset, meta.TimeResolution = mibi.Float(0.25), mibi.Float(1e-05), mibi.Int(500)
		var planes []mibitiff.Plane
		for i := range pythonChannels() {
			planes = append(planes, pythonSamples[float32](t, 16, 24, i))
		}
		var out bytes.Buffer
		if err := mibitiff.Write(&out, meta, pythonChannels(), planes); err != nil {
			t.Fatal(err)
		}
		compareLayout(t, "testdata/python-float32.tiff", out.Bytes())
	})
}

// compareLayout compares two files in every byte, except for the compressed
// strips and what follows from their lengths.
func compareLayout(t *testing.T, goldenPath string, got []byte) {
	t.Helper()
	golden, err := os.ReadFile(goldenPath)
	if err != nil {
		t.Fatal(err)
	}
	want, have := pageHeads(t, golden), pageHeads(t, got)
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("the pages differ from %s (-want +got):\n%s", goldenPath, diff)
	}
	comparePixels(t, golden, got)
}

// pageHeads returns directory and values of every page, with offsets made
// relative to the page, and checks what the strips' lengths decide: that strips
// begin at the next multiple of 16 and directories at the next word, and that
// nothing follows the last strip.
func pageHeads(t *testing.T, file []byte) [][]byte {
	t.Helper()
	le := binary.LittleEndian
	if !bytes.Equal(file[:4], []byte("II*\x00")) {
		t.Fatalf("header % x", file[:4])
	}
	var heads [][]byte
	at := le.Uint32(file[4:])
	if at != 8 {
		t.Errorf("the first page is at %d", at)
	}
	for at != 0 {
		count := int(le.Uint16(file[at:]))
		next := le.Uint32(file[int(at)+2+12*count:])
		end := at + uint32(2+12*count+4)
		head := bytes.Clone(file[at:])
		var strip, length uint32
		for i := range count {
			entry := head[2+12*i : 14+12*i]
			size := map[uint16]uint32{2: 1, 3: 2, 4: 4, 5: 8, 10: 8, 12: 8}[le.Uint16(entry[2:])] * le.Uint32(entry[4:])
			value := le.Uint32(entry[8:])
			switch tag := le.Uint16(entry); {
			case tag == 273:
				strip = value
				le.PutUint32(entry[8:], 0)
			case tag == 279:
				length = value
				le.PutUint32(entry[8:], 0)
			case size > 4:
				if value%2 != 0 {
					t.Errorf("page at %d: tag %d is not word aligned", at, tag)
				}
				end = max(end, value+size)
				le.PutUint32(entry[8:], value-at)
			}
		}
		clear(head[2+12*count : 2+12*count+4])
		heads = append(heads, head[:end-at])
		if strip != (end+15)/16*16 {
			t.Errorf("page at %d: values end at %d and the strip begins at %d", at, end, strip)
		}
		switch {
		case next != 0 && next != (strip+length+1)/2*2:
			t.Errorf("page at %d: the strip ends at %d and the next page begins at %d", at, strip+length, next)
		case next == 0 && int(strip+length) != len(file):
			t.Errorf("the last strip ends at %d of %d bytes", strip+length, len(file))
		}
		at = next
	}
	return heads
}

func comparePixels(t *testing.T, golden, got []byte) {
	t.Helper()
	want, err := mibitiff.Open(bytes.NewReader(golden), int64(len(golden)))
	if err != nil {
		t.Fatal(err)
	}
	have, err := mibitiff.Open(bytes.NewReader(got), int64(len(got)))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Pages(), have.Pages()); diff != "" {
		t.Error(diff)
	}
	for i := range want.Pages() {
		a, b := make([]byte, want.Pages()[i].Bytes()), make([]byte, have.Pages()[i].Bytes())
		if err := errors.Join(want.ReadBytes(t.Context(), i, a), have.ReadBytes(t.Context(), i, b)); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a, b) {
			t.Errorf("page %d differs", i)
		}
	}
}
