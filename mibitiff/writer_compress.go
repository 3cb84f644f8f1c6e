package mibitiff

import "github.com/klauspost/compress/zlib"

// packer compresses the samples of pages, one after the other. It keeps its
// tables and its memory from page to page.
type packer struct {
	options *writerOptions
	zlib    *zlib.Writer
	raw     []byte
	out     appender
}

// plane returns the zlib stream of a plane's samples, little-endian and in row
// order, see pack.
func (p *packer) plane(plane Plane) ([]byte, error) {
	p.raw = plane.AppendBytes(p.raw[:0])
	return p.pack(p.raw)
}

// pack returns the zlib stream of raw. The same bytes give the same stream. It
// is good until the next call.
func (p *packer) pack(raw []byte) ([]byte, error) {
	if p.options.pack != nil {
		return p.options.pack(raw)
	}
	p.out = p.out[:0]
	if p.zlib == nil {
		z, err := zlib.NewWriterLevel(&p.out, p.options.level)
		if err != nil {
			return nil, err
		}
		p.zlib = z
	} else {
		p.zlib.Reset(&p.out)
	}
	if _, err := p.zlib.Write(raw); err != nil {
		return nil, err
	}
	if err := p.zlib.Close(); err != nil {
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
