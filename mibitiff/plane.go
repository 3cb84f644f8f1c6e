package mibitiff

import "github.com/openmibi/openmibi/internal/pixels"

type (
	// Plane is one page's samples in row order.
	Plane = pixels.Plane
	// DType is the type of a plane's samples.
	DType = pixels.DType
	// Stats describes the samples of a plane.
	Stats = pixels.Stats
	// RGB is an optical image: three samples of 8 bits a pixel.
	RGB = pixels.RGB
	// Sample is a type that a plane's samples can have.
	Sample = pixels.Sample
)

// The types of samples.
const (
	Uint8   = pixels.Uint8
	Int8    = pixels.Int8
	Uint16  = pixels.Uint16
	Int16   = pixels.Int16
	Uint32  = pixels.Uint32
	Int32   = pixels.Int32
	Uint64  = pixels.Uint64
	Int64   = pixels.Int64
	Float32 = pixels.Float32
	Float64 = pixels.Float64
)

// ErrLossy is wrapped by the error for a conversion that would change a sample,
// see [Plane.Convert].
var ErrLossy = pixels.ErrLossy

// NewPlane returns a plane over samples in row order, without copying them. It
// fails if there are not width × height samples.
func NewPlane[T Sample](width, height int, samples []T) (Plane, error) {
	return pixels.Of(width, height, samples)
}

// Samples returns a plane's samples in row order, not copied, or nil if they
// are not of type T.
func Samples[T Sample](p Plane) []T { return pixels.Samples[T](p) }
