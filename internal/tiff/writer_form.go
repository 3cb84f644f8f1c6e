package tiff

import (
	"encoding/binary"
	"math"
)

// form is a classic TIFF or a BigTIFF: how wide counts and offsets are.
type form bool

const (
	classic form = false
	big     form = true
)

// header returns the file's first bytes, up to the first directory.
func (f form) header() []byte {
	if f == big {
		return []byte{'I', 'I', 43, 0, 8, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0}
	}
	return []byte{'I', 'I', 42, 0, 8, 0, 0, 0}
}

// offsetSize returns the bytes of an offset, of a count of values, and of the
// values that a directory holds itself.
func (f form) offsetSize() int {
	if f == big {
		return 8
	}
	return 4
}

// limit returns the largest offset.
func (f form) limit() uint64 {
	if f == big {
		return math.MaxInt64
	}
	return math.MaxUint32
}

func (f form) appendOffset(b []byte, offset uint64) []byte {
	if f == big {
		return binary.LittleEndian.AppendUint64(b, offset)
	}
	return binary.LittleEndian.AppendUint32(b, uint32(offset))
}

func (f form) putOffset(b []byte, offset uint64) {
	if f == big {
		binary.LittleEndian.PutUint64(b, offset)
	} else {
		binary.LittleEndian.PutUint32(b, uint32(offset))
	}
}

// offsetField returns a field of one offset or byte count.
func (f form) offsetField(id uint16, value uint64) Field {
	if f == big {
		return Long8Field(id, value)
	}
	return LongField(id, uint32(value))
}

// appendDirectory appends a directory with the values that fit into it, and
// zeros for the other values' offsets and for the link to the next directory.
func (f form) appendDirectory(b []byte, fields []Field) []byte {
	if f == big {
		b = binary.LittleEndian.AppendUint64(b, uint64(len(fields)))
	} else {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(fields)))
	}
	for _, field := range fields {
		b = binary.LittleEndian.AppendUint16(b, field.ID)
		b = binary.LittleEndian.AppendUint16(b, uint16(field.Type))
		b = f.appendOffset(b, uint64(field.Count))
		value := make([]byte, f.offsetSize())
		if len(field.Data) <= len(value) {
			copy(value, field.Data)
		}
		b = append(b, value...)
	}
	return f.appendOffset(b, 0)
}

// valueSlot returns where in a directory the value of field i stands, or its
// offset.
func (f form) valueSlot(i int) int {
	if f == big {
		return 8 + 20*i + 12
	}
	return 2 + 12*i + 8
}
