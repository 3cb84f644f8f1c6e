package mibitiff

import (
	"github.com/klauspost/compress/zlib"

	"github.com/openmibi/openmibi/internal/deflate"
)

// packer compresses the samples of pages, one after the other. It keeps its
// tables and its memory from page to page.
type packer struct {
	options *writerOptions
	encoder deflate.Encoder
	fast    *zlib.Writer // for the levels below the format's own
	raw     []byte
	out     appender
}

// plane returns the zlib stream of a plane's samples, little-endian and in row
// order, see pack.
func (p *packer) plane(plane Plane) ([]byte, error) {
	p.raw = plane.AppendBytes(p.raw[:0])
	return p.pack(p.raw, plane.DType().Size())
}

// pack returns the zlib stream of samples, each so many bytes long. The same
// samples give the same stream. It is good until the next call.
func (p *packer) pack(raw []byte, sample int) ([]byte, error) {
	switch {
	case p.options.pack != nil:
		return p.options.pack(raw)
	case p.options.level < formatLevel:
		return p.packFast(raw)
	}
	p.out = p.encoder.Zlib(p.out[:0], raw, sample)
	return p.out, nil
}

func (p *packer) packFast(raw []byte) ([]byte, error) {
	p.out = p.out[:0]
	if p.fast == nil {
		z, err := zlib.NewWriterLevel(&p.out, p.options.level)
		if err != nil {
			return nil, err
		}
		p.fast = z
	} else {
		p.fast.Reset(&p.out)
	}
	if _, err := p.fast.Write(raw); err != nil {
		return nil, err
	}
	if err := p.fast.Close(); err != nil {
		return nil, err
	}
	return p.out, nil
}

// appender is a slice to write to.
type appender []byte

func (a *appender) Write(b []byte) (int, error) {
	*a = append(*a, b...)
	return len(b), nil
}
