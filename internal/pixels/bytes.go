package pixels

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"slices"
	"unsafe"
)

// nativeBytes returns the memory of the samples, in the machine's byte order.
//
// Decoding straight into a plane's memory saves a second buffer of the plane's
// size, which costs more than the decoding; that is the one reason for unsafe
// here. Samples of all three types may be seen as bytes, and the slice keeps
// them alive.
func (p Plane) nativeBytes() []byte {
	switch {
	case p.u8 != nil:
		return p.u8
	case len(p.u16) > 0:
		return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(p.u16))), 2*len(p.u16))
	case len(p.f32) > 0:
		return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(p.f32))), 4*len(p.f32))
	}
	return nil
}

func nativeIsLittleEndian() bool { return binary.NativeEndian.Uint16([]byte{1, 0}) == 1 }

// Fill lets read put little-endian samples in row order into the plane's own
// memory. The bytes must not be kept. What the plane holds after an error is
// undefined.
func (p Plane) Fill(read func(littleEndian []byte) error) error {
	memory := p.nativeBytes()
	if err := read(memory); err != nil {
		return err
	}
	if !nativeIsLittleEndian() {
		swap(memory, p.DType().Size())
	}
	return nil
}

func swap(b []byte, size int) {
	for i := 0; size > 1 && i+size <= len(b); i += size {
		slices.Reverse(b[i : i+size])
	}
}

// Bytes returns a copy of the samples as little-endian bytes in row order.
func (p Plane) Bytes() []byte {
	b := bytes.Clone(p.nativeBytes())
	if !nativeIsLittleEndian() {
		swap(b, p.DType().Size())
	}
	return b
}

// WriteTo writes the samples as little-endian bytes in row order.
func (p Plane) WriteTo(w io.Writer) (int64, error) {
	b := p.nativeBytes()
	if !nativeIsLittleEndian() {
		b = p.Bytes()
	}
	n, err := w.Write(b)
	return int64(n), err
}

// SHA256 returns the hash of the samples as little-endian bytes in row order.
// Type and size are not in it.
func (p Plane) SHA256() [sha256.Size]byte {
	if nativeIsLittleEndian() {
		return sha256.Sum256(p.nativeBytes())
	}
	return sha256.Sum256(p.Bytes())
}
