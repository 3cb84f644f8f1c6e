package pixels

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"math"
)

var (
	// ErrNotInteger is returned where a plane cannot become a PNG without
	// changing a sample.
	ErrNotInteger = errors.New("not all samples are whole numbers from 0 to 65535")
	// ErrNotGrayscale is returned for a PNG that is not grayscale of 8 or 16
	// bits a sample.
	ErrNotGrayscale = errors.New("not a grayscale PNG of 8 or 16 bits")
	// ErrShortPNG is returned for a PNG of too few bytes for its pixels.
	ErrShortPNG = errors.New("too few bytes for the pixels")
	// ErrTooLarge is returned for a PNG of more pixels than the caller allows.
	ErrTooLarge = errors.New("too many pixels")
)

// EncodePNG writes the plane as a grayscale PNG that keeps every value: of 8
// bits where all samples are whole numbers from 0 to 255, else of 16. Samples
// that fit neither are refused with an error that wraps [ErrNotInteger].
func (p Plane) EncodePNG(w io.Writer) error {
	if p.Len() == 0 {
		return fmt.Errorf("PNG of an empty plane: %w", ErrSize)
	}
	switch p.IntegerRange() {
	case 8:
		return p.EncodePNGAs(w, Uint8)
	case 16:
		return p.EncodePNGAs(w, Uint16)
	}
	return fmt.Errorf("PNG of a %s plane: %w", p.DType(), ErrNotInteger)
}

// EncodePNGAs is [Plane.EncodePNG] of the depth of a type, [Uint8] or [Uint16]. A
// sample that it cannot hold is refused with an error that wraps [ErrLossy].
func (p Plane) EncodePNGAs(w io.Writer, dtype DType) error {
	p, err := p.Convert(dtype)
	if err != nil {
		return err
	}
	bounds := image.Rect(0, 0, p.width, p.height)
	var img image.Image
	switch samples := p.samples.(type) {
	case []uint8:
		img = &image.Gray{Pix: samples, Stride: p.width, Rect: bounds}
	case []uint16:
		gray := image.NewGray16(bounds)
		for i, v := range samples {
			binary.BigEndian.PutUint16(gray.Pix[2*i:], v)
		}
		img = gray
	default:
		return fmt.Errorf("PNG of %s: %w", dtype, ErrNotInteger)
	}
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	return encoder.Encode(w, img)
}

// DecodePNG reads a grayscale PNG of 8 or 16 bits as a plane of uint8 or
// uint16. A PNG of more than maxPixels pixels is refused before anything is
// allocated for it. Errors wrap [ErrNotGrayscale], [ErrTooLarge], or what
// image/png says about a broken file.
func DecodePNG(r io.Reader, maxPixels int) (Plane, error) {
	return DecodePNGOf(r, math.MaxInt64, maxPixels)
}

// deflateRatio is how many bytes one of deflate can stand for at most.
const deflateRatio = 1032

// PNGHolds tells whether a PNG of size bytes can hold pixels of so many bytes
// each: one that cannot is not worth the memory for them.
func PNGHolds(size int64, width, height, pixelBytes int) bool {
	pixels := uint64(max(width, 0)) * uint64(max(height, 0))
	return size > 0 && pixels/deflateRatio*uint64(pixelBytes) <= uint64(size)
}

// DecodePNGOf is [DecodePNG] of a PNG of size bytes. One of too few bytes for
// its pixels is refused, too, before anything is allocated for it: the error
// wraps [ErrShortPNG].
func DecodePNGOf(r io.Reader, size int64, maxPixels int) (Plane, error) {
	// Signature, chunk length, "IHDR", width, height, depth, colour type.
	var head [26]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return Plane{}, fmt.Errorf("PNG: its first bytes: %w", err)
	}
	if string(head[:8]) != "\x89PNG\r\n\x1a\n" || string(head[12:16]) != "IHDR" {
		return Plane{}, fmt.Errorf("PNG: no PNG signature: %w", ErrNotGrayscale)
	}
	width, height := binary.BigEndian.Uint32(head[16:]), binary.BigEndian.Uint32(head[20:])
	if depth, colour := head[24], head[25]; colour != 0 || depth != 8 && depth != 16 {
		return Plane{}, fmt.Errorf("PNG of %d bits and colour type %d: %w", depth, colour, ErrNotGrayscale)
	}
	if uint64(width)*uint64(height) > uint64(max(maxPixels, 0)) {
		return Plane{}, fmt.Errorf("PNG of %d×%d pixels, at most %d are allowed: %w", width, height, maxPixels, ErrTooLarge)
	}
	if !PNGHolds(size, int(width), int(height), int(head[24]/8)) {
		return Plane{}, fmt.Errorf("PNG of %d×%d pixels in %d bytes: %w", width, height, size, ErrShortPNG)
	}
	img, err := png.Decode(io.MultiReader(bytes.NewReader(head[:]), r))
	if err != nil {
		return Plane{}, fmt.Errorf("PNG: %w", err)
	}
	switch img := img.(type) {
	case *image.Gray:
		return Of(int(width), int(height), img.Pix)
	case *image.Gray16:
		samples := make([]uint16, len(img.Pix)/2)
		for i := range samples {
			samples[i] = binary.BigEndian.Uint16(img.Pix[2*i:])
		}
		return Of(int(width), int(height), samples)
	}
	return Plane{}, fmt.Errorf("PNG with transparency: %w", ErrNotGrayscale)
}
