package tiff

import (
	"fmt"
	"math"
)

// Values of the tag Compression that are read here.
const (
	CompressionNone       = 1
	CompressionLZW        = 5
	CompressionDeflate    = 8
	CompressionPackBits   = 32773
	CompressionOldDeflate = 32946
)

// Values of the tag SampleFormat.
const (
	FormatUint  = 1
	FormatInt   = 2
	FormatFloat = 3
)

// layout is how a page's samples lie in the file.
type layout struct {
	width, height   uint64
	samples         uint64 // a pixel
	bits            uint64 // a sample
	format          uint64
	photometric     uint64
	compression     uint64
	predictor       uint64
	planar          uint64
	tiled           bool
	chunkW, chunkH  uint64 // size of a strip or tile in pixels
	across, chunks  uint64 // chunks in a row of chunks, and in all
	offsets, counts Tag
	// countOf is the byte count of the only strip where the tag is missing.
	countOf uint64
}

// Width returns the pixels of a row, 0 for an unsupported size.
func (p *Page) Width() int { return int(p.layout.width) }

// Height returns the number of rows, 0 for an unsupported size.
func (p *Page) Height() int { return int(p.layout.height) }

// Bits returns the bits of a sample.
func (p *Page) Bits() int { return int(p.layout.bits) }

// SamplesPerPixel returns the samples of a pixel: 1 for grayscale, 3 for RGB.
func (p *Page) SamplesPerPixel() int { return int(p.layout.samples) }

// SampleFormat returns FormatUint, FormatInt, FormatFloat, or what else stands
// in the tag.
func (p *Page) SampleFormat() int { return int(p.layout.format) }

// Photometric returns the tag PhotometricInterpretation: 0 or 1 for grayscale,
// 2 for RGB.
func (p *Page) Photometric() int { return int(p.layout.photometric) }

// Compression returns the tag Compression.
func (p *Page) Compression() int { return int(p.layout.compression) }

// Bytes returns how many bytes the page's samples take once decoded.
func (p *Page) Bytes() int64 { return int64(p.layout.rowBytes() * p.layout.height) }

// Unsupported returns an [*UnsupportedError] if the samples cannot be read
// here, else nil.
func (p *Page) Unsupported() error { return p.unsupported }

func (l *layout) pixelBytes() uint64 { return l.samples * l.bits / 8 }
func (l *layout) rowBytes() uint64   { return l.width * l.pixelBytes() }

// newLayout reads the tags that describe the samples. What is not valid is a
// FormatError; what is valid and cannot be read is an UnsupportedError, with
// as much of the layout as is known.
func (o *opener) newLayout(p *Page) (layout, error) {
	r := fieldReader{page: p}
	l := layout{
		width:       r.required(ImageWidth),
		height:      r.required(ImageLength),
		bits:        r.optional(BitsPerSample, 1),
		compression: r.optional(Compression, CompressionNone),
		photometric: r.optional(PhotometricInterpretation, 1),
		samples:     r.optional(SamplesPerPixel, 1),
		format:      r.optional(SampleFormat, FormatUint),
		predictor:   r.optional(Predictor, 1),
		planar:      r.optional(PlanarConfiguration, 1),
	}
	fillOrder := r.optional(FillOrder, 1)
	r.positive(ImageWidth, l.width)
	r.positive(ImageLength, l.height)
	r.positive(SamplesPerPixel, l.samples)
	r.positive(BitsPerSample, l.bits)
	if r.err != nil {
		return l, r.err
	}
	if l.width > math.MaxInt32 || l.height > math.MaxInt32 {
		width, height := l.width, l.height
		l.width, l.height = 0, 0
		return l, &UnsupportedError{Page: p.Index, Tag: ImageWidth, Reason: fmt.Sprintf("%d×%d pixels", width, height), Err: ErrLimit}
	}
	l.chunkGrid(&r)
	if r.err != nil {
		return l, r.err
	}
	if err := o.checkChunks(p, &l); err != nil {
		return l, err
	}
	if err := l.checkSupport(p, fillOrder); err != nil {
		return l, err
	}
	if uint64(o.opts.MaxPageBytes)/l.pixelBytes()/l.width < l.height {
		return l, &UnsupportedError{Page: p.Index, Tag: ImageWidth,
			Reason: fmt.Sprintf("%d×%d pixels of %d bytes, at most %d bytes are allowed", l.width, l.height, l.pixelBytes(), o.opts.MaxPageBytes), Err: ErrLimit}
	}
	return l, o.checkRatio(p, &l)
}

// chunkGrid reads how the page is cut into strips or tiles.
func (l *layout) chunkGrid(r *fieldReader) {
	if _, l.tiled = r.page.Tag(TileWidth); l.tiled {
		l.chunkW, l.chunkH = r.required(TileWidth), r.required(TileLength)
		r.positive(TileWidth, l.chunkW)
		r.positive(TileLength, l.chunkH)
		offsets, counts := uint16(TileOffsets), uint16(TileByteCounts)
		if _, ok := r.page.Tag(TileOffsets); !ok {
			if _, ok := r.page.Tag(StripOffsets); ok { // as old writers have it
				offsets, counts = StripOffsets, StripByteCounts
			}
		}
		l.offsets, l.counts = r.tag(offsets), r.tag(counts)
	} else {
		l.chunkW, l.chunkH = l.width, min(r.optional(RowsPerStrip, l.height), l.height)
		r.positive(RowsPerStrip, l.chunkH)
		l.offsets = r.tag(StripOffsets)
		if _, ok := r.page.Tag(StripByteCounts); ok || l.compression != CompressionNone || l.chunkH != l.height || l.planar != 1 {
			l.counts = r.tag(StripByteCounts)
		} else if l.bits%8 == 0 && l.bits <= 64 {
			// Old writers leave the count of one uncompressed strip out.
			l.countOf = l.rowBytes() * l.height
		}
	}
	if r.err != nil {
		return
	}
	l.across = (l.width-1)/l.chunkW + 1
	l.chunks = l.across * ((l.height-1)/l.chunkH + 1)
}

// chunk returns where chunk i lies in the file.
func (l *layout) chunk(i uint64) (offset, count uint64) {
	offset, _ = l.offsets.Uint(int(i))
	if l.counts.ID == 0 {
		return offset, l.countOf
	}
	count, _ = l.counts.Uint(int(i))
	return offset, count
}

// chunkSize returns the bytes of chunk i once decoded: the last strip may be
// shorter than the others, tiles are always whole.
func (l *layout) chunkSize(i uint64) uint64 {
	if l.tiled {
		return l.chunkW * l.chunkH * l.pixelBytes()
	}
	return min(l.chunkH, l.height-i*l.chunkH) * l.rowBytes()
}

func (l *layout) byteCountsTag() uint16 {
	if l.counts.ID != 0 {
		return l.counts.ID
	}
	return StripByteCounts
}

// fieldReader reads the tags of a page and keeps the first error.
type fieldReader struct {
	page *Page
	err  error
}

func (r *fieldReader) fail(tag uint16, reason string) {
	if r.err == nil {
		r.err = &FormatError{Page: r.page.Index, Tag: tag, Reason: reason}
	}
}

func (r *fieldReader) tag(id uint16) Tag {
	t, ok := r.page.Tag(id)
	if !ok {
		r.fail(id, "the tag is missing")
	}
	return t
}

func (r *fieldReader) required(id uint16) uint64 {
	if _, ok := r.page.Tag(id); !ok {
		r.fail(id, "the tag is missing")
	}
	return r.optional(id, 0)
}

func (r *fieldReader) optional(id uint16, missing uint64) uint64 {
	t, ok := r.page.Tag(id)
	if !ok {
		return missing
	}
	value, ok := t.Uint(0)
	if !ok {
		r.fail(id, fmt.Sprintf("%d values of %s instead of a whole number", t.Count, t.Type))
	}
	return value
}

func (r *fieldReader) positive(id uint16, value uint64) {
	if value == 0 {
		r.fail(id, "it is zero")
	}
}
