package mibitiff

import "github.com/openmibi/openmibi/internal/pixels"

type (
	// Plane is one page's samples in row order. The zero Plane is empty, and
	// copies of a Plane share their samples.
	//
	// Width, Height and Len are its size in pixels, DType the type of its samples.
	// [Samples] gives them as a slice, and so do Uint8s, Uint16s and Float32s; At(x,
	// y) gives one as a float64. Stats looks at all. Convert gives the same values
	// in another type, Clone samples of its own, and Halve half the resolution.
	// Equal compares two planes bit for bit, SHA256 hashes the samples. Bytes,
	// AppendBytes, AppendTile and WriteTo give them as little-endian bytes, SetBytes
	// takes such. EncodePNG writes a grayscale PNG, for which IntegerRange tells
	// the bits that a sample needs, and EncodePNGAs one of a given depth.
	Plane = pixels.Plane
	// DType is the type of a plane's samples. String is its name as numpy has it
	// ("uint16"), Size the bytes of a sample; Float tells real numbers from
	// integers, and Signed what may be negative. The zero DType is none.
	DType = pixels.DType
	// Stats describes the samples of a plane: Min, Max and Sum (float64), and how
	// many are NonZero and NaN (int). NaN enters none of the others.
	Stats = pixels.Stats
	// RGB is a picture in colour, three samples of 8 bits a pixel: Width and
	// Height in pixels, and Pix with red, green and blue of each pixel, row after
	// row. It is an [image.Image].
	RGB = pixels.RGB
	// Sample is a type that a plane's samples can have: integers of 8 to 64 bits,
	// signed or not, float32 and float64.
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
// see [Plane] and [WithDType].
var ErrLossy = pixels.ErrLossy

// NewPlane returns a plane of a width and a height in pixels over samples in row
// order, without copying them. It fails if there are not width × height samples.
func NewPlane[T Sample](width, height int, samples []T) (Plane, error) {
	return pixels.Of(width, height, samples)
}

// Samples returns a plane's samples in row order, not copied, or nil if they
// are not of type T.
func Samples[T Sample](p Plane) []T { return pixels.Samples[T](p) }
