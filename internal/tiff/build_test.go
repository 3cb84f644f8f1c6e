package tiff_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"testing"

	"github.com/klauspost/compress/zlib"

	"github.com/openmibi/openmibi/internal/tiff"
)

// entry is one directory entry as a test wants it in the file, valid or not.
type entry struct {
	id    uint16
	typ   tiff.Type
	count uint64
	// value is the inline value or the offset.
	value uint64
	// data, if set, is placed in the file and its offset used as value.
	data []byte
}

// fileBuilder makes TIFFs of any byte order and size of offsets, right or wrong.
type fileBuilder struct {
	order binary.ByteOrder
	big   bool
	buf   []byte
	link  int // where the next directory's offset belongs
}

func newBuilder(order binary.ByteOrder, big bool) *fileBuilder {
	b := &fileBuilder{order: order, big: big}
	mark := map[bool]string{true: "MM", false: "II"}[order == binary.BigEndian]
	b.buf = append(b.buf, mark...)
	if big {
		b.buf = b.put16(b.buf, 43)
		b.buf = b.put16(b.put16(b.buf, 8), 0)
	} else {
		b.buf = b.put16(b.buf, 42)
	}
	b.link = len(b.buf)
	b.buf = b.putOffset(b.buf, 0)
	return b
}

func (b *fileBuilder) put16(to []byte, v uint16) []byte {
	return b.order.(binary.AppendByteOrder).AppendUint16(to, v)
}

func (b *fileBuilder) putOffset(to []byte, v uint64) []byte {
	if b.big {
		return b.order.(binary.AppendByteOrder).AppendUint64(to, v)
	}
	return b.order.(binary.AppendByteOrder).AppendUint32(to, uint32(v))
}

func (b *fileBuilder) setLink(offset uint64) {
	copy(b.buf[b.link:], b.putOffset(nil, offset))
}

// blob appends bytes and returns their offset.
func (b *fileBuilder) blob(data []byte) uint64 {
	if len(b.buf)%2 != 0 {
		b.buf = append(b.buf, 0)
	}
	b.buf = append(b.buf, data...)
	return uint64(len(b.buf) - len(data))
}

// page appends a directory and links it from the one before.
func (b *fileBuilder) page(entries ...entry) uint64 {
	for i, e := range entries {
		if e.data != nil {
			entries[i].value = b.blob(e.data)
		}
	}
	at := b.blob(nil)
	b.setLink(at)
	if b.big {
		b.buf = b.order.(binary.AppendByteOrder).AppendUint64(b.buf, uint64(len(entries)))
	} else {
		b.buf = b.put16(b.buf, uint16(len(entries)))
	}
	for _, e := range entries {
		b.buf = b.put16(b.put16(b.buf, e.id), uint16(e.typ))
		b.buf = b.putOffset(b.buf, e.count)
		width := map[bool]uint64{true: 8, false: 4}[b.big]
		switch inline := e.typ.Size()*e.count <= width && e.data == nil; {
		case inline && e.typ == tiff.Short:
			slot := b.put16(nil, uint16(e.value))
			b.buf = append(b.buf, append(slot, make([]byte, width-2)...)...)
		case inline && e.typ == tiff.Long:
			slot := b.order.(binary.AppendByteOrder).AppendUint32(nil, uint32(e.value))
			b.buf = append(b.buf, append(slot, make([]byte, width-4)...)...)
		default:
			b.buf = b.putOffset(b.buf, e.value)
		}
	}
	b.link = len(b.buf)
	b.buf = b.putOffset(b.buf, 0)
	return at
}

func short(id uint16, v uint64) entry { return entry{id: id, typ: tiff.Short, count: 1, value: v} }
func long(id uint16, v uint64) entry  { return entry{id: id, typ: tiff.Long, count: 1, value: v} }

// longs is an array of LONGs that does not fit into the entry.
func (b *fileBuilder) longs(id uint16, values ...uint64) entry {
	if len(values) == 1 {
		return long(id, values[0])
	}
	e := entry{id: id, typ: tiff.Long, count: uint64(len(values))}
	for _, v := range values {
		e.data = b.order.(binary.AppendByteOrder).AppendUint32(e.data, uint32(v))
	}
	return e
}

// with returns entries with those of changes put in place of the same tags, or
// added in order.
func with(entries []entry, changes ...entry) []entry {
	out := append([]entry(nil), entries...)
next:
	for _, c := range changes {
		for i := range out {
			if out[i].id == c.id {
				out[i] = c
				continue next
			}
		}
		out = append(out, c)
	}
	return out
}

func without(entries []entry, id uint16) []entry {
	var out []entry
	for _, e := range entries {
		if e.id != id {
			out = append(out, e)
		}
	}
	return out
}

// grayscale describes a page of uint8 samples in one uncompressed strip.
func grayscale(width, height, offset, count uint64) []entry {
	return []entry{long(tiff.ImageWidth, width), long(tiff.ImageLength, height), short(tiff.BitsPerSample, 8),
		short(tiff.Compression, 1), long(tiff.StripOffsets, offset), long(tiff.RowsPerStrip, height),
		long(tiff.StripByteCounts, count)}
}

func open(data []byte, opts tiff.Options) (*tiff.File, error) {
	return tiff.Open(bytes.NewReader(data), int64(len(data)), opts)
}

// readAll opens a file and decodes its first page.
func readAll(ctx context.Context, data []byte, opts tiff.Options) ([]byte, error) {
	f, err := open(data, opts)
	if err != nil {
		return nil, err
	}
	if err := f.Pages[0].Unsupported(); err != nil {
		return nil, err
	}
	out := make([]byte, f.Pages[0].Bytes())
	return out, f.ReadPage(ctx, 0, out)
}

func deflated(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
