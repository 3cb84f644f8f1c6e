package model

// Span is a piece of a file, in bytes.
type Span struct{ Offset, Length int64 }

// TIFFIndex is all that a reader needs of a TIFF before its pixels. It is empty
// for a file whose index is too large, or in too many pieces, to be handed out.
type TIFFIndex struct {
	// Spans are its pieces, in the file's order.
	Spans []Span
	// Packed are the bytes of the pieces, one after the other, deflated.
	Packed []byte
}

// Limits of a TIFFIndex: some twenty times what a usual TIFF of 40 pages needs.
const (
	MaxIndexSpans  = 1 << 10
	MaxIndexBytes  = 1 << 20
	MaxIndexPacked = 128 << 10
)
