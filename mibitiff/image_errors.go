package mibitiff

import (
	"errors"
	"fmt"

	"github.com/openmibi/openmibi/internal/pixels"
)

// What an [Image], and the writing of one, refuses, for errors.Is. A channel that it does not have is an
// [ErrNoChannel], one that it would have twice a [mibi.ErrDuplicateChannel].
var (
	// ErrShape is wrapped by the error for planes that cannot be of one image:
	// their number is not that of the channels, there are none, one is empty, or
	// they differ in size or type.
	ErrShape = errors.New("the planes do not make one image")
	// ErrMixedChannels is wrapped by the error for channels with a mass and
	// channels without one in the same image.
	ErrMixedChannels = errors.New("some channels have a mass and some have none")
	// ErrNoName is wrapped by the error for a channel with neither mass nor
	// target.
	ErrNoName = errors.New("the channel has no name")
	// ErrNoMass is wrapped by the error for writing an image whose channels
	// have targets only.
	ErrNoMass = errors.New("a MIBItiff's channels need masses")
	// ErrFolder is wrapped by the error for a folder whose first part is not the
	// id of the field of view.
	ErrFolder = errors.New("the folder does not begin with the fov_id")
	// ErrAttributeExists is wrapped by the error for an attribute under a key
	// that is taken, by another attribute or by the format.
	ErrAttributeExists = errors.New("the attribute exists")
	// ErrAttributeRequired is wrapped by the error for taking away what the
	// format specifies.
	ErrAttributeRequired = errors.New("the format specifies this attribute")
	// ErrNoAttribute is wrapped by the error for an attribute that is not there.
	ErrNoAttribute = errors.New("no such attribute")
	// ErrNoSize is wrapped by the error for a pixel's size where the image's
	// own is not known.
	ErrNoSize = errors.New("the size of the field of view is not known")
	// ErrAspectRatio is wrapped by the error for a size that would distort an
	// image.
	ErrAspectRatio = errors.New("the aspect ratio would change")
	// ErrNotFinite is wrapped by the error for samples that cannot be resized:
	// NaN, infinities, and values beyond ±10³⁰⁰.
	ErrNotFinite = errors.New("a sample is no finite number")
	// ErrNotInteger is wrapped by the error for samples that no grayscale PNG
	// can hold.
	ErrNotInteger = pixels.ErrNotInteger
)

var errEmpty = fmt.Errorf("the plane is empty: %w", ErrShape)
