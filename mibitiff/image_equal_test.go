package mibitiff_test

import (
	"math"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

func TestImageEqual(t *testing.T) {
	t.Parallel()
	list := func(text string) mibi.Value {
		value, err := mibi.ParseValue(text)
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
	user := func(pairs ...mibi.UserValue) mibi.Metadata { return mibi.Metadata{User: pairs} }
	a, b := mibi.UserValue{Key: "a", Value: mibi.Int(1)}, mibi.UserValue{Key: "b", Value: mibi.Text("1")}
	for name, test := range map[string]struct {
		first, second mibi.Metadata
		want          bool
	}{
		"nothing":            {want: true},
		"text":               {mibi.Metadata{Run: mibi.Text("a")}, mibi.Metadata{Run: mibi.Text("b")}, false},
		"one gives none":     {mibi.Metadata{Run: mibi.Text("a")}, mibi.Metadata{}, false},
		"number by value":    {mibi.Metadata{Dwell: mibi.Int(4)}, mibi.Metadata{Dwell: mibi.Float(4)}, true},
		"other number":       {mibi.Metadata{Dwell: mibi.Int(4)}, mibi.Metadata{Dwell: mibi.Float(4.5)}, false},
		"number and text":    {mibi.Metadata{Slide: mibi.Int(4)}, mibi.Metadata{Slide: mibi.Text("4")}, false},
		"pair by value":      {mibi.Metadata{Coordinates: mibi.Pair(1, -2)}, mibi.Metadata{Coordinates: list("[1, -2]")}, true},
		"other pair":         {mibi.Metadata{Coordinates: mibi.Pair(1, -2)}, mibi.Metadata{Coordinates: mibi.Pair(-2, 1)}, false},
		"pair and text":      {mibi.Metadata{Coordinates: mibi.Pair(1, 2)}, mibi.Metadata{Coordinates: mibi.Text("[1.0, 2.0]")}, false},
		"date":               {mibi.Metadata{Date: time.Unix(1, 0)}, mibi.Metadata{Date: time.Unix(1, 0).UTC()}, true},
		"other date":         {mibi.Metadata{Date: time.Unix(1, 0)}, mibi.Metadata{Date: time.Unix(2, 0)}, false},
		"user's in any row":  {user(a, b), user(b, a), true},
		"user's less":        {user(a, b), user(a), false},
		"user's of other":    {user(a), user(b), false},
		"user's value":       {user(a), user(mibi.UserValue{Key: "a", Value: mibi.Text("1")}), false},
		"user's like format": {user(mibi.UserValue{Key: "run", Value: mibi.Int(1)}), mibi.Metadata{Run: mibi.Int(1)}, false},
	} {
		first, second := newImage(t, test.first, fourChannels()), newImage(t, test.second, fourChannels())
		if first.Equal(second) != test.want || second.Equal(first) != test.want {
			t.Errorf("%s: equal is %t", name, !test.want)
		}
	}
	im := newImage(t, mibi.Metadata{}, fourChannels())
	if im.Equal(nil) {
		t.Error("an image equals none")
	}
	turned, err := im.SliceAt(1, 0, 2, 3)
	if err != nil || im.Equal(turned) {
		t.Errorf("channels in another order are equal (%v)", err)
	}
	if fewer, err := im.SliceAt(0, 1, 2); err != nil || im.Equal(fewer) || fewer.Equal(im) {
		t.Errorf("fewer channels are equal (%v)", err)
	}
}

func TestImageEqualSamples(t *testing.T) {
	t.Parallel()
	negative, nan := math.Copysign(0, -1), math.NaN()
	payload := math.Float64frombits(math.Float64bits(nan) ^ 1)
	for name, test := range map[string]struct {
		first, second mibitiff.Plane
		want          bool
	}{
		"same":          {newPlane(t, 2, 1, []uint8{1, 2}), newPlane(t, 2, 1, []uint8{1, 2}), true},
		"other":         {newPlane(t, 2, 1, []int32{1, 2}), newPlane(t, 2, 1, []int32{1, 3}), false},
		"type":          {newPlane(t, 2, 1, []uint8{1, 2}), newPlane(t, 2, 1, []uint16{1, 2}), false},
		"float type":    {newPlane(t, 2, 1, []float32{1, 2}), newPlane(t, 2, 1, []float64{1, 2}), false},
		"shape":         {newPlane(t, 2, 1, []float32{1, 2}), newPlane(t, 1, 2, []float32{1, 2}), false},
		"NaN":           {newPlane(t, 2, 1, []float64{1, nan}), newPlane(t, 2, 1, []float64{1, payload}), true},
		"NaN as float":  {newPlane(t, 2, 1, []float32{1, float32(nan)}), newPlane(t, 2, 1, []float32{1, float32(payload)}), true},
		"NaN and 0":     {newPlane(t, 2, 1, []float64{1, nan}), newPlane(t, 2, 1, []float64{1, 0}), false},
		"-0":            {newPlane(t, 2, 1, []float64{1, 0}), newPlane(t, 2, 1, []float64{1, negative}), true},
		"last of float": {newPlane(t, 2, 1, []float64{0, 2}), newPlane(t, 2, 1, []float64{negative, 3}), false},
	} {
		first, second := oneChannel(t, test.first), oneChannel(t, test.second)
		if first.Equal(second) != test.want || second.Equal(first) != test.want {
			t.Errorf("%s: equal is %t", name, !test.want)
		}
	}
}
