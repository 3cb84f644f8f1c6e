package pixels_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/pixels"
)

func TestConvertKeepsValuesOrRefuses(t *testing.T) {
	t.Parallel()
	nan := float32(math.NaN())
	for _, c := range []struct {
		from pixels.Plane
		to   pixels.DType
		want pixels.Plane
		at   string
	}{
		{plane[uint8](t, 2, 1, 0, 255), pixels.Uint16, plane[uint16](t, 2, 1, 0, 255), ""},
		{plane[uint16](t, 2, 1, 0, 65535), pixels.Float32, plane[float32](t, 2, 1, 0, 65535), ""},
		{plane[float32](t, 1, 2, 0, 65535), pixels.Uint16, plane[uint16](t, 1, 2, 0, 65535), ""},
		{plane[float32](t, 1, 2, 0, 0.5), pixels.Float32, plane[float32](t, 1, 2, 0, 0.5), ""},
		{plane[float32](t, 2, 2, 0, 1, 2, 2.5), pixels.Uint16, pixels.Plane{}, "column 1, row 1"},
		{plane[float32](t, 2, 1, -1, 1), pixels.Uint8, pixels.Plane{}, "column 0, row 0"},
		{plane[float32](t, 1, 1, 65536), pixels.Uint16, pixels.Plane{}, "65536"},
		{plane(t, 1, 1, nan), pixels.Uint16, pixels.Plane{}, "NaN"},
		{plane[uint16](t, 2, 1, 255, 256), pixels.Uint8, pixels.Plane{}, "column 1, row 0"},
	} {
		got, err := c.from.Convert(c.to)
		if c.at == "" && (err != nil || !got.Equal(c.want)) {
			t.Errorf("%v as %v: %v, %v", c.from, c.to, got, err)
		}
		if c.at != "" && (!errors.Is(err, pixels.ErrLossy) || !strings.Contains(err.Error(), c.at)) {
			t.Errorf("%v as %v: %v, %v", c.from, c.to, got, err)
		}
	}
}
