package mibitiff

import "github.com/openmibi/openmibi/internal/pixels"

type (
	// Plane is one page's samples in row order.
	Plane = pixels.Plane
	// DType is the type of a plane's samples.
	DType = pixels.DType
	// Stats describes the samples of a plane.
	Stats = pixels.Stats
)

// The types of samples.
const (
	Uint8   = pixels.Uint8
	Uint16  = pixels.Uint16
	Float32 = pixels.Float32
)

// NewPlane returns a plane over samples in row order, without copying them. It
// fails if there are not width × height samples.
func NewPlane[T pixels.Sample](width, height int, samples []T) (Plane, error) {
	return pixels.Of(width, height, samples)
}
