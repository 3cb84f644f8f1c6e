package tiff

import (
	"fmt"
	"math"
)

// checkChunks makes sure that every strip or tile lies inside the file.
func (o *opener) checkChunks(p *Page, l *layout) error {
	chunks := l.chunks
	if l.planar == 2 {
		if chunks > math.MaxInt64/l.samples {
			return &FormatError{Page: p.Index, Tag: l.offsets.ID, Reason: fmt.Sprintf("%d strips or tiles of %d samples", chunks, l.samples)}
		}
		chunks *= l.samples
	}
	tags := []Tag{l.offsets}
	if l.counts.ID != 0 {
		tags = append(tags, l.counts)
	}
	for _, t := range tags {
		if _, ok := t.Uint(0); !ok || t.Count < chunks {
			return &FormatError{Page: p.Index, Tag: t.ID, Reason: fmt.Sprintf("%d values of %s for %d strips or tiles", t.Count, t.Type, chunks)}
		}
	}
	for i := range chunks {
		offset, count := l.chunk(i)
		if !o.window.contains(offset, count) {
			return &FormatError{Page: p.Index, Tag: l.offsets.ID,
				Reason: fmt.Sprintf("strip or tile %d is %d bytes at %d of a file of %d bytes", i, count, offset, o.size), Err: ErrTruncated}
		}
	}
	return nil
}

// photometricYCbCr is brightness and two differences of colour.
const photometricYCbCr = 6

// subsampled tells whether several pixels share a difference of colour, as they
// do where the page does not say otherwise.
func subsampled(p *Page) bool {
	t, _ := p.Tag(YCbCrSubSampling)
	across, _ := t.Uint(0)
	down, _ := t.Uint(1)
	return across != 1 || down != 1
}

// checkSupport refuses what is valid and cannot be read here.
func (l *layout) checkSupport(p *Page, fillOrder uint64) error {
	refuse := func(tag uint16, format string, args ...any) error {
		return &UnsupportedError{Page: p.Index, Tag: tag, Reason: fmt.Sprintf(format, args...)}
	}
	if t, ok := p.Tag(BitsPerSample); ok {
		for i := range min(t.Count, l.samples) {
			if bits, _ := t.Uint(int(i)); bits != l.bits {
				return refuse(BitsPerSample, "samples of %d and of %d bits", l.bits, bits)
			}
		}
	}
	switch {
	case l.bits != 8 && l.bits != 16 && l.bits != 32 && l.bits != 64:
		return refuse(BitsPerSample, "samples of %d bits", l.bits)
	case l.compression != CompressionNone && l.compression != CompressionLZW && l.compression != CompressionDeflate &&
		l.compression != CompressionPackBits && l.compression != CompressionOldDeflate:
		return refuse(Compression, "compression %d", l.compression)
	case l.photometric == photometricYCbCr && subsampled(p):
		return refuse(PhotometricInterpretation, "colours of YCbCr that several pixels share")
	case l.predictor < 1 || l.predictor > 3:
		return refuse(Predictor, "predictor %d", l.predictor)
	case l.predictor == 3 && l.format != FormatFloat:
		return refuse(Predictor, "predictor 3 on samples that are not real numbers")
	case l.planar != 1 && l.samples > 1:
		return refuse(PlanarConfiguration, "the samples of a pixel lie apart")
	case fillOrder != 1:
		return refuse(FillOrder, "fill order %d", fillOrder)
	case l.samples > 16:
		return refuse(SamplesPerPixel, "%d samples a pixel", l.samples)
	}
	return nil
}

// checkRatio refuses a strip or tile so short that no stream of its
// compression could fill it, before anything is allocated for the pixels. The
// factors are what each compression can reach at most.
func (o *opener) checkRatio(p *Page, l *layout) error {
	if l.tiled && (l.chunkW > math.MaxInt32 || l.chunkH > math.MaxInt32 ||
		l.chunkW*l.pixelBytes() > uint64(maxTileBytes)/l.chunkH) {
		return &UnsupportedError{Page: p.Index, Tag: TileWidth, Reason: fmt.Sprintf("tiles of %d×%d pixels", l.chunkW, l.chunkH), Err: ErrLimit}
	}
	if padded, page := l.chunks*l.chunkSize(0), l.rowBytes()*l.height; l.tiled && padded > paddingFactor*page+paddingBytes {
		return &UnsupportedError{Page: p.Index, Tag: TileWidth,
			Reason: fmt.Sprintf("%d tiles of %d×%d pixels for %d×%d pixels", l.chunks, l.chunkW, l.chunkH, l.width, l.height), Err: ErrLimit}
	}
	factor := uint64(1)
	switch l.compression {
	case CompressionDeflate, CompressionOldDeflate:
		factor = 1032
	case CompressionLZW:
		factor = 4096
	case CompressionPackBits:
		factor = 64
	}
	for i := range l.chunks {
		if _, count := l.chunk(i); count < (l.chunkSize(i)+factor-1)/factor {
			return &FormatError{Page: p.Index, Tag: l.byteCountsTag(),
				Reason: fmt.Sprintf("strip or tile %d of %d bytes cannot hold its %d bytes of samples", i, count, l.chunkSize(i))}
		}
		if need := l.need(i); need > math.MaxInt { // on a machine of 32 bits
			return &UnsupportedError{Page: p.Index, Tag: l.byteCountsTag(), Reason: fmt.Sprintf("strip or tile %d of %d bytes", i, need), Err: ErrLimit}
		}
	}
	return nil
}
