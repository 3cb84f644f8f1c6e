package mibitiff

import (
	"slices"
	"strings"

	"github.com/openmibi/openmibi/internal/pixels"
	"github.com/openmibi/openmibi/mibi"
)

// Equal reports whether two images have the same metadata, the same channels in
// the same order, the same type of samples, and the same value in each.
//
// Numbers in the metadata are compared by value, so that a dwell time of 4
// equals one of 4.0, and the order of the user's attributes does not matter. In
// float samples 0 equals -0 and a NaN equals a NaN: an image equals its copy.
// (For MIBItracker's Python tools no image with a NaN equals any.) No image
// equals nil.
func (im *Image) Equal(other *Image) bool {
	return other != nil && sameMetadata(im.meta, other.meta) &&
		slices.Equal(im.channels, other.channels) && slices.EqualFunc(im.planes, other.planes, samePlane)
}

func sameMetadata(a, b mibi.Metadata) bool {
	if !a.Date.Equal(b.Date) || len(a.User) != len(b.User) {
		return false
	}
	given := make(map[string]mibi.Value)
	for _, u := range b.User {
		given[u.Key] = u.Value
	}
	for _, u := range a.User {
		if value, ok := given[u.Key]; !ok || !sameValue(u.Value, value) {
			return false
		}
	}
	a.User, b.User = nil, nil
	for key, value := range b.All() {
		given[key] = value
	}
	for key, value := range a.All() {
		if !sameValue(value, given[key]) {
			return false
		}
	}
	return true
}

// sameValue compares numbers, and pairs of them, by value.
func sameValue(a, b mibi.Value) bool {
	if a == b {
		return true
	}
	if isText(a) || isText(b) {
		return false
	}
	x, xOK := a.Float()
	y, yOK := b.Float()
	if xOK && yOK {
		return x == y
	}
	ax, ay, aOK := a.Pair()
	bx, by, bOK := b.Pair()
	return aOK && bOK && ax == bx && ay == by
}

func isText(v mibi.Value) bool { return strings.HasPrefix(v.JSON(), `"`) }

func samePlane(a, b Plane) bool {
	switch {
	case a.Equal(b):
		return true
	case a.Width() != b.Width() || a.Height() != b.Height() || a.DType() != b.DType():
		return false
	case a.DType() == Float32:
		return sameFloats(pixels.Samples[float32](a), pixels.Samples[float32](b))
	case a.DType() == Float64:
		return sameFloats(pixels.Samples[float64](a), pixels.Samples[float64](b))
	}
	return false
}

func sameFloats[T float32 | float64](a, b []T) bool {
	for i, x := range a {
		if y := b[i]; x != y && (x == x || y == y) {
			return false
		}
	}
	return true
}
