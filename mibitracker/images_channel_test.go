package mibitracker_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

func encodePNG(t *testing.T, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// channelOf reads the channel that a storage serves.
func channelOf(t *testing.T, content []byte) (mibitiff.Plane, error) {
	t.Helper()
	return newClient(t, newStorage(t, content, 1).URL).Images.Channel(t.Context(), 1, "CD3")
}

func TestChannelPNG(t *testing.T) {
	t.Parallel()
	gray := &image.Gray{Pix: []uint8{0, 1, 2, 3, 254, 255}, Stride: 3, Rect: image.Rect(0, 0, 3, 2)}
	plane, err := channelOf(t, encodePNG(t, gray))
	if err != nil || plane.Width() != 3 || plane.Height() != 2 || !slices.Equal(plane.Uint8s(), gray.Pix) {
		t.Errorf("%v, %v", plane, err)
	}
	deep := image.NewGray16(image.Rect(0, 0, 2, 2))
	for i, v := range []uint16{0, 1, 256, 65535} {
		binary.BigEndian.PutUint16(deep.Pix[2*i:], v)
	}
	plane, err = channelOf(t, encodePNG(t, deep))
	if err != nil || !slices.Equal(plane.Uint16s(), []uint16{0, 1, 256, 65535}) {
		t.Errorf("%v, %v", plane, err)
	}
}

func TestChannelTIFF(t *testing.T) {
	t.Parallel()
	content := makeTIFF(t, 1, 16)
	local, err := mibitiff.Open(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	want, err := local.ReadPlane(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	if plane, err := channelOf(t, content); err != nil || !plane.Equal(want) {
		t.Errorf("%v, %v", plane, err)
	}
}

func TestChannelRefusals(t *testing.T) {
	t.Parallel()
	plain := encodePNG(t, image.NewGray(image.Rect(0, 0, 8, 8)))
	bomb := slices.Clone(plain)
	binary.BigEndian.PutUint32(bomb[16:], 1<<20)
	binary.BigEndian.PutUint32(bomb[20:], 1<<20)
	for name, c := range map[string]struct {
		content     []byte
		unsupported bool
	}{
		"a palette": {encodePNG(t, image.NewPaletted(image.Rect(0, 0, 2, 2), color.Palette{color.Black, color.White})), true},
		"colours":   {encodePNG(t, image.NewNRGBA(image.Rect(0, 0, 2, 2))), true},
		"a bomb":    {bomb, true},
		"half":      {plain[:len(plain)/2], false},
		"a page":    {[]byte("<html>Sign in</html>"), false},
		"nothing":   {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := channelOf(t, c.content)
			if !errors.Is(err, mibitracker.ErrUnexpected) || errors.Is(err, errors.ErrUnsupported) != c.unsupported || !strings.Contains(err.Error(), `channel "CD3" of image 1`) {
				t.Error(err)
			}
		})
	}
}

func TestChannelUnknown(t *testing.T) {
	t.Parallel()
	srv := newStorage(t, nil, 1)
	_, err := newClient(t, srv.URL).Images.Channel(t.Context(), 1, "gone")
	if !errors.Is(err, mibitracker.ErrUnexpected) || !errors.Is(err, mibitracker.ErrNotFound) || !strings.Contains(err.Error(), "CD3, CD8") {
		t.Error(err)
	}
	if q := srv.of("/images/1/channel_url/")[0].Query; q != "channel=gone" {
		t.Error(q)
	}
}
