package tiff

import (
	"context"
	"errors"
	"iter"
)

// What a program needs that judges how a file is laid out, beyond reading it.

// Size returns the size of the file in bytes, as it was given to [Open].
func (f *File) Size() uint64 { return f.size }

// Directory returns where a page's directory lies in the file, in bytes.
func (f *File) Directory(p *Page) (offset, length uint64) {
	if f.Big {
		return p.Offset, 8 + 20*uint64(len(p.Tags)) + 8
	}
	return p.Offset, 2 + 12*uint64(len(p.Tags)) + 4
}

// Outside returns where the values of a tag lie in the file, in bytes, if they
// do not fit into its entry. It says nothing of whether they lie inside the
// file: values that are not kept were not looked for.
func (f *File) Outside(t Tag) (offset, length uint64, ok bool) {
	room := uint64(4)
	if f.Big {
		room = 8
	}
	size := t.Type.Size()
	if size == 0 || t.Count <= room/size || t.Count > f.size/size {
		return 0, 0, false
	}
	return t.offset, t.Count * size, true
}

// Bytes returns the values as they stand in the file, nil if they are not kept.
// They must not be changed.
func (t Tag) Bytes() []byte { return t.data }

// Tiled tells tiles from strips.
func (p *Page) Tiled() bool { return p.layout.tiled }

// Predictor returns the tag Predictor: 1 for none.
func (p *Page) Predictor() int { return int(p.layout.predictor) }

// Chunks goes over where each strip or tile lies in the file and how many bytes
// the file says it has.
func (p *Page) Chunks() iter.Seq2[uint64, uint64] {
	return func(yield func(offset, count uint64) bool) {
		chunks := p.layout.chunks
		if p.layout.planar == 2 {
			chunks *= p.layout.samples
		}
		for i := range chunks {
			if !yield(p.layout.chunk(i)) {
				return
			}
		}
	}
}

// Inspect is [File.Pieces], and counts the bytes that follow the compressed
// streams within the page's strips or tiles. Streams that do not say where they
// end have none.
func (f *File) Inspect(ctx context.Context, i int, do func(at int64, piece []byte) error) (spare uint64, err error) {
	p, err := f.readable(i)
	if err != nil {
		return 0, err
	}
	to := &target{do: do}
	err = f.readChunks(ctx, p, to)
	return to.spare, err
}

// TooLong tells whether a page was refused because a strip or tile decodes to
// more bytes than it has pixels for: many readers leave the rest.
func TooLong(err error) bool { return errors.Is(err, errTooLong) }
