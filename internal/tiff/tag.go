package tiff

import (
	"encoding/binary"
	"math"
	"strings"
)

// Tag is one entry of a page.
type Tag struct {
	ID    uint16
	Type  Type
	Count uint64

	order binary.ByteOrder
	// data holds the values where they are kept; nil means they are still in
	// the file, at offset.
	data   []byte
	offset uint64
}

// Kept reports whether the values are at hand. Others need [File.Load].
func (t Tag) Kept() bool { return t.data != nil }

// Text returns ASCII values up to the first NUL.
func (t Tag) Text() (string, bool) {
	if t.data == nil || t.Type != ASCII && t.Type != Byte && t.Type != Undefined {
		return "", false
	}
	text, _, _ := strings.Cut(string(t.data), "\x00")
	return text, true
}

func (t Tag) slot(i int) []byte {
	size := int(t.Type.Size())
	if i < 0 || size == 0 || i >= len(t.data)/size {
		return nil
	}
	return t.data[i*size : (i+1)*size]
}

// Uint returns value i of an unsigned integer type.
func (t Tag) Uint(i int) (uint64, bool) {
	b := t.slot(i)
	if b == nil {
		return 0, false
	}
	switch t.Type {
	case Byte:
		return uint64(b[0]), true
	case Short:
		return uint64(t.order.Uint16(b)), true
	case Long, IFD:
		return uint64(t.order.Uint32(b)), true
	case Long8, IFD8:
		return t.order.Uint64(b), true
	}
	return 0, false
}

// Rational returns value i of a RATIONAL or SRATIONAL as its two parts.
func (t Tag) Rational(i int) (numerator, denominator int64, ok bool) {
	b := t.slot(i)
	if b == nil || t.Type != Rational && t.Type != SRational {
		return 0, 0, false
	}
	n, d := t.order.Uint32(b), t.order.Uint32(b[4:])
	if t.Type == SRational {
		return int64(int32(n)), int64(int32(d)), true
	}
	return int64(n), int64(d), true
}

// Float returns value i of any numeric type. It reports false for a fraction
// with a zero denominator.
func (t Tag) Float(i int) (float64, bool) {
	if n, d, ok := t.Rational(i); ok {
		return float64(n) / float64(d), d != 0
	}
	if u, ok := t.Uint(i); ok {
		return float64(u), true
	}
	b := t.slot(i)
	if b == nil {
		return 0, false
	}
	switch t.Type {
	case SByte:
		return float64(int8(b[0])), true
	case SShort:
		return float64(int16(t.order.Uint16(b))), true
	case SLong:
		return float64(int32(t.order.Uint32(b))), true
	case SLong8:
		return float64(int64(t.order.Uint64(b))), true
	case Float:
		return float64(math.Float32frombits(t.order.Uint32(b))), true
	case Double:
		return math.Float64frombits(t.order.Uint64(b)), true
	}
	return 0, false
}
