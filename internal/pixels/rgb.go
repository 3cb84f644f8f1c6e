package pixels

import (
	"crypto/sha256"
	"fmt"
	"image"
	"image/color"
	"math"
)

// RGB is a picture of three samples of 8 bits a pixel. It is an [image.Image].
type RGB struct {
	// Width and Height are in pixels.
	Width, Height int
	// Pix holds red, green and blue of each pixel, row after row.
	Pix []uint8
}

// NewRGB returns a black picture. Its error wraps [ErrSize].
func NewRGB(width, height int) (RGB, error) {
	n, err := area(width, height)
	if err != nil {
		return RGB{}, err
	}
	if n > math.MaxInt/3 {
		return RGB{}, fmt.Errorf("%d×%d pixels are too many: %w", width, height, ErrSize)
	}
	return RGB{Width: width, Height: height, Pix: make([]uint8, 3*n)}, nil
}

// Check tells whether Pix is as long as width and height ask for. Its error
// wraps [ErrSize].
func (p RGB) Check() error {
	if n, err := area(p.Width, p.Height); err != nil || n > math.MaxInt/3 || 3*n != len(p.Pix) {
		return fmt.Errorf("%d×%d pixels of RGB from %d bytes: %w", p.Width, p.Height, len(p.Pix), ErrSize)
	}
	return nil
}

// ColorModel returns [color.RGBAModel].
func (p RGB) ColorModel() color.Model { return color.RGBAModel }

// Bounds returns the picture's size, from 0.
func (p RGB) Bounds() image.Rectangle { return image.Rect(0, 0, p.Width, p.Height) }

// At returns the colour in column x of row y, black without opacity outside of
// the picture.
func (p RGB) At(x, y int) color.Color {
	if !(image.Pt(x, y).In(p.Bounds())) {
		return color.RGBA{}
	}
	s := p.Pix[3*(y*p.Width+x):][:3]
	return color.RGBA{R: s[0], G: s[1], B: s[2], A: math.MaxUint8}
}

// SHA256 returns the hash of Pix.
func (p RGB) SHA256() [sha256.Size]byte { return sha256.Sum256(p.Pix) }
