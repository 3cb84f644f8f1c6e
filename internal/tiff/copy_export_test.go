package tiff

// WithClassicLimit makes copies that are longer BigTIFFs.
func (o Options) WithClassicLimit(n uint64) Options {
	o.classicLimit = n
	return o
}
