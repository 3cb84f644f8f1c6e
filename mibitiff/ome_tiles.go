package mibitiff

import (
	"context"
	"errors"
	"fmt"

	"github.com/openmibi/openmibi/internal/tiff"
)

// omeTile is the edge of a tile in pixels: few requests for a view, and little
// that is decoded in vain. Smaller images have smaller tiles.
const omeTile = 512

// omePage is the pyramid of one channel.
type omePage struct {
	kind   omeKind
	levels []tiff.Level
}

// omeKind is what all channels of an image have in common.
type omeKind struct {
	width, height         int
	dtype                 DType
	tileWidth, tileHeight int
}

// oneTile tells whether a resolution of so many pixels needs no other tile.
func (k omeKind) oneTile(width, height int) bool {
	return width <= k.tileWidth && height <= k.tileHeight
}

func (k omeKind) String() string {
	return fmt.Sprintf("%s of %d×%d pixels", k.dtype, k.width, k.height)
}

// omeTypes are the names of the types in the OME data model.
var omeTypes = map[DType]string{
	Int8: "int8", Uint8: "uint8", Int16: "int16", Uint16: "uint16", Int32: "int32", Uint32: "uint32",
	Float32: "float", Float64: "double",
}

// makeOMEPage makes the pyramid of channel i.
func makeOMEPage(ctx context.Context, p *packer, source Source, i int) (omePage, error) {
	plane, err := source(ctx, i)
	if err != nil {
		return omePage{}, err
	}
	if plane.Len() == 0 {
		return omePage{}, errEmpty
	}
	if err := checkSize(plane.Width(), plane.Height()); err != nil {
		return omePage{}, err
	}
	if dtype := p.options.dtype; dtype != 0 {
		if plane, err = plane.Convert(dtype); err != nil {
			return omePage{}, err
		}
	}
	page := omePage{kind: omeKind{
		width: plane.Width(), height: plane.Height(), dtype: plane.DType(),
		tileWidth: tileEdge(plane.Width()), tileHeight: tileEdge(plane.Height()),
	}}
	if _, ok := omeTypes[page.kind.dtype]; !ok {
		return omePage{}, fmt.Errorf("samples of %s: the OME data model has none of 64 bits but real numbers: %w", page.kind.dtype, errors.ErrUnsupported)
	}
	for {
		level, err := makeOMELevel(ctx, p, plane, page.kind, len(page.levels) > 0)
		if err != nil {
			return omePage{}, err
		}
		page.levels = append(page.levels, level)
		if page.kind.oneTile(plane.Width(), plane.Height()) {
			return page, nil
		}
		plane = plane.Halve()
	}
}

// tileEdge returns the width or height of an image's tiles: a power of two, as
// viewers like it, no larger than the image needs. So an image that is one row
// has no tiles of 512 rows that are zeros but for one.
func tileEdge(pixels int) int {
	edge := 16 // TIFF wants multiples of it
	for edge < omeTile && edge < pixels {
		edge *= 2
	}
	return edge
}

// makeOMELevel compresses one resolution of a channel.
func makeOMELevel(ctx context.Context, p *packer, plane Plane, kind omeKind, reduced bool) (tiff.Level, error) {
	subfile := uint32(0)
	if reduced {
		subfile = 1
	}
	level := tiff.Level{Fields: []tiff.Field{
		tiff.LongField(tiff.NewSubfileType, subfile),
		tiff.LongField(tiff.ImageWidth, uint32(plane.Width())),
		tiff.LongField(tiff.ImageLength, uint32(plane.Height())),
		tiff.ShortField(tiff.BitsPerSample, uint16(8*plane.DType().Size())),
		tiff.ShortField(tiff.Compression, tiff.CompressionDeflate),
		tiff.ShortField(tiff.PhotometricInterpretation, 1),
		tiff.ShortField(tiff.SamplesPerPixel, 1),
		tiff.ShortField(tiff.PlanarConfiguration, 1),
		tiff.LongField(tiff.TileWidth, uint32(kind.tileWidth)),
		tiff.LongField(tiff.TileLength, uint32(kind.tileHeight)),
		tiff.ShortField(tiff.SampleFormat, sampleFormat(plane.DType())),
	}}
	for y := 0; y < plane.Height(); y += kind.tileHeight {
		for x := 0; x < plane.Width(); x += kind.tileWidth {
			if err := ctx.Err(); err != nil {
				return level, err
			}
			p.raw = plane.AppendTile(p.raw[:0], x, y, kind.tileWidth, kind.tileHeight)
			packed, err := p.pack(p.raw, plane.DType().Size())
			if err != nil {
				return level, err
			}
			// What the packer returns is good until its next call.
			level.Tiles = append(level.Tiles, append([]byte(nil), packed...))
		}
	}
	return level, nil
}
