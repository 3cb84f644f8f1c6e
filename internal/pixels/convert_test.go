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
		{plane[int8](t, 2, 1, -128, 127), pixels.Int64, plane[int64](t, 2, 1, -128, 127), ""},
		{plane[int8](t, 1, 1, -1), pixels.Uint64, pixels.Plane{}, "-1"},
		{plane[int64](t, 1, 1, -1<<31), pixels.Int32, plane[int32](t, 1, 1, -1<<31), ""},
		{plane[int64](t, 1, 1, 1<<31), pixels.Int32, pixels.Plane{}, "2147483648"},
		{plane[uint64](t, 1, 1, 1<<63), pixels.Int64, pixels.Plane{}, "9223372036854775808"},
		{plane[uint64](t, 1, 1, 1<<63), pixels.Float64, plane[float64](t, 1, 1, 1<<63), ""},
		{plane[uint64](t, 1, 1, math.MaxUint64), pixels.Float64, pixels.Plane{}, "18446744073709551615"},
		{plane[int64](t, 1, 1, math.MaxInt64), pixels.Float64, pixels.Plane{}, "9223372036854775807"},
		{plane[int64](t, 1, 1, math.MinInt64), pixels.Float32, plane[float32](t, 1, 1, math.MinInt64), ""},
		{plane[int64](t, 1, 1, 1<<53+1), pixels.Float64, pixels.Plane{}, "9007199254740993"},
		{plane[uint32](t, 1, 1, 1<<24+1), pixels.Float32, pixels.Plane{}, "16777217"},
		{plane[float64](t, 1, 1, 1<<63), pixels.Int64, pixels.Plane{}, "column 0"},
		{plane[float64](t, 1, 1, 1<<63), pixels.Uint64, plane[uint64](t, 1, 1, 1<<63), ""},
		{plane[float64](t, 1, 1, -1<<63), pixels.Int64, plane[int64](t, 1, 1, -1<<63), ""},
		{plane[float64](t, 1, 1, math.MaxUint32), pixels.Uint32, plane[uint32](t, 1, 1, math.MaxUint32), ""},
		{plane[float64](t, 1, 1, -0.5), pixels.Int16, pixels.Plane{}, "-0.5"},
		{plane(t, 1, 1, math.Inf(1)), pixels.Int8, pixels.Plane{}, "+Inf"},
		{plane(t, 1, 1, math.Inf(-1)), pixels.Float32, plane(t, 1, 1, float32(math.Inf(-1))), ""},
		{plane(t, 1, 1, math.NaN()), pixels.Float32, plane(t, 1, 1, float32(math.NaN())), ""},
		{plane[float64](t, 1, 1, 0.1), pixels.Float32, pixels.Plane{}, "0.1"},
		{plane[float64](t, 1, 1, 1e300), pixels.Float32, pixels.Plane{}, "column 0, row 0: 1000"},
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
