package tiff

import (
	"encoding/binary"
	"math"
)

// Field is a tag to write: its values as little-endian bytes.
type Field struct {
	ID    uint16
	Type  Type
	Count uint32
	Data  []byte
	// Room is how many zero bytes follow the values in the file without being
	// counted.
	Room int
}

// ShortField returns a field of SHORT values.
func ShortField(id uint16, values ...uint16) Field {
	f := Field{ID: id, Type: Short, Count: uint32(len(values))}
	for _, v := range values {
		f.Data = binary.LittleEndian.AppendUint16(f.Data, v)
	}
	return f
}

// LongField returns a field of LONG values.
func LongField(id uint16, values ...uint32) Field {
	f := Field{ID: id, Type: Long, Count: uint32(len(values))}
	for _, v := range values {
		f.Data = binary.LittleEndian.AppendUint32(f.Data, v)
	}
	return f
}

// Long8Field returns a field of LONG8 values, which only a BigTIFF has.
func Long8Field(id uint16, values ...uint64) Field {
	f := Field{ID: id, Type: Long8, Count: uint32(len(values))}
	for _, v := range values {
		f.Data = binary.LittleEndian.AppendUint64(f.Data, v)
	}
	return f
}

// DoubleField returns a field of DOUBLE values.
func DoubleField(id uint16, values ...float64) Field {
	f := Field{ID: id, Type: Double, Count: uint32(len(values))}
	for _, v := range values {
		f.Data = binary.LittleEndian.AppendUint64(f.Data, math.Float64bits(v))
	}
	return f
}

// TextField returns an ASCII field: the text and the NUL that ends it.
func TextField(id uint16, text string) Field {
	return Field{ID: id, Type: ASCII, Count: uint32(len(text) + 1), Data: append([]byte(text), 0)}
}

// RationalField returns a field of one RATIONAL.
func RationalField(id uint16, numerator, denominator uint32) Field {
	f := LongField(id, numerator, denominator)
	f.Type, f.Count = Rational, 1
	return f
}

// SRationalField returns a field of one SRATIONAL.
func SRationalField(id uint16, numerator, denominator int32) Field {
	f := RationalField(id, uint32(numerator), uint32(denominator))
	f.Type = SRational
	return f
}
