package model

// Span is a piece of a file, in bytes.
type Span struct{ Offset, Length int64 }
