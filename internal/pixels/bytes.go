package pixels

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// pieceBytes is how many bytes of samples are turned at a time, a multiple of
// every sample's size: few enough to stay in the nearest cache.
const pieceBytes = 16 << 10

// SetBytes sets samples from little-endian bytes in row order, beginning with
// sample first. It panics if they are more than the plane has from there on, or
// not whole samples.
func (p Plane) SetBytes(first int, b []byte) {
	n := len(b) / max(p.dtype.Size(), 1)
	if n*p.dtype.Size() != len(b) || first < 0 || n > p.Len()-first {
		panic(fmt.Sprintf("pixels: %d bytes for a plane of %d samples of %s, from sample %d on", len(b), p.Len(), p.dtype, first))
	}
	end := first + n
	switch s := p.samples.(type) {
	case []uint8:
		copy(s[first:end], b)
	case []int8:
		for i := range s[first:end] {
			s[first+i] = int8(b[i])
		}
	case []uint16:
		decode16(s[first:end], b)
	case []int16:
		decode16(s[first:end], b)
	case []uint32:
		decode32(s[first:end], b)
	case []int32:
		decode32(s[first:end], b)
	case []uint64:
		decode64(s[first:end], b)
	case []int64:
		decode64(s[first:end], b)
	case []float32:
		for i := range s[first:end] {
			s[first+i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		}
	case []float64:
		for i := range s[first:end] {
			s[first+i] = math.Float64frombits(binary.LittleEndian.Uint64(b[8*i:]))
		}
	}
}

func decode16[T uint16 | int16](s []T, b []byte) {
	// Four samples a step: one load, and one check of bounds on each side.
	for len(s) >= 4 && len(b) >= 8 {
		v := binary.LittleEndian.Uint64(b)
		s[0], s[1], s[2], s[3] = T(v), T(v>>16), T(v>>32), T(v>>48)
		s, b = s[4:], b[8:]
	}
	for i := range s {
		s[i] = T(binary.LittleEndian.Uint16(b[2*i:]))
	}
}

func decode32[T uint32 | int32](s []T, b []byte) {
	for i := range s {
		s[i] = T(binary.LittleEndian.Uint32(b[4*i:]))
	}
}

func decode64[T uint64 | int64](s []T, b []byte) {
	for i := range s {
		s[i] = T(binary.LittleEndian.Uint64(b[8*i:]))
	}
}

// encode writes the samples from the first one on into b, as many as fit, as
// little-endian bytes, and returns what it wrote.
func (p Plane) encode(b []byte, first int) []byte {
	size := p.dtype.Size()
	n := min(len(b)/max(size, 1), p.Len()-first)
	b = b[:n*size]
	switch s := p.samples.(type) {
	case []uint8:
		copy(b, s[first:])
	case []int8:
		for i, v := range s[first : first+n] {
			b[i] = byte(v)
		}
	case []uint16:
		encode16(b, s[first:first+n])
	case []int16:
		encode16(b, s[first:first+n])
	case []uint32:
		encode32(b, s[first:first+n])
	case []int32:
		encode32(b, s[first:first+n])
	case []uint64:
		encode64(b, s[first:first+n])
	case []int64:
		encode64(b, s[first:first+n])
	case []float32:
		for i, v := range s[first : first+n] {
			binary.LittleEndian.PutUint32(b[4*i:], math.Float32bits(v))
		}
	case []float64:
		for i, v := range s[first : first+n] {
			binary.LittleEndian.PutUint64(b[8*i:], math.Float64bits(v))
		}
	}
	return b
}

func encode16[T uint16 | int16](b []byte, s []T) {
	for len(s) >= 4 && len(b) >= 8 {
		binary.LittleEndian.PutUint64(b, uint64(uint16(s[0]))|uint64(uint16(s[1]))<<16|uint64(uint16(s[2]))<<32|uint64(uint16(s[3]))<<48)
		s, b = s[4:], b[8:]
	}
	for i, v := range s {
		binary.LittleEndian.PutUint16(b[2*i:], uint16(v))
	}
}

func encode32[T uint32 | int32](b []byte, s []T) {
	for i, v := range s {
		binary.LittleEndian.PutUint32(b[4*i:], uint32(v))
	}
}

func encode64[T uint64 | int64](b []byte, s []T) {
	for i, v := range s {
		binary.LittleEndian.PutUint64(b[8*i:], uint64(v))
	}
}

// pieces calls do with the samples as little-endian bytes in row order, piece
// after piece with the offset of each, until do returns false. The bytes must
// not be kept or changed.
func (p Plane) pieces(do func(at int, piece []byte) bool) {
	if b, ok := p.samples.([]uint8); ok {
		for at := 0; at < len(b); at += pieceBytes {
			if !do(at, b[at:min(at+pieceBytes, len(b))]) {
				return
			}
		}
		return
	}
	var buffer [pieceBytes]byte
	size := p.dtype.Size()
	for first := 0; first < p.Len(); first += pieceBytes / size {
		if !do(first*size, p.encode(buffer[:], first)) {
			return
		}
	}
}

// AppendBytes appends the samples as little-endian bytes in row order to b.
func (p Plane) AppendBytes(b []byte) []byte {
	start := len(b)
	b = append(b, make([]byte, p.Len()*p.dtype.Size())...)
	p.encode(b[start:], 0)
	return b
}

// Bytes returns the samples as little-endian bytes in row order.
func (p Plane) Bytes() []byte { return p.AppendBytes(nil) }

// WriteTo writes the samples as little-endian bytes in row order.
func (p Plane) WriteTo(w io.Writer) (written int64, err error) {
	p.pieces(func(_ int, piece []byte) bool {
		var n int
		n, err = w.Write(piece)
		written += int64(n)
		return err == nil
	})
	return written, err
}

// SHA256 returns the hash of the samples as little-endian bytes in row order.
// Type and size are not in it.
func (p Plane) SHA256() (sum [sha256.Size]byte) {
	h := sha256.New()
	p.pieces(func(_ int, piece []byte) bool {
		h.Write(piece)
		return true
	})
	h.Sum(sum[:0])
	return sum
}
