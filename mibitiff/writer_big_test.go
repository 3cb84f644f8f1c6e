package mibitiff_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

func TestBigTIFFReadsBack(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[float32](t, 3, 9)
	meta := madeMetadata()
	meta.Coordinates = mibi.Pair(-1, 1)
	write := func(big bool) []byte {
		var out bytes.Buffer
		err := mibitiff.Write(&out, meta, channels, planes, mibitiff.WithBigTIFF(big), mibitiff.WithSED(planes[0]), mibitiff.WithOptical(placeRGB(360, 580)))
		if err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	classic, big := write(false), write(true)
	if !bytes.HasPrefix(classic, []byte("II*\x00")) || !bytes.HasPrefix(big, []byte("II+\x00")) {
		t.Errorf("headers % x and % x", classic[:4], big[:4])
	}
	comparePixels(t, classic, big)
	if a, b := fmt.Sprint(openBytes(t, classic).Metadata()), fmt.Sprint(openBytes(t, big).Metadata()); a != b {
		t.Errorf("metadata\n%s\n%s", a, b)
	}
}

// TestClassicImageStopsBeforeFourGiB writes pages whose strips are all one slice
// of 64 MiB: with the 64th the file would pass 4 GiB.
func TestClassicImageStopsBeforeFourGiB(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 70, 2)
	mibi.SortChannels(channels)
	strip := make([]byte, 64<<20)
	var size int64
	count := writerFunc(func(b []byte) (int, error) {
		size += int64(len(b))
		return len(b), nil
	})
	pack := mibitiff.WithStrips(func([]byte) ([]byte, error) { return strip, nil })
	source := func(context.Context, int) (mibitiff.Plane, error) { return planes[0], nil }
	err := mibitiff.WriteFrom(t.Context(), count, madeMetadata(), channels, source, pack)
	var unsupported *mibitiff.UnsupportedError
	if !errors.Is(err, mibitiff.ErrNeedsBigTIFF) || !errors.As(err, &unsupported) || unsupported.Page != 63 ||
		!strings.Contains(err.Error(), channels[63].String()) || !strings.Contains(err.Error(), "WithBigTIFF") {
		t.Errorf("%v", err)
	}
	if size >= 63*64<<20 {
		t.Errorf("%d bytes were written of 63 pages, the last of which is held back", size)
	}
	size = 0
	if err := mibitiff.WriteFrom(t.Context(), count, madeMetadata(), channels, source, pack, mibitiff.WithBigTIFF(true)); err != nil {
		t.Fatal(err)
	}
	if size < 70*64<<20 {
		t.Errorf("%d bytes of 70 pages", size)
	}
}

func TestSizeAsksForBigTIFF(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		width, height, channels int
		dtype                   mibitiff.DType
		sed, optical            [2]int
		big                     bool
	}{
		{1024, 1024, 40, mibitiff.Uint16, [2]int{}, [2]int{}, false},
		{8192, 8192, 30, mibitiff.Uint16, [2]int{}, [2]int{}, false},
		{8192, 8192, 32, mibitiff.Uint16, [2]int{}, [2]int{}, true},
		{8192, 8192, 16, mibitiff.Float32, [2]int{}, [2]int{}, true},
		{8192, 8192, 31, mibitiff.Uint16, [2]int{}, [2]int{}, false},
		{8192, 8192, 31, mibitiff.Uint16, [2]int{10000, 10000}, [2]int{}, true},
		{8192, 8192, 31, mibitiff.Uint16, [2]int{}, [2]int{6000, 6000}, true},
		{1, 1, 2_000_000, mibitiff.Uint16, [2]int{}, [2]int{}, true},
	} {
		if got := mibitiff.AsksForBigTIFF(c.width, c.height, c.channels, c.dtype, c.sed, c.optical); got != c.big {
			t.Errorf("%+v: BigTIFF %v", c, got)
		}
	}
}
