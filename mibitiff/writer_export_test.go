package mibitiff

// WithStrips puts other streams in the place of the compressed samples.
func WithStrips(pack func(raw []byte) ([]byte, error)) WriterOption {
	return func(o *writerOptions) { o.pack = pack }
}
