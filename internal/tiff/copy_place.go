package tiff

import "encoding/binary"

// placer makes the head of a TIFF of one page: header, directory, values.
type placer struct {
	order binary.AppendByteOrder
	form  form
	bytes []byte
	next  int // where the next entry of the directory goes
}

func (b *placer) put16(to []byte, v uint16) []byte { return b.order.AppendUint16(to, v) }

func (b *placer) putOffset(to []byte, v uint64) []byte {
	if b.form == big {
		return b.order.AppendUint64(to, v)
	}
	return b.order.AppendUint32(to, uint32(v))
}

// header begins the file; the directory follows it.
func (b *placer) header(bigEndian bool) {
	mark := "II"
	if bigEndian {
		mark = "MM"
	}
	b.bytes = append(b.bytes, mark...)
	if b.form == big {
		b.bytes = b.put16(b.put16(b.put16(b.bytes, 43), 8), 0)
		b.bytes = b.putOffset(b.bytes, 16)
		return
	}
	b.bytes = b.putOffset(b.put16(b.bytes, 42), 8)
}

// directory makes room for so many entries and the end of the chain of pages.
func (b *placer) directory(entries int) {
	if b.form == big {
		b.bytes = b.order.AppendUint64(b.bytes, uint64(entries))
	} else {
		b.bytes = b.put16(b.bytes, uint16(entries))
	}
	b.next = len(b.bytes)
	b.bytes = append(b.bytes, make([]byte, entries*b.entrySize()+b.form.offsetSize())...)
}

func (b *placer) entrySize() int { return 4 + 2*b.form.offsetSize() }

// entry fills the next entry, and says where its values begin.
func (b *placer) entry(id uint16, typ Type, count uint64, values []byte) (at int) {
	entry := b.putOffset(b.put16(b.put16(nil, id), uint16(typ)), count)
	if len(values) <= b.form.offsetSize() {
		at = b.next + len(entry)
		entry = append(entry, values...)
	} else {
		b.bytes = pad(b.bytes, 0, 2)
		at = len(b.bytes)
		entry = b.putOffset(entry, uint64(at))
		b.bytes = append(b.bytes, values...)
	}
	copy(b.bytes[b.next:], entry)
	b.next += b.entrySize()
	return at
}

// placeType is the type of offsets: that of the original where it takes the
// largest.
func (b *placer) placeType(original Type) Type {
	switch {
	case b.form == big && original != Long8:
		return Long8
	case b.form == classic && original != Long:
		return Long
	}
	return original
}

// numbers are whole numbers as values of a type that they fit into.
func (b *placer) numbers(typ Type, numbers []uint64) []byte {
	values := make([]byte, 0, uint64(len(numbers))*typ.Size())
	for _, n := range numbers {
		switch typ {
		case Byte:
			values = append(values, byte(n))
		case Short:
			values = b.put16(values, uint16(n))
		case Long, IFD:
			values = b.order.AppendUint32(values, uint32(n))
		default:
			values = b.order.AppendUint64(values, n)
		}
	}
	return values
}
