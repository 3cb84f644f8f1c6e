package mibitiff

import (
	"errors"
	"fmt"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
)

// Where the slide's label lies in the optical image, in pixels: always in the
// same columns, in rows that depend on which half of the stage the slide is in.
const (
	labelLeft  = 355
	labelUpper = 570
	labelLower = 1420
	labelEdge  = 600
)

// ErrNoLabel is wrapped by the error for an optical image that ends before
// where the slide's label would be.
var ErrNoLabel = errors.New("the optical image does not show the slide's label")

// cutLabel returns the slide's label, cut out of the optical image and turned
// upright: a column of the optical image becomes a row, read from below. Of an
// optical image that ends within the label, what there is of it.
func cutLabel(optical RGB, upper bool) (RGB, error) {
	if err := optical.Check(); err != nil {
		return RGB{}, err
	}
	top := labelLower
	if upper {
		top = labelUpper
	}
	width := min(optical.Height-top, labelEdge)
	height := min(optical.Width-labelLeft, labelEdge)
	if width <= 0 || height <= 0 {
		return RGB{}, fmt.Errorf("%d×%d pixels, the label begins at column %d of row %d: %w", optical.Width, optical.Height, labelLeft, top, ErrNoLabel)
	}
	label := RGB{Width: width, Height: height, Pix: make([]uint8, 0, 3*width*height)}
	for y := range height {
		for x := range width {
			at := 3 * ((top+width-1-x)*optical.Width + labelLeft + y)
			label.Pix = append(label.Pix, optical.Pix[at:at+3]...)
		}
	}
	return label, nil
}

// colour makes an RGB page.
func (m *pageMaker) colour(p *packer, kind PageType, rgb RGB) (madePage, error) {
	if err := checkSize(rgb.Width, rgb.Height); err != nil {
		return madePage{}, err
	}
	strip, err := p.pack(rgb.Pix, 1)
	if err != nil {
		return madePage{}, err
	}
	d := mibi.Description{ImageType: string(kind), Shape: []int{rgb.Height, rgb.Width, 3}}
	return m.page(d, strip,
		tiff.ShortField(tiff.BitsPerSample, 8, 8, 8),
		tiff.ShortField(tiff.PhotometricInterpretation, photometricRGB),
		tiff.ShortField(tiff.SamplesPerPixel, 3),
		tiff.ShortField(tiff.PlanarConfiguration, 1),
		tiff.RationalField(tiff.XResolution, 1, 1),
		tiff.RationalField(tiff.YResolution, 1, 1),
		tiff.ShortField(tiff.ResolutionUnit, unitNone),
	)
}
